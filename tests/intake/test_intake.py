"""What happens in a folder is brought: once, in order, whatever editors, transfers and accidents do there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest
from listening_desk import Desk, name_of

from daemon.intake.intake import Arrival, Brought, Gone, Intake, Refused, Renamed

# New, edited, renamed, removed


def test_a_draft_dropped_into_the_folder_arrives(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("休館のお知らせ\n", encoding="utf-8")
    arrival = desk.arrival("a.txt")
    assert (arrival.account, arrival.item.text, arrival.data) == ("koho", "休館のお知らせ", "休館のお知らせ\n".encode())


def test_what_was_there_before_the_start_arrives_and_what_is_known_does_not(desk: Desk) -> None:
    (desk.folder / "new.txt").write_text("新")
    (desk.folder / "known.txt").write_text("既知")
    facts = (desk.folder / "known.txt").stat()
    known = (facts.st_dev, facts.st_ino, facts.st_ctime_ns, facts.st_mtime_ns, facts.st_size)
    desk.start({("koho", b"known.txt"): known})
    desk.arrival("new.txt")
    desk.settle()
    assert not desk.of(Arrival, "known.txt")


def test_what_vanished_while_nobody_watched_is_gone(desk: Desk) -> None:
    desk.start({("koho", b"old.txt"): (desk.folder.stat().st_dev, 1, 2, 3, 4)})
    desk.gone("old.txt")


def test_an_edit_arrives_again_under_the_same_name(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("一")
    first = desk.arrival("a.txt", "一")
    (desk.folder / "a.txt").write_text("二")
    assert desk.arrival("a.txt", "二").sha256 != first.sha256
    assert not desk.of(Gone)


def test_two_writes_of_the_same_size_at_the_same_moment_end_in_the_last_one(desk: Desk) -> None:
    desk.start()
    path = desk.folder / "a.txt"
    for _ in range(20):
        for text in ("abc", "xyz", "end"):
            path.write_text(text)
        desk.arrival("a.txt", "end")
        desk.until(lambda: [t.item.text for t in desk.of(Arrival) if isinstance(t, Arrival)][-1] == "end")


def test_a_file_that_is_only_touched_keeps_its_hash(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("一")
    first = desk.arrival("a.txt")
    os.utime(desk.folder / "a.txt", (1, 1))
    desk.until(lambda: desk.arrival("a.txt").mtime_ns == 1_000_000_000)
    assert desk.arrival("a.txt").sha256 == first.sha256


def test_a_renamed_draft_keeps_its_history(desk: Desk) -> None:
    desk.start()
    (desk.folder / "old.txt").write_text("本文")
    desk.arrival("old.txt")
    (desk.folder / "old.txt").rename(desk.folder / "new.txt")
    desk.arrival("new.txt")
    assert desk.of(Renamed) == [Renamed(account="koho", old=b"old.txt", new=b"new.txt")]
    desk.settle()
    assert not desk.of(Gone)


def test_a_new_file_with_the_inode_of_a_deleted_one_is_no_rename(desk: Desk) -> None:
    desk.start()
    for number in range(5):
        (desk.folder / f"{number}.txt").write_text("本文")
        desk.arrival(f"{number}.txt")
        (desk.folder / f"{number}.txt").unlink()
    for number in range(5):
        desk.gone(f"{number}.txt")
    assert not desk.of(Renamed)


def test_a_removed_draft_is_gone_and_said_once(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    (desk.folder / "a.txt").unlink()
    desk.gone("a.txt")
    desk.settle()
    assert len(desk.of(Gone)) == 1


def test_a_draft_that_is_emptied_arrives_empty_and_a_new_empty_file_does_not(desk: Desk) -> None:
    desk.start(scan_every=0.5)
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    (desk.folder / "a.txt").write_bytes(b"")
    (desk.folder / "new.txt").touch()
    assert desk.arrival("a.txt", "").item.troubles[0].code == "empty"
    desk.settle()
    assert not desk.of(Arrival, "new.txt")
    (desk.folder / "new.txt").write_text("書き始めた")
    desk.arrival("new.txt")


# Editors and transfers


def test_vims_way_of_saving_is_an_edit(desk: Desk) -> None:
    desk.start()
    path = desk.folder / "v.txt"
    path.write_text("一")
    desk.arrival("v.txt", "一")
    (desk.folder / "4913").touch()
    (desk.folder / "4913").unlink()
    (desk.folder / ".v.txt.swp").write_bytes(b"b0VIM")
    with desk.at_once():
        path.rename(desk.folder / "v.txt~")
        path.write_text("二")
    (desk.folder / "v.txt~").unlink()
    (desk.folder / ".v.txt.swp").unlink()
    desk.arrival("v.txt", "二")
    desk.settle()
    assert {name_of(t) for t in desk.things} == {b"v.txt"}
    assert not desk.of(Gone)


def test_emacs_way_of_saving_is_an_edit(desk: Desk) -> None:
    desk.start()
    path = desk.folder / "e.txt"
    path.write_text("一")
    desk.arrival("e.txt", "一")
    (desk.folder / ".#e.txt").symlink_to("user@host.1234:5678")
    (desk.folder / "#e.txt#").write_text("自動保存")
    shutil.copy2(path, desk.folder / "e.txt~")
    path.write_text("二")
    (desk.folder / ".#e.txt").unlink()
    (desk.folder / "#e.txt#").unlink()
    desk.arrival("e.txt", "二")
    desk.settle()
    assert {name_of(t) for t in desk.things} == {b"e.txt"}


def test_a_new_file_moved_over_the_draft_is_an_edit(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("一")
    desk.arrival("a.txt", "一")
    (desk.folder / ".a.txt.Xy12Zq").write_text("二")
    (desk.folder / ".a.txt.Xy12Zq").replace(desk.folder / "a.txt")
    desk.arrival("a.txt", "二")
    assert not desk.of(Gone)
    assert not desk.of(Renamed)


def test_a_draft_removed_and_put_back_at_once_was_never_gone(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("一")
    desk.arrival("a.txt", "一")
    with desk.at_once():
        (desk.folder / "a.txt").unlink()
        (desk.folder / "a.txt").write_text("二")
    desk.arrival("a.txt", "二")
    desk.settle()
    assert not desk.of(Gone)


def test_a_file_that_grows_is_read_once_when_it_is_closed(desk: Desk) -> None:
    intake = desk.start()
    with open(desk.folder / "a.txt", "w") as file:
        for _ in range(40):
            file.write("一行\n")
            file.flush()
            intake.poke()
    desk.arrival("a.txt")
    desk.settle()
    assert [len(t.data) for t in desk.of(Arrival) if isinstance(t, Arrival)] == [40 * len("一行\n".encode())]


def test_half_an_upload_held_open_by_another_process_waits_for_its_end(desk: Desk) -> None:
    desk.start()
    script = (
        "import sys; f = open(sys.argv[1], 'w'); f.write('half'); f.flush(); print('.', flush=True); input(); f.write(' whole')"
    )
    arguments = [sys.executable, "-c", script, str(desk.folder / "a.txt")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as upload:
        assert upload.stdout is not None
        upload.stdout.readline()
        (desk.folder / "b.txt").write_text("別")
        desk.arrival("b.txt")
        desk.settle()
        assert not desk.of(Arrival, "a.txt")
        upload.communicate(b"\n")
    desk.arrival("a.txt", "half whole")


def test_a_hard_link_into_the_folder_arrives_without_an_owner(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("他人の文")
    desk.start()
    os.link(tmp_path / "elsewhere", desk.folder / "a.txt")
    arrival = desk.arrival("a.txt")
    assert (arrival.links, arrival.uid) == (2, -1)


# What is no draft


def test_things_that_are_no_files_are_said_once_and_the_rest_goes_on(desk: Desk) -> None:
    os.mkfifo(desk.folder / "pipe.txt")
    (desk.folder / "out.txt").symlink_to("/etc/passwd")
    (desk.folder / "dir.txt").mkdir()
    with open(desk.folder / "huge.txt", "wb") as file:
        file.truncate(2 << 30)
    desk.start()
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    codes = {name: desk.refusal(name).code for name in ("pipe.txt", "out.txt", "dir.txt", "huge.txt")}
    assert codes == {"pipe.txt": "not-a-file", "out.txt": "link", "dir.txt": "folder", "huge.txt": "too-large"}
    desk.settle()
    assert len(desk.of(Refused)) == 4


def test_a_draft_that_becomes_a_link_is_gone_and_then_refused(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    (desk.folder / "new").symlink_to("/etc/passwd")
    (desk.folder / "new").rename(desk.folder / "a.txt")
    desk.refusal("a.txt")
    assert [type(t) for t in desk.things if name_of(t) == b"a.txt"] == [Arrival, Gone, Refused]


def test_a_refused_thing_that_is_taken_away_is_gone_and_one_that_is_mended_arrives(desk: Desk) -> None:
    os.mkfifo(desk.folder / "a.txt")
    os.mkfifo(desk.folder / "b.txt")
    desk.start()
    desk.refusal("a.txt")
    desk.refusal("b.txt")
    (desk.folder / "a.txt").unlink()
    (desk.folder / "b.txt").unlink()
    (desk.folder / "b.txt").write_text("本文")
    desk.gone("a.txt")
    desk.arrival("b.txt")


def test_names_of_any_bytes_arrive_though_they_kill_the_watch(desk: Desk) -> None:
    desk.start()
    names = ["お知らせ.txt".encode("cp932"), b"a\nb\x1b[31m.txt", b"\xff.txt"]
    for name in names:
        with open(os.fsencode(desk.folder) + b"/" + name, "wb") as file:
            file.write(b"x")
        desk.arrival(name)
    (desk.folder / "after.txt").write_text("その後")
    desk.arrival("after.txt")
    desk.until(lambda: desk.intake is not None and desk.intake.alarms == ())


# Folders


def test_a_folder_deleted_and_made_again_is_watched_again_and_its_drafts_are_gone(desk: Desk) -> None:
    desk.start(scan_every=0.3)
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    shutil.rmtree(desk.folder)
    desk.until(desk.folder.is_dir)
    desk.gone("a.txt")
    (desk.folder / "b.txt").write_text("本文")
    desk.arrival("b.txt")


def test_a_folder_replaced_by_another_is_watched_anew(desk: Desk) -> None:
    intake = desk.start(scan_every=600.0)
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    other = desk.drafts / ".other"
    other.mkdir()
    (other / "b.txt").write_text("本文")
    desk.folder.rename(desk.drafts / ".old")
    other.rename(desk.folder)
    intake.poke()  # the one scan that sees it; what comes after can only come by events
    desk.gone("a.txt")
    desk.arrival("b.txt")
    (desk.folder / "c.txt").write_text("本文")
    desk.arrival("c.txt")
    (desk.drafts / ".old/d.txt").write_text("古いフォルダーへ")
    desk.settle()
    assert not desk.of(Arrival, "d.txt")
    assert any("置き換わりました" in ja for ja, _ in intake.alarms)


def test_a_folder_moved_in_with_its_drafts_is_seen_whole(desk: Desk, tmp_path: Path) -> None:
    desk.folder.rmdir()
    desk.start(scan_every=0.3)
    ready = tmp_path / "ready"
    ready.mkdir()
    for number in range(20):
        (ready / f"{number}.txt").write_text("本文")
    desk.until(desk.folder.is_dir)
    desk.folder.rmdir()
    ready.rename(desk.folder)
    for number in range(20):
        desk.arrival(f"{number}.txt")


def test_an_accounts_folder_that_is_a_link_is_an_alarm_and_brings_nothing(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "private").mkdir()
    (tmp_path / "private/secret.txt").write_text("秘密")
    desk.folder.rmdir()
    desk.folder.symlink_to(tmp_path / "private")
    intake = desk.start(scan_every=0.1)
    (tmp_path / "private/more.txt").write_text("秘密")
    seen = intake.last_scan
    desk.until(lambda: intake.last_scan != seen)
    assert not desk.things
    assert any("リンク" in ja for ja, _ in intake.alarms)


def test_accounts_come_and_go_while_it_runs(desk: Desk) -> None:
    intake = desk.start()
    intake.set_accounts(("koho", "bosai"))
    desk.until((desk.drafts / "bosai").is_dir)
    (desk.drafts / "bosai/a.txt").write_text("避難")
    assert desk.arrival("a.txt").account == "bosai"
    intake.set_accounts(("koho",))
    desk.settle()
    (desk.drafts / "bosai/b.txt").write_text("避難")
    desk.settle()
    assert not desk.of(Arrival, "b.txt")
    assert any("bosai" in ja for ja, _ in intake.alarms)


def test_a_folder_whose_own_path_is_not_utf_8_is_looked_over_and_the_missing_events_are_told(tmp_path: Path) -> None:
    desk = Desk(Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff")))
    desk.folder.mkdir(parents=True)
    intake = desk.start()
    try:
        (desk.folder / "a.txt").write_text("本文")
        desk.arrival("a.txt")
        desk.until(lambda: any("変更の知らせ" in ja for ja, _ in intake.alarms))
    finally:
        intake.stop()


def test_a_share_without_events_is_looked_over_every_second(desk: Desk) -> None:
    desk.start(remote=True)
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")


# Many, and a caller that fails


def test_twenty_thousand_files_at_once_all_arrive_in_batches(desk: Desk, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    ready.mkdir()
    for number in range(20_000):
        (ready / f"{number}.txt").write_text(f"本文{number}")
    desk.start()
    for number in range(20_000):
        (ready / f"{number}.txt").rename(desk.folder / f"{number}.txt")
    desk.until(lambda: len(desk.things) >= 20_000, seconds=120)
    desk.settle()
    names = [name_of(t) for t in desk.of(Arrival)]
    assert len(names) == len(set(names)) == 20_000
    assert max(desk.batches) <= 256


def test_while_the_caller_is_busy_the_folder_waits_and_nothing_is_lost(desk: Desk) -> None:
    free = threading.Event()
    receive = desk.receive

    def busy(batch: Sequence[Brought]) -> None:
        free.wait(60)
        receive(batch)

    desk.intake = Intake(desk.drafts, ("koho",), {}, busy)
    desk.intake.start()
    for number in range(1000):
        (desk.folder / f"{number}.txt").write_text("本文")
    assert not desk.things
    free.set()
    desk.until(lambda: len({name_of(t) for t in desk.of(Arrival)}) == 1000)


def test_a_batch_that_the_caller_cannot_take_is_brought_again_and_the_failure_is_shown(desk: Desk) -> None:
    full = threading.Event()
    full.set()
    tried = threading.Event()
    receive = desk.receive

    def failing(batch: Sequence[Brought]) -> None:
        if full.is_set():
            tried.set()
            raise OSError(28, "No space left on device")
        receive(batch)

    desk.intake = Intake(desk.drafts, ("koho",), {}, failing, scan_every=0.2)
    desk.intake.start()
    (desk.folder / "a.txt").write_text("本文")
    assert tried.wait(60)
    desk.until(lambda: any("No space" in ja for ja, _ in desk.intake.alarms) if desk.intake else False)
    full.clear()
    desk.arrival("a.txt")
    desk.until(lambda: desk.intake is not None and desk.intake.alarms == ())


@pytest.mark.parametrize("removed", [False, True])
def test_what_the_caller_asks_to_forget_is_brought_again(desk: Desk, removed: bool) -> None:
    intake = desk.start(scan_every=0.2)
    (desk.folder / "a.txt").write_text("本文")
    desk.arrival("a.txt")
    if removed:
        (desk.folder / "a.txt").unlink()
        desk.gone("a.txt")
    kind = Gone if removed else Arrival
    before = len(desk.of(kind, "a.txt"))
    intake.forget("koho", b"a.txt")
    desk.until(lambda: len(desk.of(kind, "a.txt")) > before)


def test_it_ends_when_told_and_brings_nothing_any_more(desk: Desk) -> None:
    intake = desk.start()
    intake.stop()
    (desk.folder / "a.txt").write_text("本文")
    intake.poke()
    assert not desk.things
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("intake")]


# Large files


def test_a_large_file_waits_for_all_others_and_goes_alone(desk: Desk) -> None:
    for number in range(5):
        (desk.folder / f"{number}.txt").write_text("あ" * (20_000 + number))
    (desk.folder / "z.txt").write_text("短い")
    desk.start()
    for number in range(5):
        desk.arrival(f"{number}.txt")
    assert [name_of(thing) for thing in desk.things] == [b"z.txt", b"0.txt", b"1.txt", b"2.txt", b"3.txt", b"4.txt"]
    assert desk.batches == [1] * 6


def test_what_is_dropped_while_large_files_wait_goes_before_them(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    receive = desk.receive

    def slowly(batch: Sequence[Brought]) -> None:
        receive(batch)
        if name_of(batch[0]) == b"0.txt":
            begun.set()
            assert go_on.wait(60)

    monkeypatch.setattr(desk, "receive", slowly)
    for number in range(3):
        (desk.folder / f"{number}.txt").write_text("あ" * (20_000 + number))
    desk.start()
    assert begun.wait(60)
    (desk.folder / "urgent.txt").write_text("急ぎのお知らせ")
    desk.intake and desk.intake.poke()
    go_on.set()
    desk.arrival("2.txt")
    assert [name_of(thing) for thing in desk.things] == [b"0.txt", b"urgent.txt", b"1.txt", b"2.txt"]


def test_an_intake_that_has_nothing_to_do_takes_notice_of_a_nudge_and_looks_at_nothing_for_it(desk: Desk) -> None:
    desk.start()
    (desk.folder / "a.txt").write_text("一")
    desk.arrival("a.txt")
    desk.settle()
    assert desk.intake is not None
    intake = desk.intake
    for _ in range(3):
        desk.until(lambda: intake.doing == "idle")
        scanned, turns = intake.last_scan, intake.turns
        intake.nudge()
        desk.until(lambda turns=turns: intake.turns > turns)
        if intake.last_scan == scanned:
            break
    assert intake.last_scan == scanned, "a nudge is no reason for a scan"
