"""Exports in the folders of a running office, as people and programs put them there: read once when they are whole, and gone; or left, and said."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from daemon.wire.bench import ImportList, Imports, ImportSeen
from tests.service.live_office import Office, until

SAITAMA, SHINAGAWA = "saitama-cvc", "shinagawa-koho"
ABUSE = "お前ら全員死ね。市民をなめるな。"
BARRIER = "zz-barrier.jsonl"


def line(text: str, number: object, **more: Any) -> dict[str, Any]:
    return {"id": f"{number}", "text": text, "author": f"shimin_{number}", "author_id": f"u{number}", **more}


def data(*lines: dict[str, Any]) -> bytes:
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines).encode()


def folder(office: Office, account: str) -> Path:
    place = office.folder / "comments" / account
    place.mkdir(parents=True, exist_ok=True)
    return place


def put(office: Office, account: str, name: str | bytes, content: bytes) -> Path:
    """Put a file there that was written a while ago, by renaming."""
    new = office.folder / "new"
    new.write_bytes(content)
    os.utime(new, (0, 0))
    return new.rename(folder(office, account) / os.fsdecode(name))


def taken(path: Path) -> None:
    until(lambda: not os.path.lexists(path), "the export read and gone")


def imports(office: Office) -> tuple[ImportSeen, ...]:
    return office.caller("kansa").ask(Imports(), ImportList).imports


def rounds_pass(office: Office, account: str, tries: list[int] = [0]) -> None:  # noqa: B006 - a name of its own for each
    """Whatever is to be taken has been: a later export is, twice."""
    for _ in range(2):
        tries[0] += 1
        taken(put(office, account, BARRIER, data(line("こんにちは", f"b{tries[0]}"))))


def alarms(office: Office) -> str:
    return "\n".join(office.status().alarms)


def kept(office: Office, where: str = "1") -> list[Any]:
    return [row[0] for row in office.database(f"SELECT source FROM comments WHERE {where} ORDER BY id")]


def test_a_file_that_somebody_writes_is_left_until_it_is_whole(office: Office) -> None:
    path = folder(office, SAITAMA) / "grows.jsonl"
    with path.open("wb", buffering=0) as file:
        file.write(data(line(ABUSE, "g1")))
        os.utime(path, (0, 0))
        rounds_pass(office, SAITAMA)
        assert path.exists() and "g1" not in kept(office)
        file.write(data(line(ABUSE, "g2")))
    taken(path)
    assert {"g1", "g2"} <= set(kept(office))


def test_what_was_added_after_the_reading_is_read_too(office: Office) -> None:
    first = data(line(ABUSE, "a1"))
    taken(put(office, SAITAMA, "added.jsonl", first))
    taken(put(office, SAITAMA, "added.jsonl", first + data(line(ABUSE, "a2"))))
    assert kept(office, "source IN ('a1', 'a2')") == ["a1", "a2"]
    assert (imports(office)[0].kept, imports(office)[0].known) == (1, 1)


def test_an_export_that_was_read_is_known_by_its_hash(office: Office) -> None:
    content = data(line(ABUSE, "h1"), line("ありがとう", "h2"))
    taken(put(office, SAITAMA, "h.jsonl", content))
    before = imports(office)
    taken(put(office, SAITAMA, "h-again.jsonl", content))
    assert imports(office) == before


def test_the_same_export_of_two_accounts_is_read_for_each(office: Office) -> None:
    content = data(line(ABUSE, "t1"))
    for account in (SAITAMA, SHINAGAWA):
        taken(put(office, account, "t.jsonl", content))
    assert kept(office, "source = 't1'") == ["t1", "t1"]


def test_an_id_that_comes_twice_is_one_comment_within_a_file_and_across_files(office: Office) -> None:
    taken(
        put(
            office,
            SAITAMA,
            "d.jsonl",
            data(line(ABUSE, "d1"), line(ABUSE, "d1"), line("市長は早く死ねよ", "d1", author="renamed")),
        )
    )
    taken(put(office, SAITAMA, "e.jsonl", data(line(ABUSE, "d1", author="renamed_again"), line(ABUSE, "d2", author_id="ud1"))))
    assert kept(office, "source IN ('d1', 'd2')") == ["d1", "d2"]
    assert [(each.kept, each.known) for each in imports(office)[:2]] == [(1, 1), (1, 2)]
    assert office.database("SELECT handle FROM comments WHERE source = 'd1'") == [("shimin_d1",)]


def test_comments_without_an_id_come_back_once_with_the_next_export(office: Office) -> None:
    nameless = {"text": "市長は早く死ねよ", "author": "dareka", "at": "2026-11-02T09:00:00+09:00"}
    taken(put(office, SAITAMA, "n1.jsonl", data(nameless)))
    taken(put(office, SAITAMA, "n2.jsonl", data(nameless, line("ありがとう", "n9"))))
    assert office.database("SELECT count(*) FROM comments WHERE handle = 'dareka'") == [(1,)]


def test_broken_lines_are_said_by_number_and_the_rest_is_kept(office: Office) -> None:
    taken(put(office, SAITAMA, "b.jsonl", data(line(ABUSE, "b1")) + b'{"id": \n' + data(line(ABUSE, "b3", at="2199-01-01"))))
    seen = imports(office)[0]
    assert (seen.lines, seen.kept, seen.broken) == (3, 2, 1)
    assert [number for number, _, _ in seen.problems] == [2, 3]
    assert office.database("SELECT posted_at FROM comments WHERE source = 'b3'") == [(None,)]


def test_a_name_that_is_no_utf8_is_a_name_like_another(office: Office) -> None:
    taken(put(office, SAITAMA, "書き出し.jsonl".encode("cp932"), data(line(ABUSE, "cp1"))))
    taken(put(office, SAITAMA, "\udc83\udc84.CSV", f"id,本文\r\ncp2,{ABUSE}\r\n".encode("cp932")))
    assert kept(office, "source IN ('cp1', 'cp2')") == ["cp1", "cp2"]


def test_of_an_export_nothing_of_which_can_be_read_nothing_is_lost(office: Office) -> None:
    table = put(office, SAITAMA, "wrong.csv", "番号,なかみ\r\n1,あ\r\n".encode())
    other = put(office, SAITAMA, "cp932.jsonl", data(line(ABUSE, "w1")).decode().encode("cp932"))
    until(lambda: "wrong.csv" in alarms(office) and "cp932.jsonl" in alarms(office), "both said")
    rounds_pass(office, SAITAMA)
    assert table.exists() and other.exists()
    put(office, SAITAMA, "wrong.csv", f"番号,本文\r\nw1,{ABUSE}\r\n".encode())
    taken(table)
    other.unlink()
    until(lambda: "wrong.csv" not in alarms(office) and "cp932.jsonl" not in alarms(office), "both over")


@pytest.mark.parametrize("kind", ["fifo", "link", "folder", "socket", "too-large"])
def test_what_is_no_file_of_comments_is_left_and_said_and_keeps_nothing_waiting(office: Office, kind: str) -> None:
    path = folder(office, SAITAMA) / f"odd-{kind}.jsonl"
    elsewhere = office.folder / "elsewhere.jsonl"
    elsewhere.write_bytes(data(line(ABUSE, "elsewhere")))
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "folder":
        path.mkdir()
    elif kind == "socket":
        os.mknod(path, 0o600 | 0o140000)
    else:
        with path.open("wb") as file:
            file.truncate((2 << 30) + 1)  # sparse
    until(lambda: path.name in alarms(office), "an alarm")
    rounds_pass(office, SAITAMA)
    assert os.path.lexists(path) and elsewhere.exists() and "elsewhere" not in kept(office)
    path.rmdir() if kind == "folder" else path.unlink()
    until(lambda: path.name not in alarms(office), "it over")


def test_a_folder_that_is_a_link_is_not_followed_and_nothing_behind_it_deleted(fresh: Office, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.jsonl").write_bytes(data(line(ABUSE, "o1")))
    os.utime(outside / "a.jsonl", (0, 0))
    (fresh.folder / "comments").mkdir(exist_ok=True)
    place = fresh.folder / "comments" / SAITAMA
    if place.is_dir():
        place.rmdir()
    place.symlink_to(outside)
    until(lambda: f"comments/{SAITAMA}" in alarms(fresh), "an alarm")
    rounds_pass(fresh, SHINAGAWA)
    assert (outside / "a.jsonl").exists() and kept(fresh) == []


def test_a_folder_of_no_account_is_said_as_long_as_exports_lie_in_it(office: Office) -> None:
    path = put(office, "urawa-ku", "a.jsonl", data(line(ABUSE, "x1")))
    until(lambda: "comments/urawa-ku" in alarms(office), "an alarm")
    path.unlink()
    until(lambda: "comments/urawa-ku" not in alarms(office), "it over")


def test_a_large_export_is_read_by_two_and_kept_in_its_own_order(office: Office) -> None:
    every = [line(ABUSE if n % 100 == 0 else "図書館の新しい席が気に入っています。" * 3, f"L{n}") for n in range(9000)]
    content = data(*every)
    assert len(content) > 1 << 20
    taken(put(office, SAITAMA, "large.jsonl", content))
    seen = imports(office)[0]
    assert (seen.lines, seen.kept, seen.clean, seen.broken) == (9000, 90, 8910, 0)
    assert kept(office, "source LIKE 'L%'") == [f"L{n}" for n in range(0, 9000, 100)]
