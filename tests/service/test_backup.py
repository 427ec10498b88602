"""Backups taken while the office works, and offices that come back from them: stopped, whole, and with nothing sent twice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from daemon.gate import Gate
from daemon.wire import AddClosure, AuditShow, Backup, BackupProgress, BackupState, Done, DraftDetail, Listing, Released, Show
from daemon.wire.moderation import CommentGone, MarkComment
from tests.service.live_office import MINATO, NOTICE, ROOT, Office, draft, until


def keeping(*words: object, lang: str = "ja") -> subprocess.CompletedProcess[str]:
    """`kohoban …` as people type it."""
    env = {**os.environ, "KOHOBAN_LANG": lang, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", "import sys; from console.launch import main; sys.exit(main())", *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=120)
    assert "Traceback" not in ended.stderr
    return ended


def said(*words: object) -> dict[str, Any]:
    """What `kohoban … --json` says when all is well."""
    ended = keeping(*words, "--json")
    assert ended.returncode == 0, ended.stderr
    return dict(json.loads(ended.stdout))


def backed_up(office: Office, to: Path) -> Path:
    """A backup, taken as a manager does."""
    said("backup", to, "--office", office.folder, "--operator", "shibata")
    return to


def unpacked(backup: Path) -> dict[str, bytes]:
    with tarfile.open(backup) as tar:
        return {info.name: tar.extractfile(info).read() for info in tar}  # type: ignore[union-attr]


def test_a_backup_taken_while_drafts_pour_in_comes_back_whole(fresh: Office, tmp_path: Path) -> None:
    office = fresh
    names = [f"n{n}.txt" for n in range(300)]
    for name in names[:150]:
        office.drop("minato-x", name, f"{name} {NOTICE}", **MINATO)
    office.all_of(names[:20], "waiting")
    manager = office.caller("shibata")
    to = tmp_path / "backup.tar"
    manager.ask(Backup(path=str(to)), Done)
    for name in names[150:]:
        office.drop("minato-x", name, f"{name} {NOTICE}", **MINATO)

    def ended() -> BackupProgress | None:
        progress = manager.ask(BackupState(), BackupProgress)
        return None if progress.running else progress

    done = until(ended, "an end of the backup")
    assert done is not None
    assert done.error == "" and done.size == to.stat().st_size
    assert to.stat().st_mode & 0o777 == 0o600
    office.all_of(names, "waiting")
    office.stop()

    answer = said("restore", to, "--office", office.folder)
    assert answer["head"] == done.head
    assert Path(answer["aside"], "store", "kohoban.db").exists()
    office.start()
    assert office.status().gate.stopped
    office.all_of(names, "waiting")  # what came after the backup lies in the folder, and comes in again
    office.record_is_whole()


def test_an_office_restored_on_another_machine_has_its_drafts_and_waits_for_its_manager(
    fresh: Office, found: Callable[..., Office], tmp_path: Path
) -> None:
    office = fresh
    for name in ("a.txt", "b.txt", "c.txt"):
        office.drop("minato-x", name, f"{name} {NOTICE}", **MINATO)
    office.all_of(["a.txt", "b.txt", "c.txt"], "waiting")
    office.approve("a.txt", "shibata")
    office.row("a.txt", "approved", "scheduled")
    to = backed_up(office, tmp_path / "backup.tar")
    office.stop()

    other = found(tmp_path / "elsewhere")
    (other.folder / "rules.toml").unlink()
    answer = said("restore", to, "--office", other.folder)
    assert answer["rules"] == "placed" and len(answer["files"]) == 3
    assert other.path("minato-x", "a.txt").read_bytes() == office.path("minato-x", "a.txt").read_bytes()
    other.start()
    assert other.status().gate.stopped
    assert other.row("a.txt").state == "held"
    assert {other.row(name).state for name in ("b.txt", "c.txt")} == {"waiting"}
    assert other.acts(other.row("a.txt").id)[-1] == "approve"
    other.record_is_whole()
    other.resume()
    other.approve("a.txt", "shibata", "held")


def test_what_went_out_after_the_backup_comes_back_unknown_and_is_not_sent_again(fresh: Office, tmp_path: Path) -> None:
    office = fresh
    office.drop("minato-x", "a.txt", **MINATO)
    office.drop("minato-x", "b.txt", f"b {NOTICE}", **MINATO)
    office.all_of(["a.txt", "b.txt"], "waiting")
    to = backed_up(office, tmp_path / "backup.tar")
    office.approve("a.txt", "shibata")
    row = office.row("a.txt", "approved")
    office.take(row)
    office.caller("akasaka").ask(Released(draft=row.id, url="https://x.com/minato_kunren/status/1"), Done)
    office.stop()
    answer = said("restore", to, "--office", office.folder)
    assert answer["unknown"] == [row.id] and answer["since"] > 0
    office.start()
    assert office.show(row.id).row.state == "unknown"
    assert office.row("b.txt").state == "waiting"
    assert office.status().gate.in_flight[0].draft == row.id


def test_a_backup_is_readable_without_this_program(fresh: Office, tmp_path: Path) -> None:
    fresh.drop("minato-x", "a.txt", **MINATO)
    fresh.row("a.txt", "waiting")
    inside = unpacked(backed_up(fresh, tmp_path / "b.tar"))
    assert list(inside)[0] == "KOHOBAN-BACKUP" and list(inside)[-2:] == ["manifest.json", "manifest.sha256"]
    assert inside["rules.toml"] == (fresh.folder / "rules.toml").read_bytes()
    assert draft(**MINATO) in inside["revisions/000001.seg"]


def test_a_backup_never_overwrites_and_never_lies_in_the_office(fresh: Office, tmp_path: Path) -> None:
    (tmp_path / "there.tar").write_text("mine")
    (fresh.folder / "drafts" / "minato-x").mkdir(parents=True, exist_ok=True)
    (tmp_path / "link").symlink_to(fresh.state)
    for place in (
        tmp_path / "there.tar",
        fresh.state / "b.tar",
        fresh.folder / "drafts" / "minato-x" / "b.tar",
        tmp_path / "link" / "b.tar",
        tmp_path / "nowhere" / "b.tar",
    ):
        ended = keeping("backup", place, "--office", fresh.folder, "--operator", "shibata")
        assert ended.returncode != 0 and ended.stderr.strip(), place
    assert (tmp_path / "there.tar").read_text() == "mine"
    fresh.caller("akasaka").refused(Backup(path=str(tmp_path / "c.tar")), "role")
    fresh.stop()
    assert keeping("backup", fresh.state / "b.tar", "--office", fresh.folder).returncode == 2
    assert not list(tmp_path.glob(".*"))


def test_without_a_daemon_the_command_does_it_and_with_one_a_restore_is_refused(fresh: Office, tmp_path: Path) -> None:
    fresh.drop("minato-x", "a.txt", **MINATO)
    fresh.row("a.txt", "waiting")
    to = backed_up(fresh, tmp_path / "online.tar")
    refused = keeping("restore", to, "--office", fresh.folder)
    assert refused.returncode == 4 and "使用中" in refused.stderr
    assert not fresh.status().gate.stopped
    assert not (fresh.state / "aside").exists()
    fresh.stop()
    said("backup", tmp_path / "offline.tar", "--office", fresh.folder)
    online, offline = unpacked(to), unpacked(tmp_path / "offline.tar")
    assert online.keys() == offline.keys()


@pytest.fixture
def saved(fresh: Office, tmp_path: Path) -> tuple[Office, Path]:
    """An office at rest, and its backup."""
    fresh.drop("minato-x", "a.txt", **MINATO)
    fresh.row("a.txt", "waiting")
    to = backed_up(fresh, tmp_path / "b.tar")
    fresh.stop()
    return fresh, to


def stands(office: Office) -> dict[str, bytes]:
    """Everything that a restore might touch."""
    return {
        str(path.relative_to(office.folder)): path.read_bytes()
        for top in ("state/store", "state/gate", "drafts", "rules.toml")
        for path in sorted((office.folder / top).rglob("*") if (office.folder / top).is_dir() else [office.folder / top])
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }


def refused_untouched(office: Office, backup: Path, *words: str) -> None:
    before = stands(office)
    ended = keeping("restore", backup, "--office", office.folder)
    assert ended.returncode == 2
    for word in words:
        assert word in ended.stderr, ended.stderr
    assert stands(office) == before
    assert not (office.state / "aside").exists(), "nothing is left of it"
    assert Gate(office.state).look().open


def test_a_truncated_backup_is_refused_and_nothing_is_touched(saved: tuple[Office, Path]) -> None:
    office, whole = saved
    data = whole.read_bytes()
    for size in (0, 511, len(data) // 2, data.rindex(b"manifest.sha256") + 400):
        cut = whole.with_name("cut.tar")
        cut.write_bytes(data[:size])
        refused_untouched(office, cut, "戻せません")


def test_a_flipped_byte_is_refused_and_nothing_is_touched(saved: tuple[Office, Path]) -> None:
    office, whole = saved
    data = whole.read_bytes()
    with tarfile.open(whole) as tar:
        places = [info.offset_data + info.size // 2 for info in tar] + [tar.getmembers()[2].offset + 3]
    for place in places:
        bad = whole.with_name("bad.tar")
        bad.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        refused_untouched(office, bad, "何も変更していません")


def rewritten(backup: Path, to: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """A backup with another manifest, sealed as if it were its own."""
    import hashlib
    import io

    inside = unpacked(backup)
    manifest = json.loads(inside["manifest.json"])
    change(manifest)
    inside["manifest.json"] = json.dumps(manifest).encode()
    inside["manifest.sha256"] = f"{hashlib.sha256(inside['manifest.json']).hexdigest()}  manifest.json\n".encode()
    with tarfile.open(to, "w") as tar:
        for name, data in inside.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return to


def test_a_backup_of_a_newer_version_and_one_of_something_else_are_refused(saved: tuple[Office, Path], tmp_path: Path) -> None:
    office, whole = saved
    refused_untouched(office, rewritten(whole, tmp_path / "new.tar", lambda m: m.update(schema=999)), "新しい版")
    refused_untouched(office, rewritten(whole, tmp_path / "head.tar", lambda m: m.update(head="0" * 64)), "連鎖")
    other = tmp_path / "other.tar"
    with tarfile.open(other, "w") as tar:
        tar.add(office.folder / "rules.toml", "rules.toml")
    refused_untouched(office, other, "広報番の控えではありません")
    refused_untouched(office, office.folder / "rules.toml", "戻せません")
    refused_untouched(office, tmp_path / "absent.tar")


def test_a_backup_that_would_write_outside_is_refused(saved: tuple[Office, Path], tmp_path: Path) -> None:
    import io

    office, whole = saved
    for name in ("../../evil", "/tmp/evil", "policies/../../evil", "rules.toml/x"):
        bad = tmp_path / "evil.tar"
        with tarfile.open(bad, "w") as tar:
            for inside in ("KOHOBAN-BACKUP", name):
                info = tarfile.TarInfo(inside)
                info.size = 1
                tar.addfile(info, io.BytesIO(b"x"))
        refused_untouched(office, bad, "扱えない")
    link = tarfile.TarInfo("rules.toml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    with tarfile.open(bad, "w") as tar:
        tar.addfile(tarfile.TarInfo("KOHOBAN-BACKUP"))
        tar.addfile(link)
    refused_untouched(office, bad, "扱えない")


def test_without_room_a_restore_is_refused_and_nothing_is_left(saved: tuple[Office, Path], tmp_path: Path) -> None:
    office, whole = saved
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "kohoban-test", str(disk)], check=True)
    try:
        shutil.copytree(office.folder, disk / "office", symlinks=True, ignore=shutil.ignore_patterns("ballast", "socket"))
        small = Office(disk / "office")
        ended = keeping("restore", whole, "--office", small.folder)
        assert ended.returncode == 2 and "空きが足りません" in ended.stderr
        assert not (small.state / "aside").exists()
        no_backup = keeping("backup", disk / "b.tar", "--office", small.folder)
        assert no_backup.returncode == 2 and "空きが足りません" in no_backup.stderr
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_a_second_restore_sets_the_first_aside_too(saved: tuple[Office, Path]) -> None:
    office, whole = saved
    first, second = (said("restore", whole, "--office", office.folder) for _ in range(2))
    assert first["aside"] != second["aside"]
    for answer in (first, second):
        assert Path(answer["aside"], "store", "kohoban.db").exists()
    office.start()
    assert office.row("a.txt").state == "waiting"
    head = office.status().audit_head
    assert head and office.record_is_whole()
    with office.caller() as caller:
        assert caller.ask(Show(draft=office.row("a.txt").id), DraftDetail).text == NOTICE


def test_closed_days_made_at_the_desk_come_back_but_not_those_whose_day_has_come(
    fresh: Office, tmp_path: Path, found: Callable[..., Office]
) -> None:
    today = fresh.status().now.date()
    with fresh.caller("urano") as urano:
        urano.ask(AddClosure(from_=today + timedelta(days=3), reason="停電作業のため"), Done)
    fresh.stop()
    path = fresh.state / "overrides.toml"
    path.write_text(f"""{path.read_text()}
