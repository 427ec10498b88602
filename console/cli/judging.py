"""One file on the bench of `check`: its answer, and the exit code that answers give."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from console.cli.answers import Trouble, answer
from console.cli.bench import Bench
from console.cli.formats import Judged, Page, Result
from console.cli.mending import returns
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.sources import Source
from console.words import choose
from daemon.rulebook.item import Item

_HALTING = frozenset(("block", "hold", "act"))


def read_source(bench: Bench, source: Source) -> tuple[Item, Page] | Trouble:
    """The item in one file, and the text to show it in; a trouble where a comment cannot be read as text."""
    if source.item is not None:
        item = source.item if bench.on == "draft" else Item(text=source.item.text)
        return _with_images(item, source.place), Page(item.text)
    from daemon.intake.encodings import decode
    from daemon.intake.frontmatter import body_starts, read_item

    decoded = decode(source.data)
    if bench.on == "draft":
        return _with_images(read_item(source.data), source.place), Page(
            decoded.text, body_starts(decoded.text), returns(source.data, decoded.text)
        )
    # A citizen's words are all text: what looks like front matter is none.
    if decoded.trouble:
        return Trouble(id=source.name, error=choose(decoded.trouble.message, decoded.trouble.message_en))
    return Item(text=decoded.text), Page(decoded.text, 0, returns(source.data, decoded.text))


def judge_source(bench: Bench, source: Source | Trouble) -> Result:
    """One file's answer, with the text to show it in; a trouble stays one."""
    if isinstance(source, Trouble):
        return source
    read = read_source(bench, source)
    if isinstance(read, Trouble):
        return read
    item, page = read
    try:
        policy, judgement = bench.judge(item, source.place)
    except Failure as failure:
        return Trouble(id=source.name, error=failure.sentence)
    return Judged(answer(source.name, policy, judgement, titles=bench.titles), page, source.place)


def _with_images(item: Item, place: Path | None) -> Item:
    """The item with what was found in the images that lie beside its file; as it is where it names none, or where there is no file."""
    if place is None or not item.images:
        return item
    from daemon.intake.pictures import look_at_pictures

    folder = place.parent.resolve()
    return look_at_pictures(folder.parent, folder.name, item).on(item)


def code_of_verdict(verdict: str) -> int:
    """The exit code for one item: whether anything holds it up."""
    return FINDINGS if verdict in _HALTING else FINE


def code_of(results: Iterable[Result]) -> int:
    """The exit code for these answers."""
    codes = (WRONG if isinstance(result, Trouble) else code_of_verdict(result.answer.verdict) for result in results)
    return max(codes, default=FINE)
