"""The way back of an upgrade is remembered before the new version is in force: whoever kills the installer takes it from nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from console.installation import upgrading
from console.installation.outcome import Problem, Progress
from console.installation.place import Place, Record, Switch
from console.installation.upgrading import Tried

EARLIER = Switch("0.8", "0.9", {"/srv/kohoban": {"aside": "/srv/kohoban/state/aside/0"}})


class Office:
    """An office at rest."""

    folder = Path("/srv/kohoban")
    login = "kohoban"

    def pid(self) -> None:
        return None

    def work(self, python: Path, module: str, words: Any, tell: Any) -> dict[str, Any]:
        return {"aside": "/srv/kohoban/state/aside/1", "backup": "/b.tar"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path)
    for version in ("0.9", "1.0"):
        place.folder(version).mkdir(parents=True)
    place.switch_to("0.9")
    place.save(Record("/usr/local/bin", ["/srv/kohoban"], EARLIER))
    return place


def test_it_is_on_the_disk_before_the_new_version_is_in_force(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    office: Any = Office()
    known: list[Switch | None] = []
    switch_to = place.switch_to

    def seen(version: str) -> None:
        known.append(place.load().switch)
        switch_to(version)

    monkeypatch.setattr(place, "switch_to", seen)
    upgrading._switch(place, place.load(), [Tried(office, Path("b"), Path("w"), {})], "0.9", "1.0", Progress())
    (switch,) = known
    assert switch is not None and (switch.before, switch.after) == ("0.9", "1.0")
    assert switch.offices["/srv/kohoban"]["aside"] == "/srv/kohoban/state/aside/1"


def test_a_switch_that_fails_leaves_the_earlier_way_back_known(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    office: Any = Office()

    def fails(version: str) -> None:
        raise OSError("no room")

    monkeypatch.setattr(place, "switch_to", fails)
    with pytest.raises(Problem):
        upgrading._switch(place, place.load(), [Tried(office, Path("b"), Path("w"), {})], "0.9", "1.0", Progress())
    assert place.load().switch == EARLIER


class Killed(Office):
    """An office over whose upgrade the installer was killed: `asked` are the works that it was given."""

    def __init__(self, folder: Path, out: list[int], serves: int | None = None) -> None:
        self.folder, self._out, self._serves = folder, out, serves
        self.asked: list[list[str]] = []

    def pid(self) -> int | None:  # type: ignore[override]
        return self._serves

    def work(self, python: Path, module: str, words: Any, tell: Any) -> dict[str, Any]:
        self.asked.append(list(words))
        return {"aside": "/elsewhere", "out": self._out}


@pytest.mark.parametrize(("before", "serves", "asked"), [("0.9", None, True), ("0.8", None, False), ("0.9", 4711, False)])
def test_what_a_killed_upgrade_left_is_put_back_before_the_next_one(
    place: Place, tmp_path: Path, before: str, serves: int | None, asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    aside = tmp_path / "office" / "state" / "aside" / "20261122"
    aside.mkdir(parents=True)
    (aside / "upgrade.json").write_text(json.dumps({"before": before}))
    (aside.parent / "broken").mkdir()
    (aside.parent / "broken" / "upgrade.json").write_text("[")
    office = Killed(tmp_path / "office", [], serves)
    upgrading._put_right(place, office, "0.9", "1.0", Progress())  # type: ignore[arg-type]
    assert office.asked == ([["back", "--aside", str(aside)]] if asked else [])
    assert ("/elsewhere" in capsys.readouterr().out) == asked
