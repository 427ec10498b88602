"""One comment as a sheet: its words with what is to be checked in them, this account's own grounds, what each measure comes to here."""

from __future__ import annotations

from collections.abc import Container, Sequence
from os.path import commonprefix

from console.cite import cite_words
from console.how_far import how_far
from console.money import dollars
from console.text import DisplayText, cells, characters
from console.tui.comment_rows import STATE_INK, WAITING, mark_part, state_word
from console.tui.guard import guard_of
from console.tui.ink import Ink
from console.tui.paint import lit
from console.tui.part import Part
from console.tui.sheets import RAW_LINES, badges, blank, headline, line
from console.tui.tell import NEWLINE, SPACE, either, short_time, tell
from console.words import word
from daemon.wire import AccountStatus, FindingSeen
from daemon.wire.bench import CommentDetail, GroundSeen, MeansSeen, MeasureSeen, Said

MEASURE_INK: dict[str, Ink] = {
    "due": "warn",
    "auto": "live",
    "sending": "live",
    "unknown": "unknown",
    "taken": "live",
    "done": "good",
    "not_done": "alert",
    "impossible": "alert",
}
_NAME, _PLACE = 60, 100
"""Characters of a name, and of an address: what somebody has made longer must not push what they wrote out of sight."""
_GAP, _BOX, _TICKED, _HERE = DisplayText("  "), DisplayText("[ ]"), DisplayText("[x]"), DisplayText(">")


def comment_sheet(detail: CommentDetail, account: AccountStatus | None, *, raw: bool = False) -> list[Part]:
    """Everything about a comment, in the order in which it is asked: what is it, what does it say, what is to be checked, what may be
    done, what has been."""
    parts = [*_who_and_where(detail, account), *blank(), *(_raw(detail) if raw else _words(detail))]
    parts += [*_findings(detail.findings), *_guidance(detail), *blank(), *grounds_sheet(detail)]
    if detail.means:
        parts += [*blank(), *headline(tell("comments.means")), *_means(detail.means)]
    if detail.said:
        parts += [*blank(), *headline(tell("comments.said"))]
        for said in reversed(detail.said):
            parts += _said(said)
    if detail.measures:
        parts += [*blank(), *headline(tell("comments.measures"))]
        for measure in detail.measures:
            parts += line(*measure_parts(measure))
    return [*parts, *blank(), *_kept(detail)]


def standing_proposal(detail: CommentDetail) -> Said | None:
    """What somebody has proposed, or thinks of it, and nobody has decided about yet; the last of several."""
    if detail.row.state not in WAITING:
        return None
    found = [said for said in detail.said if not said.undone]
    since = next((n for n, said in enumerate(reversed(found)) if said.kind in ("judgement", "left", "undone")), len(found))
    return next((said for said in reversed(found[len(found) - since :]) if said.kind in ("proposal", "second")), None)


def measure_word(measure: str) -> DisplayText:
    """A measure in the office's words."""
    return DisplayText.of(word("measure", measure)) if measure else tell("comments.not_here")


def both_words(asked: str, really: str) -> DisplayText:
    """要綱上の措置, and, where it is another, what is really done."""
    return (
        measure_word(asked) if asked == really else tell("comments.both", asked=measure_word(asked), really=measure_word(really))
    )


def measure_parts(measure: MeasureSeen) -> list[Part]:
    """A measure on one line: number, what, how far, by whom."""
    parts = [
        Part(DisplayText.of(f"{measure.id}."), "dim"),
        Part(both_words(measure.asked, measure.really), "strong"),
        Part(DisplayText.of(word("measure_by", measure.by)), "mark" if measure.by == "channel" else "plain"),
        Part(DisplayText.of(word("measure_state", how_far(measure))), MEASURE_INK.get(how_far(measure), "dim")),
    ]
    if measure.begins_at is not None:
        parts.append(Part(tell("comments.begins", at=short_time(measure.begins_at)), "live"))
    if measure.state == "taken" and measure.until is not None and not measure.sent:
        parts.append(Part(tell("comments.held", who=DisplayText.of(measure.holder), until=short_time(measure.until)), "live"))
    if measure.done_at is not None:
        parts.append(Part(DisplayText.of(measure.done_by)))
        parts.append(Part(short_time(measure.done_at), "dim"))
    if measure.proof:
        parts.append(Part(DisplayText.of(measure.proof), "dim"))
    if measure.cost:
        parts.append(Part(tell("comments.cost", cost=DisplayText.of(dollars(measure.cost))), "dim"))
    if measure.why:
        parts.append(Part(either(measure.why, measure.why_en), "warn"))
    return parts


