"""A draft's front matter fills the item; whatever is wrong with it, the text is judged all the same."""

from __future__ import annotations

import random
import time
import tomllib
from datetime import datetime

import pytest

from daemon.intake.frontmatter import LONGEST, _plain, read_item
from daemon.rulebook.item import KINDS, Image, Item, Poll

WHOLE = """+++
author = "sato"
kind = "poll"
topic = "イベント"
emergency = true
release_at = 2026-11-24T09:00:00+09:00
organiser = "大正区"
source = "区ウェブサイト"
purpose = "周知"
reference = "港広第12号"
target = "https://example.jp/1"
images = [{ file = "a.jpg", alt = "広場", rights = "own", consent = "済" }]
poll = { options = ["はい", "いいえ"], minutes = 60 }
+++
本文です。
"""


def read(text: str) -> Item:
    return read_item(text.encode())


def codes(item: Item) -> list[str]:
    return [trouble.code for trouble in item.troubles]


def test_every_key_of_the_contract_is_read() -> None:
    item = read(WHOLE)
    assert item == Item(
        text="本文です。",
        kind="poll",
        topic="イベント",
        emergency=True,
        release_at=datetime.fromisoformat("2026-11-24T09:00:00+09:00"),
        author="sato",
        organiser="大正区",
        source="区ウェブサイト",
        purpose="周知",
        reference="港広第12号",
        target="https://example.jp/1",
        images=(Image(file="a.jpg", alt="広場", rights="own", consent="済"),),
        poll=Poll(options=("はい", "いいえ"), minutes=60),
        declared=(
            "author", "kind", "topic", "emergency", "release_at", "organiser", "source", "purpose", "reference", "target", "images",
            "poll",
        ),
    )  # fmt: skip


def test_a_file_without_front_matter_is_all_body() -> None:
    item = read("+1 は先頭でも本文です。\n++\n")
    assert (item.text, item.declared, item.troubles) == ("+1 は先頭でも本文です。\n++", (), ())


def test_blank_lines_around_the_body_would_not_appear_and_indents_would() -> None:
    assert read("+++\n+++\n\n　字下げ\n\n二段落目 \n\n").text == "　字下げ\n\n二段落目 "


def test_windows_line_ends_and_a_mark_do_not_hide_the_front_matter() -> None:
    item = read_item(WHOLE.replace("\n", "\r\n").encode("utf-8-sig"))
    assert (item.topic, item.text, item.encoding) == ("イベント", "本文です。", "utf-8-sig")


def test_the_front_matter_may_be_in_cp932_too() -> None:
    assert read_item(WHOLE.encode("cp932")).organiser == "大正区"


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known(kind: str) -> None:
    assert read(f'+++\nkind = "{kind}"\n+++\n本文').kind == kind


def test_a_time_without_an_offset_is_tokyo_time() -> None:
    item = read("+++\nrelease_at = 2026-11-24T09:00:00\n+++\n本文")
    assert item.release_at is not None
    assert item.release_at.isoformat() == "2026-11-24T09:00:00+09:00"


def test_an_unknown_key_is_told_with_its_line_and_the_nearest_key() -> None:
    item = read('+++\ntopic = "防災"\nauther = "sato"\n+++\n本文')
    assert (codes(item), item.topic, item.text) == (["unknown-key"], "防災", "本文")
    assert "3行目" in item.troubles[0].message
    assert "author" in item.troubles[0].message_en


@pytest.mark.parametrize(
    "line",
    ['emergency = "true"', "author = 1", 'kind = "tweet"', 'release_at = "明日"', "release_at = 2026-11-24", 'images = "a.jpg"']
    + ['images = [{ alt = "x" }]', 'images = [{ file = "a", size = 1 }]', 'poll = ["a"]', "kind = true"],
)
def test_a_value_of_the_wrong_type_is_told_and_the_other_keys_count(line: str) -> None:
    item = read(f'+++\ntopic = "防災"\n{line}\n+++\n本文')
    assert (codes(item), item.topic, item.text) == (["front-matter"], "防災", "本文")
    assert "3行目" in item.troubles[0].message
    assert "Line 3" in item.troubles[0].message_en
    assert item.declared == ("topic", line.split()[0])


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert codes(read("+++\nauthor = 1\nfoo = 2\nkind = 3\n+++\n")) == ["front-matter", "unknown-key", "front-matter", "empty"]


def test_broken_toml_is_told_with_the_line_of_the_file_and_the_text_is_still_read() -> None:
    item = read('+++\ntopic = "防災"\nauthor = sato\n+++\n本文')
    assert (codes(item), item.text) == (["front-matter"], "本文")
    assert "3行目" in item.troubles[0].message


