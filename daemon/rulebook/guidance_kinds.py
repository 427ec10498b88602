"""The kinds of guidance (案内) that come with the program, and what an office makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from msgspec.structs import replace

from daemon.rulebook.guidance import Guidance, GuidanceWords
from daemon.rulebook.shape import Shaper
from daemon.rulebook.source import Reader, tables

BUNDLED = Path(__file__).resolve().parent.parent / "policies" / "guidance" / "bundled.toml"


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
