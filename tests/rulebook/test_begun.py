"""A daemon begins with the rulebook that it had, as long as nothing says anything else; and reads the files soon all the same."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from daemon.rulebook import current as module
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.current import Current
from daemon.rulebook.model import RulebookError

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "store").mkdir(mode=0o700)
    (tmp_path / "rules.toml").write_bytes((ROOT / "rules.toml").read_bytes())
    begin(tmp_path).keep()
    return tmp_path


def begin(office: Path, now: datetime = NOW) -> Current:
    return Current(office, lambda: now, office / "store")


@pytest.fixture
def unread(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can read rules any more."""

    def refuse(*_: object) -> None:
        raise AssertionError("the files were read")

    monkeypatch.setattr(module, "look_at_office", refuse)


@pytest.mark.usefixtures("unread")
def test_the_same_rules_are_in_force_without_being_read(office: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = begin(office).rulebook
    monkeypatch.undo()
    assert book == Current(office, lambda: NOW).rulebook


@pytest.mark.usefixtures("unread")
@pytest.mark.parametrize("change", ["rules.toml", "policies", "day", "mode", "bytes"])
def test_they_are_read_where_anything_is_not_as_it_was(office: Path, change: str) -> None:
    now, kept = NOW, office / "store" / "begun.rulebook"
    if change == "rules.toml":
        (office / "rules.toml").write_text((office / "rules.toml").read_text() + "\n# a word\n")
    elif change == "policies":
        (office / "policies").mkdir()
        (office / "policies" / "own.toml").write_text("")
    elif change == "day":
        now += timedelta(days=1)
    elif change == "mode":
        kept.chmod(0o622)
    else:
        kept.write_bytes(kept.read_bytes()[:-40])
    with pytest.raises(AssertionError, match="were read"):
        begin(office, now)


def test_what_changes_between_the_start_and_the_first_look_is_put_in_force(office: Path) -> None:
    current = begin(office)
    before = current.rulebook
    rules = office / "rules.toml"
    rules.write_text(rules.read_text().replace("[office]\n", '[office]\nmetrics = "x.prom"\n', 1))
    assert current.written(), "the first look sees it"
    assert current.reload()
    assert (before.office.metrics, current.rulebook.office.metrics) == ("", "x.prom")
    assert not current.written()


def test_rules_that_break_between_the_start_and_the_first_look_leave_the_last_good_ones(office: Path) -> None:
    current = begin(office)
    (office / "rules.toml").write_text("[office\n")
    assert current.written()
    assert not current.reload()
    assert current.broken
    assert current.rulebook.accounts
    current.keep()
    with pytest.raises(RulebookError):
        begin(office)


def test_what_is_kept_is_for_the_daemons_login_alone(office: Path) -> None:
    assert (office / "store" / "begun.rulebook").stat().st_mode & 0o777 == 0o600
