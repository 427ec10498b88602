"""`kohoban comments judge` and `guided`: one comment; or several, or all that meet a condition, after their number has been typed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NamedTuple

import click

from console.cli.bench_words import action_words, actions_of
from console.cli.command import Session, argument, command, option, text
from console.cli.commenting import action, ground, reason
from console.cli.decisions import say_done
from console.cli.link import Link
from console.cli.marking import KINDS
from console.cli.outcome import FINE, REFUSED, WRONG, Failure
from console.cli.terminal import clean, err
from console.words import choose, sentence
from daemon.wire import Done
from daemon.wire.bench import BenchOpened, BenchPage, BenchRows, CommentRow, OpenBench
from daemon.wire.moderation import Guided, GuideMany, Judge, JudgeMany

_KEYS = ("account", "state", "clause", "guidance", "kind", "text", "mine")
_YES, _NO = ("yes", "はい"), ("no", "いいえ")
_PAGE = 500
_SHOWN = 10
"""Rows that are shown of those that were chosen."""


class Chosen(NamedTuple):
    """The comments of one decision: their numbers, how they were chosen (in the record's language and in the reader's), the first rows."""

    numbers: tuple[int, ...]
    condition: str
    shown: str
    rows: tuple[CommentRow, ...] = ()


@command(
    "comments judge",
    argument("COMMENT", nargs=-1, required=False, type=click.IntRange(min=1)),
    option("--all-of", key="comment_all_of", multiple=True, metavar="KEY=VALUE"),
    ground(),
    action(),
    reason(),
    option("--first", key="comment_first", type=click.IntRange(min=1), metavar="N"),
    option("--count", key="comment_count", type=click.IntRange(min=1), metavar="N"),
)
def judge(
    session: Session,
    comment: tuple[int, ...],
    all_of: Sequence[str],
    clause: str,
    action: str,
    reason: str,
    first: int | None,
    count: int | None,
) -> int:
    """判断."""
    measures = actions_of(action)
    numbers = tuple(dict.fromkeys(comment))
    if bool(numbers) == bool(all_of):
        raise Failure(WRONG, text("comments.one_or_all"))
    query = _condition(all_of) if all_of else None
    with session.link() as link:
        if len(numbers) == 1:
            done = link.ask(Judge(comment=numbers[0], clause=clause, actions=measures, reason=reason), Done)
            return say_done(session, done)
        chosen = _chosen(link, query, first) if query is not None else _by_number(numbers)
        if not chosen.numbers:
            err(text("comments.nothing_chosen", condition=clean(chosen.shown)))
            return FINE
        agreed = _confirmed(chosen, f"{clean(clause)} {action_words(measures)}".strip(), count)
        act = JudgeMany(
            comments=chosen.numbers, count=agreed, condition=chosen.condition, clause=clause, actions=measures, reason=reason
        )
        done = link.ask(act, Done)
    return say_done(session, done)


@command(
    "comments guided",
    argument("COMMENT", nargs=-1, required=False, type=click.IntRange(min=1)),
    option("--all-of", key="comment_all_of", multiple=True, metavar="KEY=VALUE"),
    option("--note", key="comment_note", metavar="TEXT", default=""),
    option("--count", key="comment_count", type=click.IntRange(min=1), metavar="N"),
)
def guided(session: Session, comment: tuple[int, ...], all_of: Sequence[str], note: str, count: int | None) -> int:
    """案内済."""
    numbers = tuple(dict.fromkeys(comment))
    if bool(numbers) == bool(all_of):
        raise Failure(WRONG, text("comments.one_or_all"))
    query = _condition(all_of) if all_of else None
    with session.link() as link:
        if len(numbers) == 1:
            return say_done(session, link.ask(Guided(comment=numbers[0], note=note), Done))
        chosen = _chosen(link, query, None) if query is not None else _by_number(numbers)
        if not chosen.numbers:
            err(text("comments.nothing_chosen", condition=clean(chosen.shown)))
            return FINE
        agreed = _confirmed(chosen, text("said.guided"), count)
        act = GuideMany(comments=chosen.numbers, count=agreed, condition=chosen.condition, note=note)
        return say_done(session, link.ask(act, Done))


def _condition(pairs: Sequence[str]) -> OpenBench:
    """`account=… clause=…` as the conditions of a list. Raises Failure (usage)."""
    given: dict[str, list[str]] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if key not in _KEYS or not equals or not value.strip():
            raise Failure(WRONG, text("comments.no_condition", pair=clean(pair), known=", ".join(f"{key}=…" for key in _KEYS)))
        given.setdefault(key, []).append(value.strip())
    for key in ("clause", "guidance", "kind", "text", "mine"):
        if len(given.get(key, ())) > 1:
            raise Failure(WRONG, text("comments.once", key=key))
    defaults = OpenBench()
    return OpenBench(
        accounts=tuple(given.get("account", ())),
        states=tuple(given.get("state", defaults.states)),
        clause="".join(given.get("clause", ())),
        guidance=_yes_or_no(given["guidance"][0]) if "guidance" in given else None,
        kind=_kind("".join(given.get("kind", ()))),
        text="".join(given.get("text", ())),
        mine="mine" in given and _yes_or_no(given["mine"][0]),
    )


def _kind(value: str) -> str:
    if value in ("", *KINDS):
        return value
    raise Failure(WRONG, text("comments.no_kind", value=clean(value), known=", ".join(KINDS)))


def _yes_or_no(value: str) -> bool:
    if value in (*_YES, *_NO):
        return value in _YES
    raise Failure(WRONG, text("comments.yes_or_no", value=clean(value)))


def _chosen(link: Link, query: OpenBench, first: int | None) -> Chosen:
    """Every comment that meets the condition now, one by one (or the first so many): what comes later is not among them."""
    opened = link.ask(query, BenchOpened)
    rows: list[CommentRow] = []
    for offset in range(0, opened.count, _PAGE):
        rows += link.ask(BenchPage(view=opened.view, offset=offset, limit=_PAGE), BenchRows).rows
    shown = choose(opened.condition, opened.condition_en)
    condition = opened.condition
    if first is not None and first < len(rows):
        condition, shown = (
            _recorded("comments.first", condition=condition, count=first),
            text("comments.first", condition=shown, count=first),
        )
        del rows[first:]
    return Chosen(tuple(row.id for row in rows), condition, shown, tuple(rows[:_SHOWN]))


def _by_number(numbers: tuple[int, ...]) -> Chosen:
    named = ", ".join(map(str, numbers))
    return Chosen(numbers, _recorded("comments.by_number", numbers=named), text("comments.by_number", numbers=named))


def _recorded(key: str, **values: object) -> str:
    """The sentence as the record has it: in Japanese, whoever reads it here."""
    return sentence("cli", key, "ja").format(**values)


def _confirmed(chosen: Chosen, decision: str, count: int | None) -> int:
    """The number that the person says they decide about. Raises Failure where it is not the number that was shown."""
    many = len(chosen.numbers)
    err(text("comments.together", count=many, condition=clean(chosen.shown), decision=decision))
    for row in chosen.rows:
        err(f"  {row.id}  {clean(row.account)}  {clean(' '.join(row.clauses)) or '-'}  {clean(row.words)}")
    if many > len(chosen.rows) > 0:
        err(text("comments.and_more", count=many - len(chosen.rows)))
    if count is None and sys.stdin.isatty():
        err(text("comments.type_count"))
        typed = sys.stdin.readline().strip()
        count = int(typed) if typed.isdecimal() else 0
    if count != many:
        raise Failure(REFUSED, text("comments.confirm", count=many))
    return count
