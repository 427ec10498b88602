"""One draft as a sheet for somebody who decides about it: where it would go, what it says, under which clauses, what has changed."""

from __future__ import annotations

from collections.abc import Iterator

from console.cite import cite_words
from console.money import dollars
from console.text import DisplayText
from console.tui.guard import guard_part
from console.tui.ink import Ink
from console.tui.office import Condition
from console.tui.paint import lit
from console.tui.part import Part
from console.tui.rows import VERDICT_INK, verdict_word
from console.tui.sheets import badges, blank, headline, line
from console.tui.tell import NEWLINE, either, short_time, tell
from console.whom import whom
from console.words import word
from console.words.marks import aside, listed
from daemon.wire import FindingSeen, ForDecision, check_number

_CHANGE: dict[str, tuple[str, Ink]] = {"add": ("+", "good"), "del": ("-", "alert"), "same": (" ", "dim")}


def decision_sheet(facts: ForDecision, colour: str, standing: Condition) -> list[Part]:
    """Everything that has to be seen before a decision, the account (in its own colour) and the text first: nobody should decide for
    another account than they think."""
    shown = DisplayText.of(facts.text.strip("\r\n"), block=True)
    parts = [
        *_warnings(facts, standing),
        *line(*guard_part(facts, colour)),
        *_front(facts),
        *blank(),
        *headline(tell("decide.text")),
        *lit(shown, []),
        Part(NEWLINE),
    ]
    parts += badges(shown)
    if facts.images:
        parts += line(Part(tell("decide.images"), "dim"), DisplayText.of("  ".join(facts.images)))
    parts += [*blank(), *_findings(facts.findings)]
    if facts.returned is not None:
        parts += [*blank(), *_changes(facts)]
    return [*parts, *blank(), *_matters(facts)]


def over_sheet(decided: int) -> list[Part]:
    """What stands there when nothing waits any more."""
    if not decided:
        return [*blank(), *line(Part(tell("decide.none"), "strong"))]
    return [*blank(), *line(Part(tell("decide.over"), "strong")), *line(tell("decide.decided", count=decided))]


def _warnings(facts: ForDecision, standing: Condition) -> Iterator[Part]:
    if standing != "running":
        yield from line(Part(tell("decide.stopped" if standing == "stopped" else "decide.unknown"), "alert"))
    if facts.irreversible:
        yield from line(Part(tell("decide.irreversible"), "alert"))
    if not facts.asked:
        yield from line(Part(tell("decide.not_asked"), "warn"))


def _front(facts: ForDecision) -> list[Part]:
    """What kind of act it is, on whom, and what else is decided about besides the text."""
    parts = line(Part(tell("matter.kind"), "dim", 10), Part(DisplayText.of(word("kind", facts.kind)), "strong"))
    for key, value in facts.front.items():
        parts += line(Part(DisplayText.of(word("matter", key)), "dim", 10), DisplayText.of(value))
    return parts


def _findings(findings: tuple[FindingSeen, ...]) -> list[Part]:
    parts = headline(tell("decide.findings", count=len(findings)))
    if not findings:
        return [*parts, *line(Part(tell("detail.no_finding"), "good"))]
    for each in findings:
        ink: Ink = "dim" if each.lifted else VERDICT_INK.get(each.verdict, "plain")
        parts += line(Part(verdict_word(each.verdict), ink), either(each.message, each.message_en))
        parts += line(DisplayText(" "), Part(DisplayText.of(cite_words(each.cite)), "strong"))
        for paragraph in each.text.splitlines():
            parts += line(DisplayText("  "), DisplayText.of(paragraph))
    return parts


def _changes(facts: ForDecision) -> list[Part]:
    back = facts.returned
    assert back is not None
    parts = headline(tell("decide.changes"))
    parts += line(tell("decide.returned", at=short_time(back.at), by=DisplayText.of(back.by), reason=DisplayText.of(back.reason)))
    if not facts.changes:
        return [*parts, *line(Part(tell("decide.unchanged"), "warn"))]
    for change in facts.changes:
        mark, ink = _CHANGE[change.op]
        parts += line(Part(DisplayText(mark), ink), Part(DisplayText.of(change.text), ink))
    return parts


def _matters(facts: ForDecision) -> list[Part]:
    author = DisplayText.of(facts.author) + (DisplayText("") if facts.author_verified else tell("decide.unverified"))
    parts = headline(tell("decide.matters"))
    parts += line(Part(tell("decide.author"), "dim", 10), author)
    if facts.cost:
        parts += line(
            Part(tell("decide.cost"), "dim", 10), Part(tell("decide.about", cost=DisplayText.of(dollars(facts.cost))), "warn")
        )
    if facts.release_at is not None:
        parts += line(Part(tell("decide.release_at"), "dim", 10), short_time(facts.release_at))
    if facts.approved:
        parts += line(Part(tell("decide.approved"), "dim", 10), DisplayText.of(listed(facts.approved)))
    for missing in facts.waiting:
        if missing.act != "approve":
            what = DisplayText.of(aside(either(missing.what, missing.what_en).plain, whom(missing)))
            parts += line(Part(tell("decide.waits"), "dim", 10), what)
    number = DisplayText.of(f"{check_number(facts.hash)}")
    return [*parts, *line(Part(tell("decide.check"), "dim", 10), number, tell("detail.revision", n=facts.revision))]