[[closures]]
id = "old"
author = "urano"
reason = "済んだ工事"
accounts = ["saitama-cvc"]
from = {today - timedelta(days=9)}
until = {today - timedelta(days=5)}
""")
    to = tmp_path / "backup.tar"
    said("backup", to, "--office", fresh.folder)
    assert unpacked(to)["state/overrides.toml"] == path.read_bytes()
    other = found(tmp_path / "elsewhere")
    answer = said("restore", to, "--office", other.folder)
    (named,) = answer["overrides"]
    assert "停電作業のため" in named and "urano" in named
    placed = (other.state / "overrides.toml").read_text()
    assert "停電作業" in placed and "済んだ工事" not in placed
    other.start()
    with other.caller("urano") as urano:
        (entry,) = [line for line in urano.ask(AuditShow(limit=20), Listing).history if line.act == "restore"]
    assert "停電作業のため" in str(entry.detail)
    other.stop()
    (other.state / "overrides.toml").write_text("schema = 1\n")  # the office's own stand is the newer one
    assert said("restore", to, "--office", other.folder)["overrides"] == []
    assert "closures" not in (other.state / "overrides.toml").read_text()


def test_a_comment_that_was_erased_after_the_backup_does_not_come_back_with_it(fresh: Office, tmp_path: Path) -> None:
    words = "お前ら全員死ね。市民をなめるな、と書いた人の言葉"
    clerk = fresh.caller("omiya")
    clerk.ask(MarkComment(account="saitama-cvc", text=words, handle="dareka", source="1"), Done)
    clerk.ask(MarkComment(account="saitama-cvc", text=f"{words}その2", handle="dareka", source="2"), Done)
    to = backed_up(fresh, tmp_path / "backup.tar")
    clerk.ask(CommentGone(comment=1), Done)
    fresh.stop()
    said("restore", to, "--office", fresh.folder)
    kept = fresh.database("SELECT body FROM comment_evidence")
    assert [json.loads(body)["source"] for (body,) in kept] == ["2"]
    assert fresh.database("SELECT handle, state FROM comments ORDER BY id") == [("", "gone"), ("dareka", "open")]
