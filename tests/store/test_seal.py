"""Signed lines: what the daemon's seal, or an office's own key, says about the record can be checked, and not be made by others."""

from __future__ import annotations

import base64
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from daemon.store import Against, Store, StoreUnfit, verify
from daemon.store.anchor import parse_mark, read_anchor
from daemon.store.seal import is_signed, key_id, make_key, read_key, read_public


async def filled(state: Path, entries: int = 5) -> str:
    async with await Store.open(state) as store:
        for n in range(entries):
            await store.write(lambda tx, n=n: tx.record("佐藤", "approve", n, reason=f"理由 {n}"))
        return store.head.hash


def program(module: str, *words: object) -> tuple[int, dict[str, Any], str]:
    """Run one of the store's programs: exit code, what it reports, what it says on the way."""
    done = subprocess.run(
        [sys.executable, "-m", f"daemon.store.{module}", *map(str, words)], capture_output=True, text=True, timeout=60
    )
    return done.returncode, json.loads(done.stdout), done.stderr


def openssl(public: Path, signed: Path, signature: Path) -> str:
    """What openssl says about a signature."""
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", "-in", signed, "-sigfile", signature]
    return subprocess.run(command, capture_output=True, text=True).stdout


def tampered(state: Path, statement: str) -> None:
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    for trigger in ("audit_no_update", "audit_no_delete"):
        db.execute(f"DROP TRIGGER {trigger}")
    db.execute(statement)
    db.close()


async def test_the_daemons_own_lines_are_signed_by_a_key_that_is_its_alone(state: Path) -> None:
    head = await filled(state)
    assert (state / "seal.key").stat().st_mode & 0o777 == 0o600
    public = read_public(state / "seal.pub")
    marks = read_anchor(state / "audit.anchor").marks
    assert marks[-1].hash == head
    assert {mark.key for mark in marks} == {key_id(public)}
    assert all(is_signed(mark, public) for mark in marks)
    with closing(sqlite3.connect(state / "kohoban.db")) as db:
        (first,) = db.execute("SELECT hash FROM audit WHERE seq = 1").fetchone()
    assert {mark.office for mark in marks} == {first[:16]}


