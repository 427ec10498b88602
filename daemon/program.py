"""The command line of a process of this program's own. Standard library only."""

from __future__ import annotations

import sys


def program(module: str, *words: str) -> tuple[str, ...]:
    """The words that run one of our modules in the same Python. `-P`: a file in the folder where somebody happens to stand, named like a module,
    is never imported in its place."""
    return (sys.executable, "-P", "-m", module, *words)
