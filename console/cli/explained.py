"""`kohoban policy explain`: the rules of one policy on a text, a file or a stream, without any office."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from console.cli.answers import Trouble
from console.cli.bench import lay
from console.cli.command import Session, argument, command, option, text
from console.cli.explaining import explain_all
from console.cli.outcome import WRONG, Failure
from console.cli.place import moment
from console.cli.sources import Source, from_paths, from_stdin


@command(
    "policy explain",
    argument("POLICY"),
    argument("PATH", required=False, nargs=-1),
    option("--text", "words", key="explain_text", metavar="TEXT"),
    option("--rule", key="explain_rule", metavar="RULE"),
    option("--comment", key="explain_comment", is_flag=True),
    option("--at", key="explain_at", metavar="TIME"),
)
def explain(
    session: Session, policy: str, path: Sequence[str], words: str | None, rule: str | None, comment: bool, at: str | None
) -> int:
    """Why each rule of a policy fired on a text, or did not."""
    if (words is not None) + bool(path) != 1:
        raise Failure(WRONG, text("explain.one_input"))
    bench = lay(
        office=session.office, policy=policy, account=None, at=moment(at) if at else None, on="comment" if comment else "draft"
    )
    if words is not None:
        sources: Iterable[Source | Trouble] = [Source("-", None, words.encode("utf-8", "replace"))]
    else:
        sources = [from_stdin(None)] if list(path) == ["-"] else from_paths(path)
    return explain_all(bench, sources, json=session.json, rule=rule or "")
