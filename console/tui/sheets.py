"""One draft as a sheet: what it says, with the findings lit up; why it is not out yet; where it comes from; what was done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from console.cite import finding_words
from console.money import dollars
from console.record import DETAIL, act_word, actor_words, detail_words, matter_words, short_hash
from console.text import DisplayText, characters
from console.tui.guard import guard_of
from console.tui.ink import Ink
from console.tui.paint import lit
from console.tui.part import Part
from console.tui.rows import STATE_INK, VERDICT_INK, state_word, verdict_word
from console.tui.tell import NEWLINE, SPACE, either, short_time, tell
from console.whom import whom
from console.words import choose_each, word
from console.words.marks import listed
from daemon.wire import AccountStatus, DraftDetail, FindingSeen, MissingSeen

OVER = ("released", "withdrawn")
"""The states of a draft that waits for nobody any more."""

RAW_LINES = 400
"""Characters listed in the raw view."""


def line(*pieces: DisplayText | Part) -> list[Part]:
    """Pieces on one line, a space between each two."""
    parts: list[Part] = []
    for piece in pieces:
        parts += [Part(SPACE), piece if isinstance(piece, Part) else Part(piece)]
    return [*parts[1:], Part(NEWLINE)]


def headline(text: DisplayText) -> list[Part]:
    """The heading of a section."""
    return [Part(text, "head"), Part(NEWLINE)]


def blank() -> list[Part]:
    """An empty line."""
    return [Part(NEWLINE)]


def top_line(detail: DraftDetail, account: AccountStatus | None, runs_out: DisplayText | None = None) -> list[Part]:
    """Number, where it goes (the account guard), state, what runs out on it, verdict, revision: the heading of the view."""
    row = detail.row
    parts = [
        Part(DisplayText(f"#{row.id}"), "strong"),
        *(guard_of(account, short=True) or [Part(DisplayText.of(row.account))]),
        Part(state_word(row.state), STATE_INK.get(row.state, "plain")),
        *([Part(runs_out, "live")] if runs_out else []),
        Part(tell("detail.verdict", verdict=verdict_word(row.verdict)), VERDICT_INK.get(row.verdict, "plain")),
        Part(tell("detail.revision", n=row.revision), "dim"),
    ]
    if detail.holder:
        parts.append(Part(tell("detail.held_by", holder=DisplayText.of(detail.holder)), "live"))
    return [part for pair in zip(parts, [Part(SPACE)] * len(parts), strict=True) for part in pair]


def text_sheet(detail: DraftDetail, chosen: int, pictures: Sequence[Part] = ()) -> list[Part]:
    """The text with every finding marked (the chosen one strongest), its pictures, then why it is not out yet, and the front matter."""
    shown = DisplayText.of(detail.text, block=True)
    spans: list[tuple[int, int, Ink]] = [(f.start, f.end, _span_ink(f)) for f in detail.findings if f.end > f.start]
    if 0 <= chosen < len(detail.findings) and (f := detail.findings[chosen]).end > f.start:
        spans.append((f.start, f.end, "mark"))
    parts = [*people_sheet(detail), *headline(tell("detail.text")), *lit(shown, spans), Part(NEWLINE)]
    parts += badges(shown)
    for platform, (weighted, limit) in detail.lengths.items():
        ink: Ink = "alert" if weighted > limit else "dim"
        parts += line(Part(tell("detail.length", platform=word("platform", platform), weighted=weighted, limit=limit), ink))
    if detail.cost:
        parts += line(Part(tell("detail.cost", cost=DisplayText.of(dollars(detail.cost))), "dim"))
    why = (
        []
        if detail.row.state in OVER or (detail.row.state == "releasing" and not detail.row.waiting)
        else [*blank(), *why_sheet(detail.row.waiting)]
    )
    return [*parts, *pictures, *why, *blank(), *matter_sheet(detail)]


def people_sheet(detail: DraftDetail) -> list[Part]:
    """Who works at it, who looks at it now, and why the revision before was returned; nothing where nobody and no reason."""
    row, parts = detail.row, []
    if row.marks:
        parts += line(Part(DisplayText.of("  ".join(choose_each(row.marks, row.marks_en))), "warn"))
    if row.claimed_by and row.claimed_until is not None:
        who = DisplayText.of(row.claimed_name or row.claimed_by)
        parts += line(Part(tell("detail.claimed", who=who, until=short_time(row.claimed_until)), "live"))
    if row.watching:
        parts += line(Part(tell("detail.watching", who=DisplayText.of(listed(row.watching))), "live"))
    earlier = next((each for each in reversed(detail.revisions) if each.returned and each.n < row.revision), None)
    if earlier is not None:
        words = tell("detail.earlier", n=earlier.n, reason=DisplayText.of(earlier.returned))
        parts += line(Part(words, "warn"), Part(tell("detail.earlier_key"), "good"))
    return [*parts, *blank()] if parts else []


def badges(text: DisplayText) -> list[Part]:
    """What was changed for the screen, in words; nothing where nothing was."""
    return [part for flag in sorted(text.flags) for part in line(Part(tell(f"flag.{flag}"), "warn"))]


def why_sheet(waiting: Sequence[MissingSeen]) -> list[Part]:
    """「なぜまだ出ないか」: every line with the one who can settle it, and the key."""
    parts = headline(tell("detail.why"))
    if not waiting:
        return [*parts, *line(Part(tell("detail.nothing_missing"), "good"))]
    for number, missing in enumerate(waiting, 1):
        parts += line(DisplayText(f"{number}."), either(missing.what, missing.what_en))
        parts += line(DisplayText("  "), Part(tell("detail.who", who=DisplayText.of(whom(missing))), "strong"), *_how(missing))
    return parts


def _how(missing: MissingSeen) -> Iterable[Part]:
    if missing.act in _KEY_OF:
        yield Part(tell(f"how.{missing.act}"), "good")
    if missing.clause:
        yield Part(DisplayText.of(f"[{missing.clause}]"), "dim")


_KEY_OF = (
    "duty",
    "approve",
    "except",
    "declare",
    "edit",
    "take",
    "resume",
    "wait",
    "schedule",
    "released",
    "settle",
    "withdraw",
    "reopen",
)


_MATTERS = (
    "path",
    "author",
    "kind",
    "topic",
    "emergency",
    "release_at",
    "organiser",
    "source",
    "purpose",
    "reference",
    "target",
    "encoding",
)


def matter_sheet(detail: DraftDetail) -> list[Part]:
    """Front matter, author, file, revisions, history."""
    row = detail.row
    parts = headline(tell("detail.matter"))
    for key, value in {"path": row.path, "author": row.author, **detail.item, "url": detail.url}.items():
        if value:
            name = tell(f"matter.{key}") if key in _MATTERS else DisplayText.of(key)
            parts += line(Part(name, "dim", 12), DisplayText.of(matter_words(key, value)))
    for one in detail.exceptions:
        until = DisplayText("-") if one.until is None else short_time(one.until)
        ended = Part(tell("reviews.exception_ended" if one.ended else "reviews.exception"), "alert" if one.ended else "good", 12)
        parts += line(ended, until, DisplayText.of(f"{one.under} {one.by_name} {one.on_behalf} {one.reason}"))
    parts += [*blank(), *headline(tell("detail.revisions"))]
    for revision in reversed(detail.revisions):
        words = tell("detail.revision_line", n=revision.n, at=short_time(revision.at), size=revision.size)
        parts += line(words, Part(DisplayText.of(f"{revision.encoding} {short_hash(revision.hash)}"), "dim"))
    parts += [*blank(), *headline(tell("detail.history"))]
    for entry in reversed(detail.history):
        who, act = DisplayText.of(actor_words(entry.actor)), Part(DisplayText.of(act_word(entry.act)), "strong")
        told = DisplayText.of(detail_words(entry), limit=DETAIL)
        parts += line(Part(short_time(entry.at), "dim"), who, act, told)
    return parts


def findings_sheet(detail: DraftDetail, chosen: int) -> list[Part]:
    """The findings, the chosen one open: its clause's words, what to look at, how to mend it, who may clear it."""
    total = len(detail.findings)
    if not total:
        return [*headline(tell("detail.findings", count=0)), *line(Part(tell("detail.no_finding"), "good"))]
    parts = headline(tell("detail.findings", count=total))
    for index, finding in enumerate(detail.findings):
        open_ = index == chosen
        said = tell("detail.on_trial") if finding.shadow else verdict_word(finding.verdict)
        level = Part(said, "dim" if finding.lifted else VERDICT_INK.get(finding.verdict, "plain"))
        marker = DisplayText(">" if open_ else " ")
        parts += line(
            marker,
            level,
            Part(DisplayText.of(finding_words(finding.clause, finding.cite, finding.basis)), "strong" if open_ else "plain"),
            *_lifted(finding),
        )
        if open_:
            parts += opened_finding(finding)
    policy = f"{detail.policy} {detail.policy_version} {short_hash(detail.policy_hash)}"
    return [*parts, *blank(), *line(Part(DisplayText.of(policy), "dim"))]


