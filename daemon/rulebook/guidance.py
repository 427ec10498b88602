"""案内: comments that call for something else than moderation (a fire, a call for help, a crime that is reported, a question). The mark is
neutral, and nothing is ever answered by itself. `policies/guidance/bundled.toml` has the patterns and the office's words; `[[guidance]]` of `rules.toml` may
put other words in their place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from daemon.rulebook.shape import Shaper
from daemon.rulebook.source import Reader, tables

BUNDLED = Path(__file__).resolve().parent.parent / "policies" / "guidance" / "bundled.toml"

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


def kinds_of(reader: Reader) -> dict[str, Guidance]:
    """The kinds that come with the program. Raises Unreadable where the installation is damaged."""
    source = reader.toml_of(BUNDLED)
    shaper = Shaper(source)
    found = (shaper.table("guidance", index, raw, Guidance) for index, raw in tables(source, "guidance"))
    return {each.kind: each for each in found if each is not None}


def with_own(kinds: Mapping[str, Guidance], own: Iterable[GuidanceWords]) -> dict[str, Guidance]:
    """The kinds as this office has them: with its own words, and without those that it has switched off."""
    out = dict(kinds)
    for each in own:
        if each.off:
            out.pop(each.kind, None)
        elif each.kind in out:
            kind = out[each.kind]
            out[each.kind] = replace(kind, text=each.text or kind.text, text_en=each.text_en or each.text or kind.text_en)
    return out
