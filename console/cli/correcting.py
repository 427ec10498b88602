"""`kohoban correct`: the draft that corrects, or deletes, what is out."""

from __future__ import annotations

from console.cli.command import Session, argument, command, option
from console.cli.decisions import say_done
from console.cli.drafts import find
from daemon.wire import Done, Prepare


@command("correct", argument("DRAFT"), option("--delete", key="correct_delete", is_flag=True))
def correct(session: Session, draft: str, delete: bool) -> int:
    """訂正、削除."""
    with session.link() as link:
        done = link.ask(Prepare(draft=find(link, draft), what="delete" if delete else "correction"), Done)
    return say_done(session, done)
