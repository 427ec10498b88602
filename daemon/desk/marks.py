"""The marks of a draft in the queue: what it belongs to, in a word that stands before its title."""

from __future__ import annotations

from daemon.desk.case import Case, Setting
from daemon.desk.states import IN_HAND
from daemon.rulebook.channels import carries_out
from daemon.rulebook.item import KIND_NAMES


def marks_of(case: Case, setting: Setting) -> tuple[tuple[str, str], ...]:
    """What a draft belongs to, each mark in both languages."""
    return (*_of_set(case, setting), *_of_links(case, setting), *_by_hand(case))


def _by_hand(case: Case) -> tuple[tuple[str, str], ...]:
    """That a person will have to put it out, where its account has a channel that otherwise does: known before anybody approves."""
    if case.account.channel == "manual" or case.channel != "manual" or case.state not in IN_HAND:
        return ()
    if carries_out(case.account.channel, case.item.kind):
        return (("人が発信（画像あり）", "by a person (images)"),)
    return ((f"人が行う（{KIND_NAMES[case.item.kind]}）", f"by a person ({case.item.kind})"),)


def _of_links(case: Case, setting: Setting) -> tuple[tuple[str, str], ...]:
    link = setting.links.get(case.id) if setting.links is not None else None
    if link is None:
        return ()
    words = {
        ("correction", True): ("訂正あり", "corrected"),
        ("correction", False): ("訂正待ち", "correction waits"),
        ("delete", True): ("削除済（写しは残る）", "deleted (copies remain)"),
        ("delete", False): ("削除待ち", "deletion waits"),
    }
    marks = [words[kind, state == "released"] for kind, _, state in link.by]
    marks = [(f"{ja} #{number}", f"{en} #{number}") for (ja, en), (_, number, _) in zip(marks, link.by, strict=True)]
    marks = [*((f"訂正待ち（後閲で不可 R{each}）", f"to be corrected (objected to, R{each})") for each in link.objected), *marks]
    if link.original is not None:
        ja, en = ("訂正", "corrects") if link.kind == "correction" else ("削除", "deletes")
        marks.append((f"{ja}→#{link.original}", f"{en} #{link.original}"))
    return tuple(marks)


def _of_set(case: Case, setting: Setting) -> tuple[tuple[str, str], ...]:
    found = setting.sets.get(case.id) if setting.sets is not None else None
    if found is None:
        return ()
    out = found.of - len(found.lacking)
    part, part_en = ("!不完全", "!IN PART") if found.broken else ("", "")
    return ((f"一斉{found.id} {out}/{found.of}{part}", f"set {found.id} {out}/{found.of}{part_en}"),)
