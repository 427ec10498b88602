"""Fuzz reading, folding and spans: whatever bytes come, screening ends and every span cuts the same text out of the source.

pip install atheris            (no part of the locked set: it has no wheel for every Python)
.venv/bin/python tests/fuzz/fuzz_screening.py -max_total_time=60
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

with atheris.instrument_imports(include=["daemon"]):
    from daemon.intake.frontmatter import read_item
    from daemon.rulebook.item import Item
    from daemon.rulebook.load import load_rulebook
    from daemon.screening import Facts, screen, screen_many
    from daemon.screening.evasions import Closed
    from daemon.screening.fold import fold
    from daemon.screening.hit import Text

POLICY = load_rulebook(Path(__file__).resolve().parents[2]).policies["saitama"]
FACTS = Facts(Item(text=""), "", ("x",))


def once(data: bytes) -> None:
    """One input, read as a file and then judged as a draft, as a comment and among other comments."""
    item = read_item(data)
    text = Text(item.text)
    for at in range(min(len(text.folded), 200)):
        start, end = text.span(at, at + 1)
        assert 0 <= start < end <= len(item.text) and text.folded[at] in fold(item.text[start:end])
    closed = Closed(text.folded)
    assert all(closed.folded(at, at + 1)[1] <= len(text.folded) for at in range(min(len(closed.text), 200)))
    for found in screen(POLICY, FACTS._replace(item=item)):
        assert 0 <= found.start <= found.end <= len(item.text)
    alone = screen(POLICY, FACTS._replace(item=Item(text=item.text)), "comment")
    assert screen_many(POLICY, ["公園", item.text, "図書館"], FACTS).get(1, ()) == alone


if __name__ == "__main__":
    atheris.Setup(sys.argv, once)
    atheris.Fuzz()
