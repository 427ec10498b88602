"""The form in which `check` and `show` answer people: the finding, the words it is about, and the clause it comes from."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from console.cite import finding_words
from console.cli.formats import Judged, Page
from console.cli.terminal import clean, fit, paint
from console.text import DisplayText, cells
from console.whom import whom
from console.words import choose, say

_INDENT = "      "
_ROOM = 30
"""Characters shown on either side of a span."""
_MARKED = 60
"""Characters shown of a span: a longer one is named by its beginning."""
_WHAT = 60
"""Columns for what a draft waits for: the whole sentence stands with the finding."""


class AnyFinding(Protocol):
    """A finding from the evaluator or from the wire: both have these."""

    @property
    def clause(self) -> str: ...
    @property
    def cite(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def rule(self) -> str: ...
    @property
    def verdict(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def message(self) -> str: ...
    @property
    def message_en(self) -> str: ...
    @property
    def fix(self) -> str | None: ...
    @property
    def fix_safe(self) -> bool: ...
    @property
    def shadow(self) -> str | None: ...
    @property
    def lift(self) -> tuple[str, ...]: ...


def verdict_words(verdict: str) -> str:
    """A verdict as people read it, with the word that the contract uses: 「要修正 block」."""
    return say("cli", f"verdict.{verdict}")


def judged_lines(judged: Judged) -> Iterator[str]:
    """One item's whole answer."""
    answer = judged.answer
    policy = f"{answer.policy.id} {answer.policy.version or ''}".rstrip()
    lengths = "  ".join(f"{clean(p)} {length.weighted}/{length.limit}" for p, length in answer.length.items())
    yield "  ".join(
        [paint("bold", clean(answer.id)), paint(answer.verdict, verdict_words(answer.verdict)), policy, lengths]
    ).rstrip()
    for finding in answer.findings:
        yield from finding_lines(finding, judged.page)
    for line in answer.missing:
        what = fit(clean(choose(line.what, line.what_en)), _WHAT)
        yield "  " + say("cli", "check.waits", what=what, who=clean(whom(line)), clause=clean(line.clause) or "-")


def finding_lines(finding: AnyFinding, page: Page) -> Iterator[str]:
    """One finding: where and under which clause, the neutral sentence, the words themselves, the clause verbatim, what to do."""
    spot = "{}:{}".format(*page.at(finding.start)) if finding.end > finding.start else "-"
    head = f"{paint(finding.verdict, verdict_words(finding.verdict))}  {clean(finding.clause)}  {clean(finding_words(finding.clause, finding.cite, finding.basis))}"
    yield f"  {spot:<6} {head}  [{clean(finding.rule)}]"
    yield _INDENT + clean(choose(finding.message, finding.message_en))
    if finding.end > finding.start:
        yield from (_INDENT + line for line in excerpt(page, finding.start, finding.end))
    if finding.text:
        yield _INDENT + paint("dim", say("cli", "check.clause", text=clean(" ".join(finding.text.split()))))
    if finding.shadow is not None:
        yield _INDENT + say("cli", "check.shadow", level=verdict_words(finding.shadow))
    if finding.fix is not None:
        key = "fix_out" if not finding.fix else "fix" if finding.fix_safe else "fix_unsafe"
        yield _INDENT + say("cli", f"check.{key}", fix=clean(finding.fix))
    if finding.lift:
        yield _INDENT + say("cli", "check.lift", titles=" / ".join(map(title_words, finding.lift)))


def title_words(title: str) -> str:
    """A title that may lift a hold; those that stand for whoever holds an office are named in words."""
    return say("cli", f"title.{title[1:]}") if title in ("@approver", "@unit-chief") else clean(title)


def excerpt(page: Page, start: int, end: int) -> Iterator[str]:
    """The line of text around a span, and a line of `^` under the span; a span over several lines is shown to the end of its first."""
    first, last = page.body + start, page.body + end
    line_start = page.whole.rfind("\n", 0, first) + 1
    line_end = page.whole.find("\n", first)
    line_end = len(page.whole) if line_end < 0 else line_end
    last = max(min(last, line_end), first)
    shown = min(last, first + _MARKED)
    left = max(line_start, first - _ROOM)
    right = min(line_end, shown + _ROOM) if shown == last else shown
    before, marked, after = (DisplayText.of(page.whole[a:b]).plain for a, b in ((left, first), (first, shown), (shown, right)))
    before = ("…" if left > line_start else "") + before
    after += "…" if right < line_end else ""
    # A span of invisible characters alone still gets its mark.
    yield f"| {before}{paint('mark', marked)}{after}"
    yield f"| {' ' * cells(before)}{'^' * max(cells(marked), 1)}"
