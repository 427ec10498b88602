"""Untrusted text: what may reach the screen, and what a finding's span means there."""

from __future__ import annotations

import ast
import re
import string
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len

from console.text import LONGEST, DisplayText, cells, characters, fit
from console.tui.commands import COMMANDS
from console.tui.paint import lit, strip
from console.tui.part import Part
from console.tui.wrap import wrap
from console.words import catalogue

pytestmark = pytest.mark.usefixtures("japanese")

BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=60)  # lone surrogates too
NASTY = st.text(
    alphabet="\x00\x07\x1b\x9b\x7f\u202e\u2066\u200b\u200d\ufeff\ud800\U000e0041\ue000か\u3099\u0301a漢①🇯👍\U0001f3fd\ufe0f\t\r\n",
    max_size=60,
)


def harmless(shown: str) -> bool:
    """No control, no bidi control, nothing that a terminal obeys or hides."""
    return not any(c < " " or "\x7f" <= c <= "\x9f" or c in BIDI or unicodedata.category(c) in ("Cs", "Cf") for c in shown)


@given(ANYTHING | NASTY)
def test_nothing_that_a_terminal_obeys_comes_through(payload: str) -> None:
    assert harmless(DisplayText.of(payload).plain)


@given(ANYTHING | NASTY)
def test_a_block_keeps_its_line_breaks_and_nothing_else(payload: str) -> None:
    assert harmless(DisplayText.of(payload, block=True).plain.replace("\n", ""))


@given(ANYTHING | NASTY)
def test_every_offset_of_the_source_has_its_place_and_they_never_run_backwards(payload: str) -> None:
    shown = DisplayText.of(payload)
    places = [shown.at(offset) for offset in range(len(payload) + 1)]
    assert places == sorted(places)
    assert places[0] == 0
    assert places[-1] == len(shown.plain)


@example("\u3099\u3099\U0001f3fb\u3099")
@given(ANYTHING | NASTY)
def test_making_safe_what_is_safe_changes_nothing(payload: str) -> None:
    once = DisplayText.of(payload).plain
    assert DisplayText.of(once).plain == once


@given(NASTY, st.integers(1, 30))
def test_a_column_is_exactly_as_wide_as_it_is(payload: str, width: int) -> None:
    assert cells(fit(DisplayText.of(payload).plain, width)) == width


@example("\u0301aaa", 2)
@given(NASTY, st.integers(2, 30))
def test_wrapping_loses_nothing_and_keeps_the_width(payload: str, width: int) -> None:
    shown = DisplayText.of(payload, block=True)
    lines = ["".join(part.text.plain for part in line) for line in wrap([Part(shown)], width)]
    assert "".join(lines).replace(" ", "") == shown.plain.replace("\n", "").replace(" ", "")
    assert all(cells(line) <= width for line in lines)


@pytest.mark.parametrize(
    ("source", "plain", "flag"),
    [
        ("適合\x1b[2Aa", "適合␛[2Aa", "control"),
        ("a\x9b31mb", "a�31mb", "control"),
        ("gpj\u202e.exe", "gpj⟦RLO⟧.exe", "bidi"),
        ("死\u200bね", "死ね", "invisible"),
        ("タグ\U000e0041", "タグ", "invisible"),
        ("髙\ue000", "髙〓", "gaiji"),
        ("\ud83d", "�", "broken"),
    ],
)
def test_what_is_hidden_is_shown_or_left_out_and_always_told(source: str, plain: str, flag: str) -> None:
    shown = DisplayText.of(source)
    assert shown.plain == plain
    assert flag in shown.flags


def test_emoji_and_kanji_variants_are_no_reason_for_a_warning() -> None:
    assert DisplayText.of("❤️👍🏽1️⃣葛\U000e0100飾区").flags == frozenset()
    assert DisplayText.of("葛\U000e0100飾区").plain == "葛\U000e0100飾区"


def test_a_very_long_text_is_cut_and_says_so() -> None:
    shown = DisplayText.of("あ" * (LONGEST + 1))
    assert "cut" in shown.flags
    assert len(shown.plain) < LONGEST + 10


def test_a_span_lights_up_the_characters_it_means_behind_hidden_ones() -> None:
    source = "連絡\u200b先\x07は\u202e090-1234-5678まで"
    begin = source.index("090")
    parts = lit(DisplayText.of(source), [(begin, begin + 13, "mark")])
    assert [part.text.plain for part in parts if part.ink == "mark"] == ["090-1234-5678"]


def test_without_colour_a_lit_span_stands_in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    parts = lit(DisplayText.of("電話は090です"), [(3, 6, "mark")])
    assert "".join(part.text.plain for part in parts) == "電話は【090】です"


def test_the_raw_view_names_what_cannot_be_seen() -> None:
    names = [name.plain for _, _, name in characters("a\u202e\u200b")]
    assert names == ["U+0061 LATIN SMALL LETTER A", "U+202E RIGHT-TO-LEFT OVERRIDE", "U+200B ZERO WIDTH SPACE"]


def test_a_line_breaks_as_japanese_print_does() -> None:
    lines = ["".join(p.text.plain for p in line) for line in wrap([Part(DisplayText("投稿したら、URLを記録します。"))], 12)]
    assert lines == ["投稿したら、", "URLを記録し", "ます。"]


