"""Exports of comments as they come: what is no comment is said by its line, the rest is read, and nothing of it steers anything."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.intake.comments import LINE_MOST, TEXT_MOST, Broken, Comment, read_comments

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def read(data: bytes, name: str = "a.jsonl") -> list[Comment | Broken]:
    return list(read_comments(io.BytesIO(data), name, NOW))


def one(**fields: Any) -> Comment:
    (found,) = read(json.dumps({"text": "あ", **fields}).encode())
    assert isinstance(found, Comment), found
    return found


def lines(*values: Any) -> bytes:
    return "\n".join(each if isinstance(each, str) else json.dumps(each) for each in values).encode()


def test_broken_lines_are_named_by_their_number_and_the_rest_is_read() -> None:
    found = read(lines({"text": "一"}, '{"text": "二"', "", {"text": "三"}, "[1]", "null", {"id": 5}, {"text": "四"}))
    assert [(each.line, type(each).__name__) for each in found] == [
        *((1, "Comment"), (2, "Broken"), (4, "Comment"), (5, "Broken"), (6, "Broken"), (7, "Broken"), (8, "Comment"))
    ]
    assert all("二" not in each.why + each.why_en for each in found if isinstance(each, Broken))


@pytest.mark.parametrize(
    "line",
    [
        b'{"text": "\xff\xfe"}',
        b'{"text": "a", "id": ' + b"9" * 6000 + b"}",
        b"[" * 100_000,
        b'{"text": {"text": "a"}}',
        b'{"text": ["a"]}',
        b'{"text": 1.5}',
        b'{"text": true}',
        b'{"text": "   "}',
        b"\x00\x00\x00",
        json.dumps({"text": "あ" * (TEXT_MOST + 1)}).encode(),
    ],
)
def test_what_is_no_comment_is_said_and_the_next_line_is_read(line: bytes) -> None:
    broken, comment = read(line + b'\n{"text": "ok"}')
    assert isinstance(broken, Broken) and broken.line == 1 and broken.why and broken.why_en
    assert isinstance(comment, Comment) and comment.text == "ok"


def test_a_lone_surrogate_is_neutralised_and_the_comment_is_read() -> None:
    found = one(text="お前ら全員死ね\ud83d", author="a\udc00b")
    assert (found.text, found.handle) == ("お前ら全員死ね\ufffd", "a\ufffdb")


def test_what_steers_a_terminal_stays_in_the_text_as_evidence_and_names_are_one_line() -> None:
    found = one(text="\x1b]0;x\x07\u202eあ\x00", author="@a\nb\tc", url="https://x.com/\n1", conversation="c" * 900)
    assert found.text == "\x1b]0;x\x07\u202eあ\x00"
    assert (found.handle, found.url, len(found.conversation)) == ("a b c", "https://x.com/ 1", 500)


@pytest.mark.parametrize(
    "at",
    [
        "2026-11-24T10:00:01+09:00",
        "2099-01-01",
        "9999-12-31T23:59:59-12:00",
        "きのう",
        "0001-01-01T00:00:00+14:00",
        "12345678901234",
    ],
)
def test_a_comment_with_a_time_that_cannot_be_is_read_without_it_and_that_is_said(at: str) -> None:
    found = one(at=at)
    assert found.posted_at is None
    assert found.doubt is not None and all(found.doubt)


def test_times_are_read_as_exports_write_them_and_without_a_zone_they_are_japans() -> None:
    at = datetime(2026, 11, 2, 0, 5, tzinfo=UTC)
    written = ("2026-11-02T00:05:00Z", "2026-11-02T09:05:00+09:00", "2026/11/02 09:05", "2026年11月02日 09:05")
    assert [one(at=each).posted_at for each in (*written, "Mon Nov 02 00:05:00 +0000 2026")] == [at] * 5


def test_a_line_of_ten_megabytes_is_passed_over_in_the_memory_of_one() -> None:
    data = b'{"text": "' + b"a" * (10 << 20) + b'"}\n{"text": "ok"}\n'
    file = io.BytesIO(data)
    tracemalloc.start()
    broken, comment = read_comments(file, "a.jsonl", NOW)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(broken, Broken) and isinstance(comment, Comment) and comment.line == 2
    assert most < 8 * LINE_MOST


def test_what_has_no_line_end_is_one_broken_line() -> None:
    class Zeros(io.RawIOBase):
        left = 64 << 20

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            n = min(len(buffer), self.left)
            buffer[:n] = bytes(n)
            self.left -= n
            return n

    (broken,) = read_comments(io.BufferedReader(Zeros()), "a.jsonl", NOW)
    assert isinstance(broken, Broken)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_a_table_is_read_in_the_encodings_that_offices_write(encoding: str) -> None:
    table = '投稿ID,本文,ユーザー名,投稿日時\r\n1,"こんにちは、\r\n市役所です",@yamada,2026/11/02 9:05\r\n2,ありがとうございます,sato,\r\n'
    first, second = read(table.encode(encoding), "書き出し.CSV")
    assert isinstance(first, Comment) and isinstance(second, Comment)
    assert (first.source, first.text, first.handle) == ("1", "こんにちは、\n市役所です", "yamada")
    assert (first.line, second.line) == (2, 4)


def test_formulas_stay_the_words_that_they_are() -> None:
    (found,) = read('text,author\r\n"=HYPERLINK(""http://e.example"",""押して"")",@a\r\n'.encode(), "a.csv")
    assert isinstance(found, Comment)
    assert found.text == '=HYPERLINK("http://e.example","押して")'


def test_a_table_without_a_column_of_texts_says_so() -> None:
    (broken,) = read(b"a,b\r\n1,2\r\n", "a.csv")
    assert isinstance(broken, Broken) and "本文" in broken.why


def test_a_row_with_more_cells_than_headings_is_said_and_the_next_is_read() -> None:
    broken, comment = read(b"text,author\r\na,b,c\r\nd,e\r\n", "a.csv")
    assert isinstance(broken, Broken) and isinstance(comment, Comment) and comment.text == "d"


def test_two_that_share_an_export_read_every_line_once() -> None:
    data = lines(*({"text": str(n)} for n in range(50)))
    halves = [list(read_comments(io.BytesIO(data), "a.jsonl", NOW, lambda n, h=h: n % 2 == h)) for h in (0, 1)]  # type: ignore[misc]
    assert sorted(each.line for half in halves for each in half) == list(range(1, 51))
    table = ("text\n" + "\n".join(map(str, range(50)))).encode()
    halves = [list(read_comments(io.BytesIO(table), "a.csv", NOW, lambda n, h=h: n % 2 == h)) for h in (0, 1)]  # type: ignore[misc]
    assert sorted(each.line for half in halves for each in half) == list(range(2, 52))


@given(st.binary(max_size=300), st.sampled_from(["a.jsonl", "a.csv"]))
def test_no_bytes_end_the_reading(data: bytes, name: str) -> None:
    for found in read(data, name):
        assert isinstance(found, Comment | Broken)


@given(
    st.dictionaries(
        st.sampled_from(["text", "id", "author", "at", "url", "本文"]),
        st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda e: st.lists(e, max_size=2)),
    )
)
def test_no_values_end_the_reading(value: dict[str, Any]) -> None:
    for found in read(json.dumps(value).encode()):
        assert isinstance(found, Comment | Broken)
        if isinstance(found, Comment):
            found.text.encode()
            (found.handle + found.url + found.source).encode()
