"""The gate of a drill in an installation: the operators' to shut, the daemon's to make and to take away, and never the real one."""

from __future__ import annotations

from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.release.permit import Keeper
from daemon.service.drilling import clear, lay_out
from tests.conftest import open_gate
from tests.gate import conftest
from tests.gate.conftest import DAEMON, OPERATOR, login


@pytest.mark.clause("saitama/11")
def test_an_operator_shuts_the_drills_gate_and_the_real_one_stays_open(
    shared_state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Imported, like all else, before the login changes.
    monkeypatch.setattr(conftest, "AS", f"from daemon.service.drilling import clear, lay_out\n{conftest.AS}")
    daemon, operator = login(DAEMON, shared_state), login(OPERATOR, shared_state)
    assert daemon("lay_out(state); print(Keeper(state / 'drill').grant(1).open)") == "True"
    shut = "found = Gate(state / 'drill').shut(by='sato'); print(found.stopped, found.silent_ms is not None)"
    assert operator(shut) == "True True"
    assert operator("print(Gate(state / 'drill').look().open, Gate(state).look().open)") == "False True"
    assert operator("(state / 'drill' / 'note').write_text('x'); print('left')") == "left"
    assert daemon("clear(state); print((state / 'drill').exists(), (state / 'gate' / 'drill').exists())") == "False False"


def test_what_lies_in_the_place_of_a_drill_and_is_no_folder_is_left_alone(tmp_path: Path) -> None:
    state = open_gate(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "kept").mkdir(parents=True)
    (state / "gate" / "drill").symlink_to(elsewhere)
    with pytest.raises(OSError, match="symbolic link"):
        lay_out(state)
    assert (elsewhere / "kept").is_dir()
    (state / "gate" / "drill").unlink()
    lay_out(state)
    assert Keeper(state / "drill").grant(1).open
    assert Gate(state).look().epoch == 7
    clear(state)
    clear(state)
    assert Gate(state).look().open