def grounds_sheet(detail: CommentDetail) -> list[Part]:
    """This account's own list, numbered as it is chosen from; or why there is none."""
    judges = line(Part(tell("comments.judges"), "dim"), Part(DisplayText.of(detail.judges), "strong"))
    if not detail.grounds:
        why = either(detail.powerless, detail.powerless_en) if detail.powerless else tell("comments.no_ground")
        return [*headline(tell("comments.grounds", count=0)), *line(Part(why, "warn")), *judges]
    return [*_list_head(detail), *judges, *_list(detail)]


def _shared(grounds: Sequence[GroundSeen]) -> int:
    """How many characters of their citations all of them share: said once, above the list."""
    cites = [cite_words(each.cite) for each in grounds]
    same = commonprefix(cites)
    return len(same.rstrip("(（0123456789")) if len(cites) > 1 else 0


def _list_head(detail: CommentDetail) -> list[Part]:
    shared = cite_words(detail.grounds[0].cite)[: _shared(detail.grounds)].strip()
    count = Part(tell("comments.grounds", count=len(detail.grounds)), "head")
    return line(count, Part(DisplayText.of(shared), "dim"))


def _list(detail: CommentDetail, width: int = 0) -> list[Part]:
    parts, shared = [], _shared(detail.grounds)
    for number, ground in enumerate(detail.grounds, 1):
        parts += line(*_ground_parts(number, ground, shared, width))
    return parts


def _ground_parts(number: int, ground: GroundSeen, shared: int, width: int) -> list[Part]:
    """A ground of the list: number, what is suggested (`>`, in words too), its citation and its words; `width` keeps it on one row."""
    parts = [
        Part(DisplayText(f"{number:>2}."), "strong"),
        Part(_HERE if ground.suggested else SPACE, "warn"),
        Part(DisplayText.of(cite_words(ground.cite)[shared:].strip()), "strong" if ground.suggested else "dim"),
    ]
    if ground.suggested:
        parts.append(Part(tell("comments.suggested"), "warn"))
    if ground.attention:
        parts.append(Part(tell("comments.attention_ground"), "warn"))
    if ground.catch_all:
        parts.append(Part(tell("comments.catch_all"), "warn"))
    text = Part(DisplayText.of(ground.text), "plain")
    if width:
        used = sum(cells(part.text.plain) + 1 for part in parts)
        text = text._replace(width=max(8, width - used))
    return [*parts, text]


def choosing_sheet(detail: CommentDetail, width: int) -> list[Part]:
    """The grounds alone, a row for each, to choose a number from, under the head of what was written."""
    parts = line(Part(DisplayText.of(detail.text or "", limit=200), "strong", width)) if detail.text else []
    return [*parts, *_list_head(detail), *_list(detail, width)]


def actions_sheet(detail: CommentDetail, ground: GroundSeen, chosen: Container[str]) -> list[Part]:
    """The ground in its own words, and each measure with what it comes to here; a box is ticked where it is chosen."""
    parts = line(Part(DisplayText.of(detail.text, limit=200), "strong")) if detail.text else []
    parts += [*line(Part(DisplayText.of(cite_words(ground.cite)), "head")), *line(DisplayText.of(ground.text)), *blank()]
    for number, means in enumerate(detail.means, 1):
        box = _TICKED if means.action in chosen else _BOX
        parts += line(Part(DisplayText(f"{number}."), "strong"), Part(box, "mark"), *_mean(means))
        parts += line(_GAP, Part(either(means.what, means.what_en), "dim"))
    return parts


def _who_and_where(detail: CommentDetail, account: AccountStatus | None) -> list[Part]:
    row = detail.row
    parts = line(
        Part(DisplayText.of(f"#{row.id}"), "strong"),
        *([part for part in guard_of(account, short=True)] or [Part(DisplayText.of(row.account), "strong")]),
        Part(state_word(row.state), STATE_INK.get(row.state, "plain")),
        mark_part(row),
    )
    if row.attention:
        parts += line(Part(tell("comments.election", name=DisplayText.of(row.attention)), "warn"))
    if row.claimed_by:
        parts += line(Part(tell("comments.claimed_by", who=DisplayText.of(row.claimed_by)), "live"))
    if (last := standing_proposal(detail)) is not None:
        parts += _said(last)
    if row.tag:
        parts += line(Part(tell("comments.tag"), "dim"), DisplayText.of(row.tag))
    if row.handle:
        posted = [short_time(row.posted_at)] if row.posted_at else [tell("comments.no_time")]
        parts += line(Part(DisplayText.of(f"@{row.handle.lstrip('@')}", limit=_NAME), "strong"), *posted)
    if detail.conversation:
        own = tell(f"comments.own_{'unknown' if detail.own is None else 'yes' if detail.own else 'no'}")
        parts += line(
            Part(tell("comments.conversation"), "dim"), DisplayText.of(detail.conversation, limit=_PLACE), Part(own, "dim")
        )
    if detail.url:
        parts += line(Part(tell("comments.url"), "dim"), DisplayText.of(detail.url, limit=_PLACE))
    if row.repeats:
        parts += line(Part(tell("comments.repeats", count=row.repeats), "warn"))
    for alike in detail.alike:
        key = "comments.same_id" if alike.same else "comments.alike"
        parts += line(Part(tell(key, entry=alike.entry, handle=DisplayText.of(alike.handle)), "warn"))
    return parts


