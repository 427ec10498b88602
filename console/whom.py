"""Whom a draft or a 後閲 waits for, in the operator's language; where the office has given a post no English name, by its own."""

from __future__ import annotations

from typing import Protocol

from console.words import choose


class Waits(Protocol):
    """What says for whom it waits; `who_en` is empty where it would say the same."""

    @property
    def who(self) -> str: ...

    @property
    def who_en(self) -> str: ...


def whom(line: Waits) -> str:
    """Not made safe to show."""
    return choose(line.who, line.who_en or line.who)
