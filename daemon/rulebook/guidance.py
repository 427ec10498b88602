"""案内: comments that call for something else than moderation (a fire, a call for help, a crime that is reported, a question). The mark is
neutral, and nothing is ever answered by itself. `policies/guidance/bundled.toml` has the patterns and the office's words; `[[guidance]]` of `rules.toml` may
put other words in their place."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

GuidanceKind = Literal["emergency", "help", "crime", "question"]


class Guidance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind: how it is known (RE2 patterns over the folded text, `unless` excuses), and what the office's people do then."""

    kind: GuidanceKind
    title: str
    title_en: str
    text: str
    text_en: str
    any: tuple[str, ...]
    unless: tuple[str, ...] = ()


class GuidanceWords(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[guidance]]` of `rules.toml`: the office's own words for one kind; with `off` it is not looked for."""

    kind: GuidanceKind
    text: str = ""
    text_en: str = ""
    off: bool = False