def test_a_fence_that_is_never_closed_leaves_everything_in_the_text() -> None:
    item = read('+++\ntopic = "防災"\n本文')
    assert (codes(item), item.text) == (["front-matter"], '+++\ntopic = "防災"\n本文')


@pytest.mark.parametrize("fence", ["＋＋＋", " +++", "\n+++"])
def test_a_fence_that_only_looks_like_one_is_told_for_its_keys_would_be_published(fence: str) -> None:
    assert codes(read(f'{fence}\ntopic = "防災"\n+++\n本文')) == ["front-matter"]


@pytest.mark.parametrize(
    "head",
    [
        "a = " + "[" * 20_000,
        ".".join("a" * 20_000) + " = 1",
        "author = " + "9" * 20_000,
        "# " + "x" * LONGEST,
        'author = "\\ud800"',
    ]
    + ["author = '\0'", "a" * 30_000 + " = 1", "author = 1979-13-45T00:00:00Z"],
    ids=["nested", "dotted", "digits", "long", "surrogate", "nul", "key", "month"],
)
def test_a_hostile_front_matter_is_told_and_takes_no_time(head: str) -> None:
    begun = time.process_time()
    item = read(f"+++\n{head}\n+++\n本文")
    assert item.text == "本文"
    assert codes(item) in (["front-matter"], ["unknown-key"])
    assert all(len(trouble.message) < 400 for trouble in item.troubles)
    assert time.process_time() - begun < 30  # the parser alone needs minutes for some of these


def test_control_characters_of_a_key_do_not_reach_the_message() -> None:
    item = read('+++\n"a\\u001b[31m" = 1\n+++\n本文')
    assert codes(item) == ["unknown-key"]
    assert "\x1b" not in item.troubles[0].message + item.troubles[0].message_en


def test_the_span_of_undecodable_bytes_points_into_the_body() -> None:
    item = read_item('+++\nauthor = "sato"\n+++\n休館'.encode() + b"\xff\xff" + "です".encode())
    assert codes(item) == ["encoding"]
    assert item.text[item.troubles[0].start : item.troubles[0].end] == "\ufffd\ufffd"


def test_undecodable_bytes_in_the_front_matter_have_no_span_in_the_body() -> None:
    item = read_item(b'+++\nauthor = "\xff\xff"\n+++\n' + "本文".encode())
    assert codes(item) == ["encoding"]
    assert (item.troubles[0].start, item.troubles[0].end) == (0, 0)


def test_a_nul_character_is_told_with_its_place() -> None:
    item = read("本\0文")
    assert codes(item) == ["nul"]
    assert item.troubles[0].start == 1


@pytest.mark.parametrize(
    ("head", "told"), [("", ["empty"]), ('+++\nkind = "follow"\n+++\n', []), ('+++\nkind = "reply"\n+++\n', ["empty"])]
)
def test_no_text_is_told_where_the_act_needs_words(head: str, told: list[str]) -> None:
    assert codes(read(head + " \n")) == told


@pytest.mark.parametrize(
    "line",
    [
        'images = [{ file = "../../state/kohoban.db" }]',
        'images = [{ file = "/etc/passwd" }]',
        'images = [{ file = ".." }]',
        'images = [{ file = "a\\u0000b.jpg" }]',
        "release_at = 9999-12-31T23:59:59+09:00",
        "release_at = 0001-01-01T00:00:00+09:00",
        'poll = { options = ["a", "b"], minutes = 99999999999999999999 }',
    ],
)
def test_what_leads_out_of_the_folder_or_the_calendar_is_said_and_does_not_count(line: str) -> None:
    item = read_item(f"+++\n{line}\n+++\n本文です".encode())
    assert [trouble.code for trouble in item.troubles] == ["front-matter"]
    assert (item.images, item.release_at, item.poll) == ((), None, None)


def test_plain_lines_are_read_as_toml_reads_them() -> None:
    """The short way through a front matter gives what the parser gives, or leaves it to the parser."""
    dice = random.Random(20261124)
    parts = (
        "author",
        "topic",
        "a-b",
        "=",
        " = ",
        '"',
        '"佐藤"',
        '"a b"',
        "'x'",
        "true",
        "false",
        "1",
        "\t",
        " ",
        "\n",
        "\\",
        "#",
        "\x00",
        "[x]",
        "あ",
    )
    for _ in range(4_000):
        head = "".join(dice.choices(parts, k=dice.randrange(1, 9)))
        plain = _plain(head)
        assert plain is None or plain == tomllib.loads(head)
    assert _plain('author = "sato"\n\n  topic="防災 あり"\t\nemergency = true\n') == {
        "author": "sato",
        "topic": "防災 あり",
        "emergency": True,
    }
