"""Which of the fixes that findings offer can be carried out together, and which of them by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Mend(Protocol):
    """A finding as far as its fix goes: the text that stands in the place of a span of the judged text."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def fix(self) -> str | None: ...
    @property
    def fix_safe(self) -> bool: ...


def has_fix(finding: Mend) -> bool:
    """Whether anything would change: a span with other words for it, or words to be put in at a place."""
    return finding.fix is not None and (finding.end > finding.start or bool(finding.fix))


M = TypeVar("M", bound=Mend)


def chosen(findings: Iterable[M], *, unsafe: bool) -> list[M]:
    """The findings whose fixes can be carried out together, by place; of two that overlap, or stand at the same place, the first."""
    fixes: list[M] = []
    for finding in sorted(findings, key=lambda each: (each.start, each.end)):
        if not has_fix(finding) or not (unsafe or finding.fix_safe):
            continue
        last = fixes[-1] if fixes else None
        if last is None or finding.start > last.start and finding.start >= last.end:
            fixes.append(finding)
    return fixes


def left_over(findings: Iterable[Mend]) -> int:
    """How many fixes are offered that are not safe."""
    return sum(has_fix(finding) and not finding.fix_safe for finding in findings)
