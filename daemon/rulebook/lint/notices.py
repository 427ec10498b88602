"""What can be wrong with `[notices]` and with the addresses of those who are told."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from daemon.rulebook.model import Problem
from daemon.rulebook.notices import MUTABLE, NoticeRules, why_no_address
from daemon.rulebook.parse import OfficeFile

_BOUNDS = {"digest_minutes": (0, 1440), "near_minutes": (0, 1440), "unattended_hours": (0, 240), "seconds": (1, 300)}


def check_notices(file: OfficeFile) -> Iterator[Problem]:
    """All problems of how people are told. A command that is not there is a warning: notices wait, and every screen says so."""
    for index, operator in file.operators:
        if operator.mail and (wrong := why_no_address(operator.mail)):
            line = file.source.line("operators", index, "mail")
            yield file.source.problem(line, f"{operator.login}: {wrong[0]}", f"{operator.login}: {wrong[1]}")
        for kind in operator.mute:
            if kind not in MUTABLE:
                line = file.source.line("operators", index, "mute")
                said = f"{operator.login}: mute に書けるのは {'、'.join(MUTABLE)} です（{kind} は止められません）。"
                yield file.source.problem(line, said, f"{operator.login}: mute takes {', '.join(MUTABLE)}; {kind} always comes.")
    rules = file.notices
    if rules is None:
        return
    for key, (least, most) in _BOUNDS.items():
        if not least <= getattr(rules, key) <= most:
            line = file.source.line("notices", None, key)
            yield file.source.problem(line, f"{key} は {least}〜{most} です。", f"{key} is {least} to {most}.")
    if rules.from_ and (wrong := why_no_address(rules.from_)):
        yield file.source.problem(file.source.line("notices", None, "from"), f"from: {wrong[0]}", f"from: {wrong[1]}")
    yield from _command(file, rules)


def _command(file: OfficeFile, rules: NoticeRules) -> Iterator[Problem]:
    key, program = ("hook", rules.hook[0]) if rules.hook else ("sendmail", rules.sendmail)
    line = file.source.line("notices", None, key)
    if not Path(program).is_absolute() or any("\0" in part for part in rules.command):
        said = f"{key} のプログラムは / から書いてください（今の値: {program!r}）。シェルは使われません。"
        yield file.source.problem(
            line, said, f"{key}: write the program's whole path, from / on (now: {program!r}). No shell is used."
        )
    elif not os.access(program, os.X_OK):
        said = f"{key} の {program} を実行できません。置かれるまで、通知は列で待ちます。"
        yield file.source.problem(line, said, f"{key}: {program} cannot be run; notices wait until it can.", warning=True)
