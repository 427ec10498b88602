"""What a judgement says: findings, what is missing, and which of the levels is the worst."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Level = Literal["block", "hold", "warn", "info", "act", "look"]
Verdict = Literal["pass", "info", "warn", "hold", "block", "look", "act"]

_ORDER: tuple[Verdict, ...] = ("pass", "info", "look", "warn", "hold", "act", "block")


class Finding(Struct, frozen=True, kw_only=True):
    """One thing that one clause has to say about one text.

    `start` and `end` are code points into the judged text; a finding about the whole draft has `start == end == 0`.
    `message` is the neutral sentence that a person reads (Japanese), `message_en` the same in English; `fix` is the text that
    may stand in the place of the span, where it can be mended at once. `lift` names the titles (職) who may clear a `hold`.
    `lifted` says that such a person has cleared it for this very revision: it no longer counts.
    """

    clause: str
    cite: str
    text: str
    rule: str
    verdict: Level
    start: int = 0
    end: int = 0
    message: str = ""
    message_en: str = ""
    fix: str | None = None
    fix_safe: bool = False
    """The fix cannot change what the text says, so that it may be carried out without a look at each."""
    lift: tuple[str, ...] = ()
    lifted: bool = False
    shadow: Level | None = None
    """The level that it would have, of a rule on trial (`shadow = true`): then it is recorded, and counts for nothing."""
    basis: str = ""
    """For what the office itself adds (`clause` is `office/…`): how the clause is cited that lets it; empty: 根拠規定なし."""


class Missing(Struct, frozen=True, kw_only=True):
    """One line of 「なぜまだ出ないか」: what a draft still waits for, from whom, under which clause, and the act that settles it.

    `who` is made of titles, names or 「作成者」, ready to be shown; `act` is the command that resolves the line (`approve`,
    `except`, `edit`, `take`, `resume`, `wait` …); `rule` is set where the line is an unlifted hold. `logins` are the people on the register
    whom `who` means, so that they can be told; empty where it means nobody in particular.
    """

    what: str
    what_en: str
    who: str
    clause: str
    act: str
    rule: str = ""
    logins: tuple[str, ...] = ()


def worst(findings: Iterable[Finding]) -> Verdict:
    """The overall verdict: the worst level among the findings that nobody has lifted and whose rule is in force; `pass` where there is
    none."""
    return max((f.verdict for f in findings if not f.lifted and f.shadow is None), key=_ORDER.index, default="pass")
