"""What is shown around a text that is being written: where it goes and how long it is, the fields asked for, what would be found."""

from __future__ import annotations

from console.cite import finding_words
from console.text import DisplayText
from console.tui.guard import guard_of
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.rows import VERDICT_INK, verdict_word
from console.tui.sheets import headline, line
from console.tui.tell import SPACE, either, tell
from console.tui.writing import Fields
from console.words import word
from daemon.wire import AccountStatus, FieldAsked, FindingSeen, Tried

_ORDER = ("block", "hold", "warn", "info")
_NAME, _EXCERPT = 10, 16


def heading(account: AccountStatus | str, tried: Tried | None, *, lost: bool, text: bool) -> list[Part]:
    """Whether the keys go into the `text` or the form, where it goes, what it would be found to be, how long it is there. `lost`: what is told is
    not of this text, for nobody answers."""
    parts = [Part(tell("compose.heading_text" if text else "compose.heading_form"), "strong"), Part(SPACE)]
    parts += [Part(DisplayText.of(account))] if isinstance(account, str) else guard_of(account, short=True)
    if tried is not None and not lost:
        verdict = tried.under[0].verdict
        parts += [Part(SPACE), Part(verdict_word(verdict), VERDICT_INK.get(verdict, "good"))]
        for own in (each for each in tried.shapes if each.platform == tried.platform):
            ink: Ink = "alert" if own.length > own.limit else "dim"
            parts += [Part(SPACE), Part(tell("compose.length", length=own.length, limit=own.limit), ink)]
    return [*parts, Part(SPACE), Part(tell("compose.lost"), "unknown")] if lost else parts


def named(key: str) -> DisplayText:
    """A key of the front matter as people call it."""
    return DisplayText.of(word("matter", key))


def field_line(one: FieldAsked, fields: Fields) -> list[Part]:
    """A field: what it is called, what stands in it or that it is needed, and the clause that asks for it."""
    value = fields.get(one.key, "")
    filled = value != ""
    said = tell("compose.yes" if value else "compose.no") if isinstance(value, bool) else DisplayText.of(str(value))
    if one.key == "kind":
        said, filled = DisplayText.of(word("kind", str(value or "post"))), True
    lacks = Part(tell("compose.lacks"), "alert") if one.now else Part(tell("compose.empty"), "dim")
    parts = [Part(named(one.key), "dim", _NAME), Part(said) if filled else lacks]
    return [*parts, Part(SPACE + SPACE), Part(DisplayText.of(one.cite), "dim")] if one.cite else parts


def found_sheet(tried: Tried | None, *, lost: bool) -> list[Part]:
    """What would be found, the worst first, each with its line; or that nobody has judged it."""
    if lost:
        return line(Part(tell("compose.lost_long"), "unknown"))
    if tried is None:
        return line(Part(tell("compose.trying"), "dim"))
    findings = sorted(tried.under[0].findings, key=_rank)
    more = "compose.findings" if len(findings) > 1 else "detail.findings"
    parts = headline(tell(more, count=len(findings))) if findings else line(Part(tell("compose.clean"), "good"))
    for one in findings:
        level = tell("detail.on_trial") if one.shadow else verdict_word(one.verdict)
        cite = DisplayText.of(finding_words(one.clause, one.cite, one.basis))
        parts += line(Part(level, VERDICT_INK.get(one.verdict, "plain")), Part(cite, "strong"), *_where(tried.text, one))
        parts += line(SPACE, either(one.message, one.message_en))
    return parts


def _where(text: str, one: FindingSeen) -> list[Part]:
    if one.end <= one.start:
        return []
    said = DisplayText.of(text[one.start : one.end], limit=_EXCERPT)
    return [Part(tell("compose.where", line=text.count("\n", 0, one.start) + 1, text=said), "warn")]


def _rank(one: FindingSeen) -> tuple[int, int]:
    return _ORDER.index(one.verdict) if one.verdict in _ORDER else len(_ORDER), one.start
