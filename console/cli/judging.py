"""One file on the bench of `check`: its answer, and the exit code that answers give."""

from __future__ import annotations

from collections.abc import Iterable

from console.cli.answers import Trouble, answer
from console.cli.bench import Bench
from console.cli.formats import Judged, Page, Result
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.sources import Source
from console.words import choose
from daemon.rulebook.item import Item

_HALTING = frozenset(("block", "hold", "act"))


def judge_source(bench: Bench, source: Source | Trouble) -> Result:
    """One file's answer, with the text to show it in; a trouble stays one."""
    if isinstance(source, Trouble):
        return source
    from daemon.intake.encodings import decode
    from daemon.intake.frontmatter import body_starts, read_item

    decoded = decode(source.data)
    if bench.on == "comment":
        # A citizen's words are all text: what looks like front matter is none.
        if decoded.trouble:
            return Trouble(id=source.name, error=choose(decoded.trouble.message, decoded.trouble.message_en))
        item = Item(text=decoded.text)
    else:
        item = read_item(source.data)
    try:
        policy, judgement = bench.judge(item, source.place)
    except Failure as failure:
        return Trouble(id=source.name, error=failure.sentence)
    page = Page(decoded.text, 0 if bench.on == "comment" else body_starts(decoded.text))
    return Judged(answer(source.name, policy, judgement, office=bench.policy is None), page)


def code_of_verdict(verdict: str) -> int:
    """The exit code for one item: whether anything holds it up."""
    return FINDINGS if verdict in _HALTING else FINE


def code_of(results: Iterable[Result]) -> int:
    """The exit code for these answers."""
    codes = (WRONG if isinstance(result, Trouble) else code_of_verdict(result.answer.verdict) for result in results)
    return max(codes, default=FINE)
