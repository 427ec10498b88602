"""The key sheet says what the table of commands says, in both languages, and names every screen."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

from console.tui.commands import COMMANDS, Place
from console.tui.key_sheet import keys_of, sheet
from console.words import LANGUAGES, Language, catalogue


def test_the_committed_sheet_is_the_one_that_the_table_makes(root: Path) -> None:
    made = "\n".join(sheet("ja")) + "\n"
    assert (root / "docs" / "keys.md").read_text(encoding="utf-8") == made, "make keys"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_that_has_a_key_or_a_name_is_on_the_sheet(lang: Language) -> None:
    lines = list(sheet(lang))
    for command in COMMANDS:
        word = catalogue("tui", lang)[f"command.{command.name}"]
        assert [line for line in lines if f"| {word} |" in line and keys_of(command, lang) in line], command.name


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_screen_has_a_name_of_its_own(lang: Language) -> None:
    names = [catalogue("tui", lang)[f"place.{place}"] for place in get_args(Place)]
    assert len(set(names)) == len(names)
