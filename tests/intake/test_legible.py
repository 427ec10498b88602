"""Files that hold no text, and texts that no platform would take: a verdict in one sentence, and nothing of theirs is carried on."""

from __future__ import annotations

import random

import pytest

from daemon.intake.frontmatter import LONGEST, MOST_UNKNOWN, read_item
from daemon.intake.legible import LARGEST_FILE, LONGEST_TEXT
from daemon.rulebook.item import Item
from daemon.screening.length import LIMITS

NOISE = random.Random(1).randbytes(LARGEST_FILE)


def codes(item: Item) -> list[str]:
    return [trouble.code for trouble in item.troubles]


@pytest.mark.parametrize(
    "data",
    [NOISE, NOISE[:500], b"\x00" * LARGEST_FILE, b"\x01" * LARGEST_FILE, b"a\x00\x00\x00" * 64 + b"abc", b"\x1b" * LARGEST_FILE]
    + [b"+++\nauthor = 'a'\n+++\n" + NOISE],
    ids=["noise", "little noise", "NUL", "controls", "sparse", "escapes", "noise below a front matter"],
)
def test_bytes_that_are_no_text_are_told_in_one_sentence_and_none_of_them_is_shown(data: bytes) -> None:
    item = read_item(data)
    assert (item.text, codes(item)) == ("", ["unreadable"])
    assert "文字のファイルではありません" in item.troubles[0].message
    assert len(item.troubles[0].message) < 120


@pytest.mark.parametrize(
    ("head", "said"),
    [
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04", "Word"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "古い形式"),
        (b"{\\rtf1\\ansi ", "RTF"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a", "GIF"),
    ],
)
def test_a_file_that_was_only_renamed_is_told_what_it_is(head: bytes, said: str) -> None:
    item = read_item(head + b"some words that anybody can read")
    assert (item.text, codes(item)) == ("", ["unreadable"])
    assert said in item.troubles[0].message


def test_a_few_control_characters_leave_a_text_a_text_in_which_they_are_shown() -> None:
    item = read_item("休館の\x00お知らせ\x0b".encode())
    assert (item.text, codes(item)) == ("休館の\x00お知らせ\x0b", ["nul"])


def test_utf_16_without_a_mark_is_a_text_for_all_its_nuls() -> None:
    item = read_item("Closed on Monday. 月曜日は休館です。".encode("utf-16-le"))
    assert (item.text, item.troubles) == ("Closed on Monday. 月曜日は休館です。", ())


def test_a_text_as_long_as_any_platform_takes_is_judged_whole_in_whatever_encoding() -> None:
    assert max(LIMITS.values()) == LONGEST_TEXT
    for text in ("あ" * LONGEST_TEXT, "😀" * LONGEST_TEXT):
        for encoding in ("utf-8", "utf-16", "utf-32"):
            data = text.encode(encoding)
            assert len(data) <= LARGEST_FILE
            assert read_item(data) == Item(text=text, encoding=read_item(data).encoding)


def test_what_lies_beyond_is_told_and_not_judged() -> None:
    item = read_item("あ".encode() * (LONGEST_TEXT + 1))
    assert (item.text, codes(item)) == ("あ" * LONGEST_TEXT, ["too-large"])
    assert "63,207" in item.troubles[0].message
    assert "63,206" in item.troubles[0].message


def test_characters_that_stand_for_many_others_count_as_those() -> None:
    assert codes(read_item("㍿の".encode() * 3_000)) == []
    item = read_item("ﷺ".encode() * LONGEST_TEXT)
    assert codes(item) == ["too-large"]
    assert 0 < len(item.text) < LONGEST_TEXT // 5


def test_a_trouble_in_what_is_not_judged_points_nowhere() -> None:
    item = read_item("あ".encode() * LONGEST_TEXT + b"\xff" + "い".encode())
    assert codes(item) == ["encoding", "too-large"]
    assert (item.troubles[0].start, item.troubles[0].end) == (0, 0)


def test_a_front_matter_of_unknown_keys_names_the_first_and_counts_the_rest() -> None:
    head = "".join(f"k{number} = 1\n" for number in range(1_000))
    item = read_item(f"+++\nauthor = 'sato'\n{head}+++\n本文".encode())
    assert codes(item) == ["unknown-key"] * (MOST_UNKNOWN + 1)
    assert str(1_000 - MOST_UNKNOWN) in item.troubles[-1].message
    assert item.author == "sato"


@pytest.mark.parametrize(
    "head",
    [
        'author = "' + "a" * 200_000 + '"',
        "a\n" * 60_000,
        "a = " + "[" * 60_000,
        "k = 1\n" * 20_000,
        " " * (LONGEST + 1),
        "#" * LARGEST_FILE,
    ],
    ids=["value", "lines", "brackets", "keys", "blanks", "comment"],
)
def test_a_front_matter_that_nobody_writes_by_hand_is_one_trouble(head: str) -> None:
    item = read_item(f"+++\n{head}\n+++\n本文".encode()[: LARGEST_FILE - 1])
    assert "front-matter" in codes(item)
    assert len(item.troubles) <= 2


@pytest.mark.parametrize("head", ["a = " + "[" * 15_000, "a = " + "{b = " * 2_000 + "1" + "}" * 2_000, "a = 1" + "_1" * 7_000])
def test_a_front_matter_nested_beyond_reason_is_told_and_the_body_is_judged(head: str) -> None:
    item = read_item(f"+++\n{head}\n+++\n本文".encode())
    assert item.text == "本文"
    assert set(codes(item)) <= {"front-matter", "unknown-key"}
    assert item.troubles
