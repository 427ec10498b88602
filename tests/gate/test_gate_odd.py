"""Whatever stands where the gate's things belong: it is a stop, and people are told which thing to mend, in their own words."""

from __future__ import annotations

import os
import re
import shutil
import socket
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate, boot_id
from daemon.release.permit import Keeper
from daemon.standing import not_resumed
from tests.gate.conftest import As

Make = Callable[[Path], object]


def folder(path: Path) -> None:
    gone(path)
    path.mkdir()


def gone(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def fifo(path: Path) -> None:
    gone(path)
    os.mkfifo(path)


def link(path: Path) -> None:
    gone(path)
    path.symlink_to("/etc/passwd")


def dangling(path: Path) -> None:
    gone(path)
    path.symlink_to(path.parent.parent / "nowhere")


def device(path: Path) -> None:
    gone(path)
    try:
        os.mknod(path, stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("devices are made by root alone")


def listener(path: Path) -> None:
    gone(path)
    place = os.open(path.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"/proc/self/fd/{place}/{path.name}")
    os.close(place)


def only_japanese(said: str) -> bool:
    """Nothing of another language but names of files and the command that mends."""
    without_paths = re.sub(r"\S*/\S*", "", said)
    return set(re.findall(r"[A-Za-z]{2,}", without_paths)) <= {
        "RUN",
        "STOP",
        "rm",
        "rmdir",
        "install",
        "mount",
        "remount",
        "rw",
        "root",
        "ro",
    }


def refusal(keeper: Keeper, epoch: int) -> str:
    """What a resume says that does not succeed."""
    with pytest.raises(OSError) as refused:
        keeper.grant(epoch)
    return not_resumed(keeper, refused.value)[0]


TAKEN_AWAY_BY_THE_RESUME = [
    (name, make)
    for name in ("gate/RUN", "gate/STOP", "STOP", "gate/STOP.minato-y", "gate/RUN.new")
    for make in (fifo, link, device, listener)
] + [("epoch.new", fifo), ("epoch.new", link), ("gate", gone)]


@pytest.mark.parametrize(
    ("name", "make"), TAKEN_AWAY_BY_THE_RESUME, ids=[f"{n} a {m.__name__}" for n, m in TAKEN_AWAY_BY_THE_RESUME]
)
def test_what_is_odd_and_can_be_taken_away_a_resume_takes_away(keeper: Keeper, state: Path, name: str, make: Make) -> None:
    make(state / name)
    look = keeper.look()
    assert not look.open or name.endswith(".new")
    assert only_japanese(look.why), look.why
    granted = keeper.grant(8)
    assert granted.open, granted.why
    assert not os.path.lexists(state / name) or name in ("gate", "gate/RUN")


IN_THE_WAY = [
    ("gate/RUN", folder),
    ("gate/STOP", folder),
    ("STOP", folder),
    ("STOP.nobody", folder),
    ("gate/RUN.new", folder),
    ("epoch", folder),
    ("epoch.new", folder),
    ("send.lock", folder),
    ("send.lock", link),
    ("send.lock", dangling),
    ("gate", fifo),
    ("gate", device),
    ("gate", lambda path: (gone(path), path.write_text(""))),
]


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize(("name", "make"), IN_THE_WAY, ids=[f"{n} {i}" for i, (n, _) in enumerate(IN_THE_WAY)])
def test_what_a_resume_cannot_take_away_is_named_with_the_command_that_does(
    keeper: Keeper, state: Path, name: str, make: Make
) -> None:
    """By `status` (the look) before anybody tries, by the resume where somebody does; and the command is right."""
    keeper.shut()
    make(state / name)
    said = refusal(keeper, 8)
    assert not Gate(state).look().open
    told = Gate(state).look().why
    for sentence in (told, said):
        assert f"state/{name}" in sentence
        assert "Errno" not in sentence
        assert only_japanese(sentence), sentence
    assert Gate(state).look().why_en
    command = re.search(r"(?:rmdir|rm|install) \S.*$", told)
    assert command is not None, told
    subprocess.run(["sh", "-c", command.group(0)], check=True)
    granted = keeper.grant(keeper.look().epoch + 1 if keeper.look().epoch else 9)
    assert granted.open, granted.why


def test_a_gate_that_leads_nowhere_says_how_to_make_its_place(keeper: Keeper, state: Path) -> None:
    dangling(state / "gate")
    told = keeper.look().why
    assert f"state/gate のリンク先 {state.parent / 'nowhere'} がありません" in told
    assert only_japanese(told)
    assert told in refusal(keeper, 8)
    subprocess.run(["sh", "-c", told[told.index("install") :]], check=True)
    assert keeper.grant(8).open


@pytest.fixture
def mounted(state: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A gate on a tmpfs of its own, open at epoch 8."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    memory = tmp_path_factory.mktemp("memory")
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", memory], check=False).returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    shutil.rmtree(state / "gate")
    (state / "gate").symlink_to(memory)
    try:
        assert Keeper(state).grant(8).open
        yield memory
    finally:
        subprocess.run(["umount", "-l", memory], check=False, capture_output=True)


def test_a_gate_that_only_reads_is_stopped_by_the_state_and_says_what_to_mend(keeper: Keeper, state: Path, mounted: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", mounted], check=True)
    shut = Gate(state).shut()
    assert shut.stopped
    told = Gate(state).look().why
    assert "state/gate は書き込みのできないディスクにあります" in told
    assert only_japanese(told)
    assert "書き込みのできないディスク" in refusal(keeper, 9)
    subprocess.run(["sh", "-c", told[told.index("mount -o") :]], check=True)
    assert keeper.grant(9).open


def test_a_gate_unmounted_under_us_is_a_stop_and_comes_back_only_by_a_resume(keeper: Keeper, state: Path, mounted: Path) -> None:
    subprocess.run(["umount", mounted], check=True)
    look = Gate(state).look()
    assert not look.open
    assert "許可証 state/gate/RUN が取り除かれています" in look.why
    assert Gate(state).shut().stopped
    assert not keeper.look().open
    assert keeper.grant(9).open


def test_a_gate_unmounted_from_under_an_installation_is_named_with_its_place(
    shared_state: Path, as_daemon: As, as_operator: As
) -> None:
    memory = shared_state.parent / "memory"
    subprocess.run(["umount", memory], check=True)
    try:
        assert "memory/gate がありません" in as_operator("print(Gate(state).look().why)")
        (memory / "gate").mkdir()  # what lies under the mount: root's, and closed to the daemon
        told = as_operator("print(Gate(state).look().why)")
        assert "デーモンが書けません" in told
        assert as_operator("print(Gate(state).shut().stopped)") == "True"
        subprocess.run(["sh", "-c", told[told.index("install") :]], check=True)
        assert as_daemon("print(Keeper(state).grant(8).open)") == "True"
    finally:
        shutil.rmtree(memory / "gate")
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", memory], check=True)  # for the one who unmounts it at the end


def test_why_nothing_goes_out_is_said_of_each_kind_of_permit(keeper: Keeper, state: Path, run: Path) -> None:
    os.chmod(run, 0o666)
    assert "state/gate/RUN にデーモンのほかも書き込めます" in keeper.look().why
    keeper.grant(8)
    os.link(run, run.with_name("second"))
    assert "もう一つの名前" in keeper.look().why
    keeper.grant(9)
    assert "第 9 回" in keeper.look(epoch=7).why
    run.write_bytes(run.read_bytes().replace(boot_id().encode(), b"another"))
    assert "前回の起動" in keeper.look().why
    run.unlink()
    assert "取り除かれています" in keeper.look().why
    (state / "epoch").unlink()
    assert "まだ一度も許可が出ていません" in keeper.look().why


@pytest.mark.parametrize("name", ["STOP.Minato-X", "STOP.minto-x", "stop", "STOP.txt", "STOP ", "STOP.minato-x.bak"])
def test_a_stop_by_hand_that_names_nobody_stops_everything_and_is_named(keeper: Keeper, state: Path, name: str) -> None:
    (state / "gate" / name).touch()
    look = keeper.look("minato-x", "x")
    assert (look.open, look.scopes) == (False, ("all",))
    assert f"state/gate/{name} は範囲の名前でないため" in look.why
    assert keeper.grant(8).open
    assert not (state / "gate" / name).exists()


def test_an_account_that_leaves_the_office_while_it_is_stopped_stops_nobody_else(keeper: Keeper, state: Path) -> None:
    keeper.shut("minato-x")
    keeper.know(("minato-line", "line"))
    assert keeper.look("minato-line", "line").open
    keeper.lift("minato-x")
    keeper.know(("minato-line", "line"))
    (state / "STOP.minato-x").touch()
    assert not keeper.look("minato-line", "line").open


@pytest.mark.parametrize(
    "make", [gone, folder, fifo, link, lambda path: path.write_bytes(b"\xff")], ids=["gone", "folder", "fifo", "link", "garbage"]
)
def test_where_it_is_not_known_who_there_is_every_stop_is_one_of_everything(keeper: Keeper, state: Path, make: Make) -> None:
    keeper.shut("minato-x")
    assert keeper.look("minato-line", "line").open
    make(state / "scopes")
    assert keeper.look("minato-line", "line").scopes == ("all",)