async def test_a_signature_can_be_checked_with_openssl(state: Path, tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here")
    await filled(state)
    mark = read_anchor(state / "audit.anchor").marks[-1]
    (tmp_path / "signed").write_text(f"kohoban-checkpoint {mark.seq} {mark.hash} {mark.at} {mark.office} {mark.key}")
    (tmp_path / "signature").write_bytes(bytes.fromhex(mark.signature))
    assert "Signature Verified Successfully" in openssl(state / "seal.pub", tmp_path / "signed", tmp_path / "signature")


async def test_lines_from_before_the_seal_stay_readable(state: Path) -> None:
    head = await filled(state)
    (state / "audit.anchor").write_text(f"5 {head} 2026-11-21T10:00:00+09:00\n")
    found = verify(state / "kohoban.db", state / "audit.anchor", None, Against(public=state / "seal.pub"))
    assert (found.ok, found.why) == (True, "")


@pytest.mark.parametrize("part", ["at", "signature"])
async def test_a_line_that_was_changed_no_longer_bears_its_signature(state: Path, part: str) -> None:
    await filled(state)
    mark = read_anchor(state / "audit.anchor").marks[-1]
    forged = mark._replace(at="2020-01-01T00:00:00+09:00") if part == "at" else mark._replace(signature="0" * 128)
    (state / "audit.anchor").write_text(f"{forged.line}\n")
    assert verify(state / "kohoban.db", state / "audit.anchor").ok  # the daemon's own folder proves nothing by itself
    found = verify(state / "kohoban.db", state / "audit.anchor", None, Against(public=state / "seal.pub"))
    assert (found.ok, found.first_bad) == (False, 5)
    assert "signature" in found.why_en


async def test_a_key_that_is_none_is_told_and_the_line_is_written_without_it(state: Path) -> None:
    (state / "seal.key").write_text("this is no key")
    async with await Store.open(state) as store:
        await store.write(lambda tx: tx.record("sato", "note"))
        await store.write(lambda tx: None)  # the anchor is written before the next act is looked at
        assert store.unsealed is not None
        assert "seal.key" in store.unsealed.message
        assert store.trouble is None
    (mark,) = read_anchor(state / "audit.anchor").marks
    assert (mark.seq, mark.signature) == (1, "")


async def test_an_anchor_of_another_record_is_told_at_the_first_entry(state: Path, tmp_path: Path) -> None:
    await filled(state)
    (tmp_path / "other").mkdir()
    await filled(tmp_path / "other", 2)
    found = verify(state / "kohoban.db", state / "audit.anchor", None, Against(anchors=(tmp_path / "other" / "audit.anchor",)))
    assert (found.ok, found.first_bad) == (False, 1)
    assert "another record" in found.why_en


async def test_an_office_signs_checkpoints_with_its_own_key_after_verifying(state: Path, tmp_path: Path) -> None:
    head = await filled(state)
    key, signed = tmp_path / "office.key", tmp_path / "checkpoints"
    code, made, _ = program("seal_main", "key", key)
    assert code == 0
    assert key.stat().st_mode & 0o777 == 0o600
    assert made["public"] == f"{key}.pub"
    assert program("seal_main", "key", key)[0] == 2  # a key is never overwritten

    code, done, _ = program("seal_main", "checkpoint", state, key, signed)
    mark = parse_mark(done["line"])
    assert code == 0
    assert mark is not None
    assert (mark.seq, mark.hash, mark.key) == (5, head, made["key"])
    assert signed.read_text() == f"{mark.line}\n"
    assert is_signed(mark, read_public(Path(made["public"])))
    assert program("verify_main", state, "--anchors", signed, "--public", made["public"])[0] == 0

    signed.write_text(f"{mark._replace(hash=sha256(b'x').hexdigest()).line}\n")
    code, outcome, _ = program("verify_main", state, "--anchors", signed, "--public", made["public"])
    assert (code, outcome["found"]["first_bad"]) == (1, 5)
    code, refused, _ = program("seal_main", "checkpoint", state, key, signed)
    assert (code, refused["first_bad"]) == (1, 5)


async def test_nothing_is_signed_that_does_not_verify(state: Path, tmp_path: Path) -> None:
    await filled(state)
    make_key(tmp_path / "key", tmp_path / "key.pub")
    tampered(state, "UPDATE audit SET actor = '鈴木' WHERE seq = 3")
    code, done, _ = program("seal_main", "checkpoint", state, tmp_path / "key", tmp_path / "to")
    assert (code, done["first_bad"]) == (1, 3)
    assert not (tmp_path / "to").exists()


def test_a_file_that_is_no_key_is_told(tmp_path: Path) -> None:
    (tmp_path / "text").write_bytes(base64.b64encode(b"nothing"))
    with pytest.raises(StoreUnfit, match="no Ed25519 key"):
        read_key(tmp_path / "text")
    with pytest.raises(StoreUnfit, match="no Ed25519 key"):
        read_public(tmp_path / "text")


@pytest.mark.parametrize("jobs", [1, 3])
async def test_a_long_record_is_verified_in_parts_and_the_first_bad_entry_of_all_is_named(state: Path, jobs: int) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: [tx.record("佐藤", "approve", n) for n in range(1_200)])
        head = store.head.hash
    code, outcome, progress = program("verify_main", state, "--part", 500, "--jobs", jobs)
    assert (code, outcome["found"]["entries"], outcome["found"]["head"]) == (0, 1_200, head)
    assert progress.splitlines() == ["500 1200", "1000 1200", "1200 1200"]

    tampered(state, "UPDATE audit SET actor = '鈴木' WHERE seq IN (700, 1100)")
    code, outcome, _ = program("verify_main", state, "--part", 500, "--jobs", jobs)
    assert (code, outcome["found"]["first_bad"], outcome["found"]["entries"]) == (1, 700, 699)
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    (hash_before,) = db.execute("SELECT hash FROM audit WHERE seq = 800").fetchone()
    db.close()
    code, outcome, _ = program("verify_main", state, "--part", 500, "--jobs", jobs, "--since", f"800:{hash_before}")
    assert (code, outcome["found"]["first_bad"]) == (1, 1100)


@pytest.mark.parametrize("jobs", [1, 3])
async def test_a_damaged_database_ends_the_verification_in_a_sentence_however_many_look_at_it(state: Path, jobs: int) -> None:
    async with await Store.open(state) as store:
        await store.write(lambda tx: [tx.record("佐藤", "approve", n, reason="理由" * 40) for n in range(1_200)])
    db = sqlite3.connect(state / "kohoban.db", isolation_level=None)
    (leaf,) = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'segment_end'").fetchone()
    (size,) = db.execute("PRAGMA page_size").fetchone()
    db.close()
    with (state / "kohoban.db").open("r+b") as file:
        file.seek((leaf - 1) * size)
        file.write(b"\xff" * size)
    code, outcome, _ = program("verify_main", state, "--part", 500, "--jobs", jobs)
    assert code == 2, outcome
    assert "kohoban repair" in outcome["error"][0]


async def test_what_cannot_be_looked_at_is_told_in_a_sentence(state: Path, tmp_path: Path) -> None:
    code, outcome, _ = program("verify_main", tmp_path / "nowhere")
    assert code == 2
    assert "cannot be read" in outcome["error"][1]
    await filled(state)
    code, outcome, _ = program("verify_main", state, "--anchors", tmp_path / "missing")
    assert code == 2
    assert "missing" in outcome["error"][0]
