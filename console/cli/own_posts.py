"""The office's own posts, as `check --as comment` is given them: what a comment may be an altered copy of."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from console.cli.answers import Trouble
from console.cli.outcome import WRONG, Failure
from console.cli.sources import Source, from_paths, lines_of, texts_of
from console.words import say


def read_own_posts(path: str) -> tuple[str, ...]:
    """The texts of a file, one JSON object with `text` a line (`.jsonl`) or one post, or of every draft in a folder and in the `done` below
    it. Raises Failure (usage) for whatever cannot be read, and where there is no post: a comparison with less than was given would say
    nothing."""
    posts = tuple(post for each in _texts(path) if (post := each.strip()))
    if not posts:
        raise Failure(WRONG, say("cli", "check.no_own_posts", file=path))
    return posts


def _texts(path: str) -> Iterator[str]:
    if os.fsencode(path).lower().endswith((b".jsonl", b".ndjson")):
        with lines_of(path) as stream:
            for text in texts_of(stream):
                if isinstance(text, Trouble):
                    raise Failure(WRONG, f"{path}: {text.error}")
                yield text
        return
    done = Path(path) / "done"
    for source in from_paths([path, str(done)] if done.is_dir() else [path]):
        if isinstance(source, Trouble):
            raise Failure(WRONG, source.error)
        yield _text(source)


def _text(source: Source) -> str:
    """What of a draft was posted: its text, without the front matter."""
    if source.item is not None:
        return source.item.text
    from daemon.intake.frontmatter import read_item

    item = read_item(source.data)
    for trouble in item.troubles:
        if trouble.code == "encoding":
            raise Failure(WRONG, say("cli", "check.own_post_unreadable", file=source.name))
    return item.text
