"""A new office in the hands of the logins of an installation: the releaser is named in its rules, and nothing outside it changes hands."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest

from console.cli import ownership
from console.cli.founding import training_material
from console.cli.ownership import Owners, hand_over, with_releaser


@pytest.mark.parametrize("material", ["rules.toml", "empty.toml"])
@pytest.mark.parametrize("login", ["kohoban-out", "CITY\\users", "a\\1b"])
def test_the_releaser_stands_in_the_rules_whatever_a_directory_calls_it(material: str, login: str) -> None:
    rules = with_releaser((training_material() / material).read_bytes(), login)
    assert tomllib.loads(rules.decode())["office"]["releaser"] == login


def test_what_a_link_in_a_folder_of_before_leads_to_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("giving folders to another login needs root")
    monkeypatch.setattr(ownership, "RUN", tmp_path / "run")
    office, outside = tmp_path / "office", tmp_path / "outside"
    for folder in (outside, *(office / name for name in ("policies", "drafts/minato-x", "state"))):
        folder.mkdir(parents=True)
    (office / "rules.toml").touch()
    outside.chmod(0o700)
    (office / "drafts" / "minato-x" / "link").symlink_to(outside)
    (office / "drafts" / "minato-x" / "a.txt").touch()
    hand_over(office, Owners(4711, 4712, 4713, "out"))
    assert (outside.stat().st_mode & 0o7777, outside.stat().st_uid) == (0o700, 0)
    seen = (office / "drafts" / "minato-x" / "a.txt").stat()
    assert (seen.st_mode & 0o7777, seen.st_uid, seen.st_gid) == (0o660, 4711, 4713)
