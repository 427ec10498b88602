"""What can be wrong with the office's classes of records (保存年限): doubled names, a period that is none, an act in two classes."""

from __future__ import annotations

from collections.abc import Iterator

from daemon.rulebook.model import Problem
from daemon.rulebook.parse import OfficeFile

MOST_YEARS = 100


def check_retention(office: OfficeFile) -> Iterator[Problem]:
    """All problems of `[[retention]]`."""
    ids: set[str] = set()
    of: dict[str, str] = {}
    rests = [each.id for _, each in office.retention if not each.acts]
    for index, each in office.retention:

        def here(key: str, message: str, message_en: str, index: int = index, name: str = each.id) -> Problem:
            line = office.source.line("retention", index, key)
            return office.source.problem(line, f"保存の区分 {name}: {message}", f"Retention {name}: {message_en}")

        if each.id in ids:
            yield here("id", "同じ id の区分が前にもあります。", "another class before this one has the same id.")
        ids.add(each.id)
        if not 1 <= each.years <= MOST_YEARS:
            yield here("years", f"years は 1〜{MOST_YEARS} です。", f"years is 1 to {MOST_YEARS}.")
        for act in each.acts:
            if (before := of.setdefault(act, each.id)) != each.id:
                yield here("acts", f"「{act}」は区分 {before} にもあります。", f"'{act}' is in the class {before}, too.")
        if not each.acts and each.id != rests[0]:
            yield here("acts", f"acts のない区分は一つだけです（{rests[0]}）。", f"only one class may have no acts ({rests[0]}).")