def _words(detail: CommentDetail) -> list[Part]:
    if detail.text is None:
        return line(Part(tell("comments.erased_whole"), "warn"))
    shown = DisplayText.of(detail.text, block=True)
    spans: list[tuple[int, int, Ink]] = [
        (f.start, f.end, "alert" if f.verdict == "act" else "warn")
        for f in detail.findings
        if f.end > f.start and f.shadow is None
    ]
    return [*headline(tell("comments.text")), *lit(shown, spans), Part(NEWLINE), *badges(shown)]


def _raw(detail: CommentDetail) -> list[Part]:
    parts = headline(tell("detail.raw"))
    for index, sign, name in characters((detail.text or "")[:RAW_LINES]):
        odd: Ink = "warn" if sign.flags or not sign else "plain"
        parts += line(Part(DisplayText(f"{index:5}"), "dim"), Part(sign, odd, 8), Part(name, odd))
    return parts


def _findings(findings: Sequence[FindingSeen]) -> list[Part]:
    if not findings:
        return [*blank(), *line(Part(tell("comments.no_finding"), "dim"))]
    parts = [*blank(), *headline(tell("comments.findings", count=len(findings)))]
    told: set[tuple[str, str, str]] = set()
    for finding in findings:
        if (same := (finding.verdict, finding.cite, finding.message)) in told:
            continue  # its place is lit in the words; the sentence would be the same
        told.add(same)
        on_trial = [Part(tell("detail.on_trial"), "dim")] if finding.shadow else []
        mark = tell(f"bench_mark.{finding.verdict}") if finding.verdict in ("act", "look") else DisplayText.of(finding.verdict)
        ink: Ink = "alert" if finding.verdict == "act" else "warn"
        parts += line(Part(mark, ink), *on_trial, Part(DisplayText.of(cite_words(finding.cite)), "strong"))
        parts += line(_GAP, either(finding.message, finding.message_en))
    return parts


def _guidance(detail: CommentDetail) -> list[Part]:
    if not detail.row.guidance:
        return []
    kind = DisplayText.of(word("guidance", detail.row.guidance))
    parts = [*blank(), *line(Part(tell("comments.guidance", kind=kind), "live"))]
    return [*parts, *line(either(detail.guidance, detail.guidance_en)), *line(Part(tell("comments.no_reply"), "dim"))]


def _means(means: Sequence[MeansSeen]) -> list[Part]:
    parts: list[Part] = []
    for each in means:
        parts += [*line(*_mean(each)), *line(_GAP, Part(either(each.what, each.what_en), "dim"))]
    return parts


def _mean(means: MeansSeen) -> list[Part]:
    parts = [Part(both_words(means.action, means.really), "strong" if means.really else "alert")]
    if means.really:
        parts.append(Part(DisplayText.of(word("measure_by", means.by)), "mark" if means.by == "channel" else "plain"))
    if means.cost:
        parts.append(Part(tell("comments.cost", cost=DisplayText.of(dollars(means.cost))), "dim"))
    parts += [Part(tell(f"comments.{name}"), "warn") for name in ("must", "reason", "final") if getattr(means, name)]
    return [*parts, Part(DisplayText.of(f"[{cite_words(means.cite)}]"), "dim")]


def _said(said: Said) -> list[Part]:
    kind = DisplayText.of(word("said", said.kind))
    parts = line(
        Part(short_time(said.at), "dim"),
        DisplayText.of(said.by_name or said.by),
        Part(kind, "dim" if said.undone else "strong"),
        *([Part(tell("comments.undone"), "dim")] if said.undone else []),
        *([DisplayText.of(cite_words(said.cite))] if said.cite else []),
        *(measure_word(each) for each in said.actions),
        *([tell("comments.to", who=DisplayText.of(said.to))] if said.to else []),
    )
    return [*parts, *(line(_GAP, DisplayText.of(said.reason)) if said.reason else [])]


def _kept(detail: CommentDetail) -> list[Part]:
    parts = line(Part(DisplayText.of(f"sha256 {detail.hash[:16]}"), "dim"), Part(short_time(detail.row.arrived_at), "dim"))
    if detail.marked_by:
        parts += line(Part(tell("comments.marked_by", who=DisplayText.of(detail.marked_by)), "dim"))
    if detail.erased_at is not None:
        parts += line(Part(tell("comments.erased_at", at=short_time(detail.erased_at)), "dim"))
    elif detail.erase_on is not None:
        parts += line(Part(tell("comments.erase_on", day=DisplayText.of(detail.erase_on.isoformat())), "dim"))
    return parts
