"""A comment on paper: the rows of a list, and one comment in full with its words, grounds, measures and history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from console.cli import human
from console.cli.bench_words import action_words, at, named
from console.cli.command import text
from console.cli.formats import Page
from console.cli.terminal import clean, fields, fit, paint, table
from console.how_far import how_far
from console.money import dollars
from console.record import short_hash
from console.text import DisplayText
from console.words import choose
from daemon.wire.bench import BenchOpened, CommentDetail, CommentRow, MeansSeen, MeasureSeen, Said

_GIVE = ((5, 0), (1, 10), (4, 9))
"""What makes way in a narrow terminal: the author, the account, the grounds; at last the words."""
_WIDE = 100
"""Columns from which the verdict has the contract's word beside it."""
_LONGEST = 100_000


def rows_lines(rows: Sequence[CommentRow], opened: BenchOpened, columns: int) -> Iterator[str]:
    """A list as a table, and how it was chosen."""
    if rows:
        head = [text(f"comments.{name}") for name in ("id", "account", "state", "verdict", "grounds", "author", "words")]
        yield from table([_cells(row, 0 < columns < _WIDE) for row in rows], head, room=columns, give=_GIVE)
    condition = clean(choose(opened.condition, opened.condition_en))
    yield text("comments.count", count=len(rows), condition=condition)
    if gone := opened.count - len(rows):
        yield text("comments.gone_since", count=gone)


def _cells(row: CommentRow, narrow: bool) -> tuple[str, ...]:
    """What has to be known first stands before the words: a mark that calls for help is in sight however narrow it gets."""
    verdict = human.verdict_words(row.verdict)
    before = f"[{marks(row)}] " if marks(row) else ""
    return (
        str(row.id),
        clean(row.account),
        named(f"comment_state.{row.state}"),
        verdict.split()[0] if narrow else verdict,
        clean(" ".join(row.clauses)) or "-",
        f"@{clean(row.handle)}" if row.handle else "-",
        before + (clean(row.words) or text("comments.erased_row")),
    )


def marks(row: CommentRow) -> str:
    """What else is to be known of a comment: election, guidance, repeats, tag, who looks at it."""
    found = [text("comments.attention")] if row.attention else []
    found += [named(f"guidance.{row.guidance}")] if row.guidance else []
    found += [text("comments.repeats", count=row.repeats)] if row.repeats else []
    found += [f"#{clean(row.tag)}"] if row.tag else []
    found += [text("comments.claimed", who=clean(row.claimed_by))] if row.claimed_by else []
    return " ".join(found)


def comment_lines(seen: CommentDetail) -> Iterator[str]:
    """One comment in full."""
    row = seen.row
    verdict = paint(row.verdict, human.verdict_words(row.verdict))
    state = named(f"comment_state.{row.state}")
    yield f"{row.id}  {paint('bold', state)}  {verdict}  {marks(row)}".rstrip()
    yield from fields(dict(_about(seen)))
    yield from ("", paint("bold", text("comments.text")))
    yield from _words(seen)
    if seen.guidance:
        yield from ("", paint("bold", text("comments.guidance", kind=named(f"guidance.{row.guidance}"))))
        yield "  " + clean(choose(seen.guidance, seen.guidance_en))
    if seen.findings:
        yield from ("", paint("bold", text("comments.findings")))
        for finding in seen.findings:
            yield from human.finding_lines(finding, Page(seen.text or ""))
    if seen.powerless:
        yield from ("", paint("bold", text("comments.no_power")))
        yield "  " + clean(choose(seen.powerless, seen.powerless_en))
    yield from _grounds(seen)
    yield from _means(seen.means)
    if seen.said:
        yield from ("", paint("bold", text("comments.history")))
        for said in seen.said:
            yield from _said(said)
    if seen.measures:
        yield from ("", paint("bold", text("comments.measures")))
        yield from ("  " + line for line in measure_lines(seen.measures, 0))
    for like in seen.alike:
        key = "comments.same" if like.same else "comments.alike"
        yield from ("", text(key, entry=like.entry, handle=clean(like.handle)))
    yield from _next(row)


def _about(seen: CommentDetail) -> Iterator[tuple[str, str]]:
    row = seen.row
    yield text("comments.account"), clean(row.account)
    author = f"@{clean(row.handle)}" if row.handle else "-"
    yield text("comments.author"), f"{author}  {clean(seen.author)}".rstrip()
    yield text("comments.posted"), at(row.posted_at)
    yield text("comments.arrived"), at(row.arrived_at)
    own = {True: text("comments.own"), False: text("comments.elsewhere"), None: ""}[seen.own]
    if seen.conversation:
        yield text("comments.conversation"), f"{clean(seen.conversation)}  {own}".rstrip()
    if seen.url:
        yield "URL", clean(seen.url)
    if row.attention:
        yield text("comments.attention"), clean(row.attention)
    if seen.marked_by:
        yield text("comments.marked_by"), clean(seen.marked_by)
    yield text("comments.hash"), short_hash(seen.hash)
    if seen.erased_at is not None:
        yield text("comments.erased"), at(seen.erased_at)
    elif seen.erase_on is not None:
        yield text("comments.erase_on"), seen.erase_on.isoformat()


