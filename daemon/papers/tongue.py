"""In which language a paper is: the words of the paper itself stand in both where it is made, what it quotes stays as it is."""

from __future__ import annotations

from collections.abc import Callable

from daemon.papers.sheet import Language

Tongue = Callable[[str, str], str]
"""Of a word and its English twin, the one that the paper uses."""


def tongue(language: Language) -> Tongue:
    """The choice between the two."""
    return (lambda ja, en: en or ja) if language == "en" else (lambda ja, en: ja)
