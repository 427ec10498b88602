"""`kohoban comments why`: the page that answers 「なぜ私のコメントは消されたのか」."""

from __future__ import annotations

from typing import Any

import click

from console.cli.bench_words import named
from console.cli.command import Session, argument, command
from console.cli.papering import deliver, in_form, in_language, to_file
from console.cli.terminal import SCHEMA
from console.words import word
from daemon.papers.why import public_facts, why_paper
from daemon.wire.bench import WhyPage, WhySeen


@command(
    "comments why",
    argument("COMMENT", type=click.IntRange(min=1)),
    in_form("txt", "html", "md", "json", default="txt"),
    to_file(),
)
def why(session: Session, comment: int, form: str, file: str | None) -> int:
    """The page."""
    with session.link() as link:
        seen = link.ask(WhyPage(comment=comment), WhySeen)
    data: dict[str, Any] = {"schema": SCHEMA, **public_facts(seen)}
    return deliver(session, why_paper(seen, _word, in_language()), form, file, data=data)


def _word(table: str, value: str) -> str:
    return named(f"action.{value}") if table == "action" else word(table, value)
