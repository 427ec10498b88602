"""The record at work: erased by a manager, verified behind every start, its anchors laid where the daemon cannot take them back."""

from __future__ import annotations

import json
import os
import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from daemon.service.witnesses import Witness, Witnesses
from daemon.store.anchor import Mark, parse_mark
from daemon.wire import AuditSeal, AuditSealed, AuditShow, Done, Erase, Listing, Refusal, Return
from tests.patience import let_go
from tests.service.live_office import MINATO, Office, contents, until

WHY = "山田花子さんから電話があったため"


def returned(office: Office, name: str) -> int:
    """A draft that has been given back for the reason WHY; the number of that entry of the record."""
    office.drop("minato-x", name, **MINATO)
    row = office.row(name, "waiting")
    office.caller("shibata").ask(Return(draft=row.id, hash=row.hash, reason=WHY), Done)
    return max(line.seq for line in office.show(row.id).history if line.act == "return")


def lines(office: Office) -> list[dict[str, str]]:
    with office.caller() as caller:
        return [json.loads(line.detail)["detail"] for line in caller.ask(AuditShow(limit=500), Listing).history]


def test_a_manager_erases_what_was_typed_and_the_record_says_so(fresh: Office) -> None:
    entry = returned(fresh, "返却.txt")
    assert any(detail.get("reason") == WHY for detail in lines(fresh))
    assert any(WHY.encode() in data for _, data in contents(fresh.state / "store"))

    done = fresh.caller("shibata").ask(Erase(entry=entry, field="reason", reason="本人の求め"), Done)
    assert "消去しました" in done.message
    details = lines(fresh)
    assert not any(detail.get("reason") == WHY for detail in details)
    assert details[-1] == {"entry": entry, "field": "reason", "reason": "本人の求め"}
    fresh.record_is_whole()
    store = fresh.state / "store"

    def nowhere() -> bool:
        return not any(WHY.encode() in data for _, data in contents(store))

    until(nowhere, "the erased words are in no file of the store")


def test_only_a_manager_erases_and_only_what_is_there(fresh: Office) -> None:
    entry = returned(fresh, "返却.txt")
    erase = Erase(entry=entry, field="reason", reason="本人の求め")
    refused = fresh.caller("akasaka").ask(erase, Refusal)
    assert refused.code == "role"
    refused = fresh.caller("shibata").ask(Erase(entry=entry, field="url", reason="本人の求め"), Refusal)
    assert refused.code == "no_such"
    refused = fresh.caller("shibata").ask(Erase(entry=entry, field="reason", reason=" "), Refusal)
    assert refused.code == "reason"


def test_the_name_of_a_file_is_erased_only_when_it_is_no_longer_in_the_queue(fresh: Office) -> None:
    path = fresh.drop("minato-x", "山田花子.txt", **MINATO)
    row = fresh.row("山田花子.txt", "waiting")
    (entry,) = (line.seq for line in fresh.show(row.id).history if line.act == "receive")
    erase = Erase(entry=entry, field="name", reason="本人の求め")
    assert fresh.caller("shibata").ask(erase, Refusal).code == "state"
    path.unlink()
    until(lambda: fresh.show(row.id).row.state == "withdrawn", "the draft is withdrawn with its file")
    fresh.caller("shibata").ask(erase, Done)
    assert "山田花子" not in json.dumps(lines(fresh), ensure_ascii=False)
    assert fresh.show(row.id).row.path.endswith(f"erased-{row.id}")


def test_the_head_is_signed_when_asked_for(fresh: Office) -> None:
    returned(fresh, "返却.txt")
    sealed = fresh.caller().ask(AuditSeal(), AuditSealed)
    mark = parse_mark(sealed.line)
    assert mark is not None
    assert (mark.seq, mark.hash, mark.office) == (sealed.entries, sealed.head, sealed.record)
    assert sealed.public.startswith("-----BEGIN PUBLIC KEY-----")
    assert sealed.line in (fresh.state / "store" / "audit.anchor").read_text()


def test_a_record_that_was_changed_is_an_alarm_after_the_next_start(fresh: Office) -> None:
    returned(fresh, "返却.txt")
    fresh.stop()
    with closing(sqlite3.connect(fresh.state / "store" / "kohoban.db", isolation_level=None)) as db:
        db.execute("DROP TRIGGER audit_no_update")
        db.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    fresh.start()
    alarms = until(lambda: [alarm for alarm in fresh.status().alarms if "記録の検証" in alarm], "the alarm")
    assert "2 番" in alarms[0]


def test_a_whole_record_is_noted_after_a_start_and_is_no_alarm(fresh: Office) -> None:
    returned(fresh, "返却.txt")
    note = fresh.state / "store" / "verified"
    until(note.exists, "what was verified is noted")
    assert json.loads(note.read_bytes())[0] > 0
    assert fresh.status().alarms == ()


@pytest.fixture
def witnesses() -> Iterator[Witnesses]:
    watched = Witnesses(Path("/nonexistent"))
    yield watched
    watched.close()


MARKS = [Mark(n, f"{n:064x}", "2026-11-21T10:00:00+09:00", "0123456789abcdef", "f" * 16, "e" * 128) for n in range(3)]


def test_the_newest_anchor_lies_in_every_folder_once(witnesses: Witnesses, tmp_path: Path) -> None:
    folders = (str(tmp_path / "a"), str(tmp_path / "b"))
    for folder in folders:
        os.mkdir(folder)
    for mark in (MARKS[0], MARKS[0], MARKS[1]):
        witnesses.look(folders, mark)

    def last() -> bool:
        files = [Path(folder) / "0123456789abcdef.anchor" for folder in folders]
        return all(file.exists() and file.read_text().splitlines()[-1:] == [MARKS[1].line] for file in files)

    until(last, "the newest line lies in both folders")
    again = Witnesses(Path("/nonexistent"))  # as after a restart
    again.look(folders, MARKS[1])
    until(lambda: again.look(folders, MARKS[1]) == {}, "all is well")
    time.sleep(0.05)
    again.close()
    assert (tmp_path / "a" / "0123456789abcdef.anchor").read_text().count(MARKS[1].line) == 1


def test_a_folder_that_refuses_is_an_alarm_and_keeps_nobody_waiting(
    witnesses: Witnesses, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.service.witnesses.AGAIN", 0.05)
    folder = tmp_path / "share"
    witnesses.look((str(folder),), MARKS[0])
    alarms = until(lambda: witnesses.look((str(folder),), MARKS[0]), "the alarm")
    assert str(folder) in alarms[str(folder)][0]
    folder.mkdir()
    until(lambda: witnesses.look((str(folder),), MARKS[1]) == {}, "the folder is back, and the alarm is over")
    assert MARKS[1].line in (folder / "0123456789abcdef.anchor").read_text()


def test_a_place_that_hangs_is_an_alarm_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("daemon.service.witnesses.PATIENCE", 0.05)
    with let_go(threading.Event()) as go:
        witness = Witness("dead", lambda mark: go.wait() and None)
        witness.start()
        witness.tell(MARKS[0])
        assert until(lambda: [] if witness.trouble is None else [witness.trouble], "it takes too long") == [""]
    until(lambda: witness.trouble is None, "it has come through")
    witness.close()


def test_the_machines_own_log_gets_one_line_where_there_is_one(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as log:
        log.bind(str(tmp_path / "log"))
        log.settimeout(30)
        witnesses = Witnesses(tmp_path / "log")
        witnesses.look((), MARKS[2])
        said = log.recv(4096).decode()
        witnesses.close()
    assert said.startswith("<85>kohoban[")
    assert said.endswith(f"anchor {MARKS[2].line}")