def _words(seen: CommentDetail) -> Iterator[str]:
    """The text line by line; what was found stands in reverse where the terminal can, and under the findings in any case."""
    if seen.text is None:
        yield "  " + text("comments.erased_text")
        return
    shown = DisplayText.of(seen.text, block=True, limit=_LONGEST)
    spans = sorted((shown.at(each.start), shown.at(each.end)) for each in seen.findings if each.end > each.start)
    begin = 0
    for line in shown.plain.split("\n"):
        end = begin + len(line)
        yield "  │ " + _painted(shown.plain, begin, end, spans)
        begin = end + 1


def _painted(plain: str, begin: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    pieces, at_ = [], begin
    for first, last in spans:
        first, last = max(first, at_), min(last, end)
        if first < last:
            pieces += [plain[at_:first], paint("mark", plain[first:last])]
            at_ = last
    return "".join(pieces) + plain[at_:end]


def _grounds(seen: CommentDetail) -> Iterator[str]:
    if not seen.grounds:
        return
    yield from ("", paint("bold", text("comments.grounds_of", count=len(seen.grounds), judges=clean(seen.judges))))
    for ground in seen.grounds:
        mark = "●" if ground.suggested else "・"
        more = [text("comments.catch_all")] if ground.catch_all else []
        more += [text("comments.attention")] if ground.attention else []
        said = clean(" ".join(ground.text.split()))
        yield f"  {mark} {clean(ground.id)}  {clean(ground.cite)}  {said}" + "".join(f"  [{each}]" for each in more)


def _means(found: Sequence[MeansSeen]) -> Iterator[str]:
    if not found:
        return
    yield from ("", paint("bold", text("comments.means")))
    for each in found:
        asked, really = (
            named(f"action.{each.action}"),
            named(f"action.{each.really}") if each.really else text("action.impossible"),
        )
        facts = [text(f"comments.by_{each.by}")] if each.by in ("person", "channel", "nobody") else []
        facts += [text("comments.must")] if each.must else []
        facts += [text("comments.needs_reason")] if each.reason else []
        facts += [text("comments.final")] if each.final else []
        facts += [text("comments.cost", cost=dollars(each.cost))] if each.cost else []
        yield f"  {asked} → {really}  ({clean(each.cite)})  {' '.join(facts)}"
        yield "      " + clean(choose(each.what, each.what_en))


def _said(said: Said) -> Iterator[str]:
    what = f"{clean(said.cite)} {action_words(said.actions)}" if said.cite else ""
    to = f"→ {clean(said.to)}" if said.to else ""
    undone = text("comments.taken_back") if said.undone else ""
    facts = [at(said.at), clean(said.by_name or said.by), named(f"said.{said.kind}"), what, to, undone]
    yield "  " + "  ".join(filter(None, facts))
    if said.reason:
        yield "      " + clean(said.reason)


def measure_lines(found: Sequence[MeasureSeen], columns: int) -> Iterator[str]:
    """Measures as a table: what the policy calls it and what is really done, how far it is, who has it."""
    head = [
        text(f"measures.{name}")
        for name in ("id", "comment", "account", "asked", "really", "by", "state", "whom", "clause", "note")
    ]
    rows = [
        (
            str(each.id),
            str(each.comment or "-"),
            clean(each.account),
            named(f"action.{each.asked}"),
            named(f"action.{each.really}") if each.really else text("action.impossible"),
            named(f"measure_by.{each.by}"),
            named(f"measure_state.{how_far(each)}"),
            f"@{clean(each.handle)}" if each.handle else "-",
            clean(each.clause) or "-",
            _measure_note(each) or "-",
        )
        for each in found
    ]
    yield from table(rows, head, room=columns, give=((8, 10), (2, 10), (7, 8)))


def _measure_note(each: MeasureSeen) -> str:
    if each.state == "taken" and each.until is not None and not each.sent:
        return text("measures.held", who=clean(each.holder), until=at(each.until)[-5:])
    if each.done_at is None:
        facts = [text("measures.begins", at=at(each.begins_at)[-5:])] if each.begins_at is not None else []
        facts += [clean(choose(each.why, each.why_en))] if each.why else []
        if facts:
            return fit(" ".join(facts), 80)
        return text("measures.reverses", measure=each.reverses) if each.reverses else ""
    return f"{at(each.done_at)} {clean(each.done_by)} {fit(clean(each.proof), 60)}".rstrip()


def _next(row: CommentRow) -> Iterator[str]:
    """What this person may do about it, by the commands' names."""
    commands = [text(f"bench_act.{act}") for act in row.can if act in _COMMANDS]
    if commands:
        yield from ("", text("comments.next", commands="  ".join(commands), id=row.id))


_COMMANDS = frozenset(
    (
        "judge", "propose", "claim_comment", "ask_second", "second_opinion", "escalate_comment", "guided", "comment_gone",
        "tag_comments", "undo_judgement",
    )
)  # fmt: skip
