"""Which machine this is: the same at every look, another one's never, and never the machine-id itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.service.machine import Machine, this_machine

ONE, OTHER = "3d1219c7c4c5404aaa1f6d2a48adfda4", "0123456789abcdef0123456789abcdef"


def named(folder: Path, *said: str) -> Machine:
    paths = [folder / f"machine-id-{number}" for number in range(len(said))]
    for path, text in zip(paths, said, strict=True):
        path.write_text(text)
    return this_machine(paths, folder / "net")


def card(folder: Path, name: str, address: str, *, real: bool = True) -> None:
    (folder / "net" / name).mkdir(parents=True)
    (folder / "net" / name / "address").write_text(f"{address}\n")
    if real:
        (folder / "net" / name / "device").mkdir()


def test_a_machine_is_known_by_a_hash_of_its_machine_id(tmp_path: Path) -> None:
    one = named(tmp_path, f"{ONE}\n")
    assert one == named(tmp_path, ONE)
    assert one.id != named(tmp_path, OTHER).id
    assert len(one.id) == 16
    assert one.id not in ONE


@pytest.mark.parametrize("said", ["", "uninitialized\n", "x" * 32, ONE[:31]])
def test_what_is_no_machine_id_yet_is_passed_over(tmp_path: Path, said: str) -> None:
    assert named(tmp_path, said, ONE).id == named(tmp_path, ONE).id


def test_without_a_machine_id_the_cards_stand_for_it_and_bridges_do_not(tmp_path: Path) -> None:
    nothing = named(tmp_path)
    card(tmp_path, "eth0", "52:54:00:00:00:01")
    one = named(tmp_path)
    assert one.id != nothing.id
    card(tmp_path, "docker0", "02:42:00:00:00:09", real=False)
    assert named(tmp_path) == one
    card(tmp_path, "eth1", "52:54:00:00:00:02")
    assert named(tmp_path).id != one.id


def test_this_very_machine_is_the_same_at_every_look() -> None:
    assert this_machine() == this_machine()
