"""What can be wrong with the editions of a policy: their names, their days, and that no day belongs to two of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from daemon.rulebook.folders import EDITION
from daemon.rulebook.model import Problem
from daemon.rulebook.parse import PolicyFile
from daemon.rulebook.versions import latest_begun, version_on


def check_edition(file: PolicyFile) -> Iterator[Problem]:
    """A policy is found by its file's name, so the two must agree; an amendment's name says from which day it is in force, and so does
    its text. This also keeps two files from claiming one id."""
    stem, policy_id = file.source.path.stem, file.id
    named = EDITION.fullmatch(stem)
    if named is None or named["id"] != policy_id:
        line = file.source.line("policy", key="id")
        yield file.source.problem(
            line,
            f"要綱の id「{policy_id}」とファイル名が違います。{policy_id}.toml（改正後の版は {policy_id}@2027-04-01.toml）としてください。",
            f"The policy's id is '{policy_id}': name the file {policy_id}.toml (an amended version: {policy_id}@2027-04-01.toml).",
        )
    elif named["day"] and str(file.starts) != named["day"]:
        line = file.source.line("version", max(0, len(file.versions) - 1), "from")
        yield file.source.problem(
            line,
            f"ファイル名の施行日 {named['day']} と、text = true の版の from（{file.starts or '記載なし'}）が違います。",
            f"The file's name says {named['day']}, but its version with text = true is in force from {file.starts or 'no stated day'}.",
        )


def check_editions(files: Sequence[PolicyFile], today: date) -> Iterator[Problem]:
    """Two editions of one policy that begin on the same day: neither could be chosen. And a policy of whose version in force `today` (in
    Japan) no file has the wording: nothing can be judged by it."""
    latest = files[latest_begun([file.starts for file in files], today) or 0]
    current = version_on(latest.versions, today)
    if any(version.text for version in latest.versions) and (current is None or not current.text):
        yield latest.source.problem(
            latest.source.line("version", 0),
            f"{today.isoformat()} に効力のある版の条文が手元にありません。",
            f"The wording of the version in force on {today.isoformat()} is not in hand.",
            warning=True,
        )
    for before, after in pairwise(files):
        if before.starts == after.starts:
            day, path = after.starts or "施行日なし", before.source.path
            yield after.source.problem(
                after.source.line("version", 0),
                f"同じ施行日（{day}）の条文が {path} にもあります。どちらかを消してください。",
                f"{path} has a wording from the same day ({after.starts or 'no date'}): delete one of the two.",
            )