def test_a_strip_is_as_wide_as_the_screen_whatever_is_in_it() -> None:
    for width in range(1, 40):
        line = strip([Part(DisplayText("防災🇯🇵訓練①")), Part(DisplayText("長い部署名"), "warn", 6)], width)
        assert line.cell_length == width


# -- the rule, held over the source of the console ----------------------------------------------------------------------

PAINTERS = {"Content", "Segment", "Text", "Static", "Label", "Markdown", "RichLog", "Log", "DataTable", "Tree", "OptionList"}


def tui_sources(root: Path) -> list[Path]:
    found = sorted((root / "console" / "tui").glob("*.py"))
    assert len(found) > 10
    return found


def test_only_paint_makes_something_that_textual_shows(root: Path) -> None:
    for path in tui_sources(root):
        if path.name == "paint.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            assert not names & PAINTERS, f"{path.name} imports {names & PAINTERS}"
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                assert name not in (*PAINTERS, "notify", "from_markup", "open_url"), f"{path.name}: {name}("
                assert name != "copy_to_clipboard" or path.name == "clipboard.py", f"{path.name}: {name}("
                assert not any(keyword.arg == "markup" for keyword in node.keywords), path.name


def test_display_text_is_made_of_literals_and_own_numbers_only_where_it_is_not_made_safe(root: Path) -> None:
    """`DisplayText(…)` without `.of` is for text that cannot hold anything of somebody else: literals, numbers, what is safe."""
    allowed_calls = {"str", "fit", "join", "chr"}
    for path in tui_sources(root):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "DisplayText" and node.args):
                continue
            for inner in ast.walk(node.args[0]):
                if isinstance(inner, ast.Attribute):
                    assert inner.attr in SAFE_ATTRIBUTES, f"{path.name}:{node.lineno} {ast.unparse(node)}"
                if isinstance(inner, ast.Call):
                    name = inner.func.attr if isinstance(inner.func, ast.Attribute) else getattr(inner.func, "id", "")
                    assert name in {*allowed_calls, "say", "max", "_width", "values", "weekday"}, (
                        f"{path.name}:{node.lineno} {ast.unparse(node)}"
                    )


SAFE_ATTRIBUTES = {"plain", "id", "seq", "draft", "month", "day", "weekday", "open_findings", "keys", "join", "text"}
"""`plain` is safe already, `text` is a part's `DisplayText`; the others are integers, or keys of our own table."""


# -- the words ----------------------------------------------------------------------------------------------------------


def test_both_catalogues_say_the_same_things_with_the_same_places() -> None:
    ja, en = catalogue("tui", "ja"), catalogue("tui", "en")
    assert ja.keys() == en.keys()
    for key in ja:
        places = [{name for _, name, _, _ in string.Formatter().parse(words[key]) if name} for words in (ja, en)]
        assert places[0] == places[1], key


def test_the_chrome_has_no_character_whose_width_terminals_disagree_about() -> None:
    for language in ("ja", "en"):
        for key, words in catalogue("tui", language).items():  # type: ignore[arg-type]
            odd = {c for c in words if unicodedata.east_asian_width(c) == "A"}
            assert not odd, f"{key}: {odd}"


MEASURED = {"drawing.py": {"\u2580"}}
"""Painted only where the terminal was seen to draw it in one column; elsewhere a blank stands for it."""


def test_no_literal_of_the_screens_has_such_a_character_either() -> None:
    """What is only looked for (an argument of `re`, `replace`, `in`) is not painted."""
    for path in sorted((Path(__file__).resolve().parents[2] / "console").glob("tui/*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documents = {
            id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        sought = {
            id(inner)
            for node in ast.walk(tree)
            if (isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("re.", "str.maketrans")))
            or isinstance(node, ast.Compare)
            for inner in ast.walk(node)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documents | sought:
                odd = {c for c in node.value if unicodedata.east_asian_width(c) == "A"} - MEASURED.get(path.name, set())
                assert not odd, f"{path.name}:{node.lineno} {odd}"


def test_no_japanese_sentence_was_left_in_english() -> None:
    for key, words in catalogue("tui", "ja").items():
        bare = re.sub(r"\{\w*\}", "", words)
        if not key.startswith(("key.", "platform.")) and re.search("[A-Za-z]{3}", bare):
            assert any(ord(c) > 0x2FFF for c in bare), key


def test_every_command_has_a_name_and_a_line_on_the_page_of_keys() -> None:
    words = catalogue("tui", "ja")
    for command in COMMANDS:
        assert f"command.{command.name}" in words
        assert f"help.{command.name}" in words
        assert all(len(key) == 1 or f"key.{key}" in words for key in command.keys)


def test_columns_are_counted_as_the_console_paints_them() -> None:
    kana_and_kanji = (chr(code) for code in (*range(0x3000, 0x3100), *range(0x4E00, 0xA000), *range(0xFF00, 0xFFF0)))
    for char in (*map(chr, range(0x250)), *kana_and_kanji, "…", "—", "①", "😀", "👨\u200d👩", "か\u3099", "ｶﾞ", "\u200b"):
        assert cells(f"あ{char}a") == cell_len(f"あ{char}a"), hex(ord(char[0]))