def _lifted(finding: FindingSeen) -> Iterable[Part]:
    if finding.lifted:
        yield Part(tell("detail.lifted"), "good")


def opened_finding(finding: FindingSeen) -> list[Part]:
    parts = [*line(DisplayText(" "), either(finding.message, finding.message_en))]
    if finding.text:
        parts += line(DisplayText(" "), Part(tell("detail.clause_says"), "dim"))
    for paragraph in finding.text.splitlines():
        parts += line(DisplayText("   "), DisplayText.of(paragraph))
    if finding.fix is not None:
        key = "detail.fix_out" if not finding.fix else "detail.fix" if finding.fix_safe else "detail.fix_unsafe"
        parts += line(DisplayText(" "), Part(tell(key, fix=DisplayText.of(finding.fix)), "good"))
    if finding.shadow is not None:
        parts += line(DisplayText(" "), Part(tell("detail.shadow", level=verdict_word(finding.shadow)), "dim"))
    if finding.lift and not finding.lifted:
        parts += line(DisplayText(" "), Part(tell("detail.lift", who=_titles(finding.lift)), "warn"))
    parts += line(DisplayText(" "), Part(DisplayText.of(f"{finding.clause}  {finding.rule}"), "dim"))
    return parts


def _titles(lift: Sequence[str]) -> DisplayText:
    """The posts that may clear a hold; `@approver` and `@unit-chief` are the rulebook's words for whoever holds them."""
    return DisplayText.of(listed(tell(f"title.{t[1:]}").plain if t in ("@approver", "@unit-chief") else t for t in lift))


def _span_ink(finding: FindingSeen) -> Ink:
    return "dim" if finding.lifted else VERDICT_INK.get(finding.verdict, "warn")


def raw_sheet(detail: DraftDetail) -> list[Part]:
    """The text character by character, so that what cannot be seen can be read."""
    parts = headline(tell("detail.raw"))
    for index, sign, name in characters(detail.text[:RAW_LINES]):
        odd: Ink = "warn" if sign.flags or not sign else "plain"
        parts += line(Part(DisplayText(f"{index:5}"), "dim"), Part(sign, odd, 8), Part(name, odd))
    if len(detail.text) > RAW_LINES:
        parts += line(Part(tell("detail.raw_more", count=len(detail.text) - RAW_LINES), "dim"))
    return parts


def remaining(until: datetime, now: datetime) -> DisplayText:
    """`9:41` until then; `0:00` when it is over."""
    left = max(0, int((until - now).total_seconds()))
    return DisplayText(f"{left // 60}:{left % 60:02}")
