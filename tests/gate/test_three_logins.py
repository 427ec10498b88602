"""An installation with real logins: whoever operates can stop by anything that comes to hand, and nobody but the daemon can resume."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.gate.conftest import DAEMON, OPERATOR, As

OPEN = "print(Gate(state).look().open)"

STOPS = {
    "rm RUN": "(state / 'gate' / 'RUN').unlink()",
    "mv RUN": "(state / 'gate' / 'RUN').rename(state / 'gate' / 'kept')",
    "touch gate/STOP": "(state / 'gate' / 'STOP').touch()",
    "touch state/STOP": "(state / 'STOP').touch()",
    "mkdir STOP": "(state / 'STOP').mkdir()",
    "a STOP with a name of no account": "(state / 'gate' / 'STOP.Minato').touch()",
    "kohoban stop": "stop(['--office', str(state.parent)])",
    "the console's key": "Gate(state).shut(by='sato')",
}


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize("how", STOPS.values(), ids=STOPS)
def test_an_operator_stops_by_whatever_comes_to_hand(shared_state: Path, as_operator: As, as_daemon: As, how: str) -> None:
    assert as_daemon(OPEN) == "True"
    as_operator(how)
    assert as_daemon(OPEN) == as_operator(OPEN) == "False"


def test_the_command_proves_silence_to_an_operator_and_names_him_in_the_mark(
    shared_state: Path, as_operator: As, as_daemon: As
) -> None:
    said = json.loads(as_operator("stop(['--office', str(state.parent), '--json'])"))
    assert said["stopped"] is True
    assert said["silent_ms"] is not None
    assert as_daemon("print(last_mark(Gate(state)).by)") == str(OPERATOR)


FORGERIES = {
    "a file of his own with the same words": "text = run.read_bytes(); run.unlink(); run.write_bytes(text)",
    "a faithful copy": "shutil.copy2(run, kept); run.unlink(); kept.rename(run)",
    "a symbolic link to the permit": "run.rename(kept); run.symlink_to('kept')",
    "a hard link to the permit": "run.rename(kept)\nwith suppress(OSError): os.link(kept, run)",
    "moved away and back": "run.rename(kept); kept.rename(run)",
    "a folder in between": "deep = gate / 'deep'; deep.mkdir(); run.rename(deep / 'RUN'); (deep / 'RUN').rename(run)",
}


@pytest.mark.clause("saitama/11")
@pytest.mark.parametrize("how", FORGERIES.values(), ids=FORGERIES)
def test_what_an_operator_makes_is_no_permit(shared_state: Path, as_operator: As, as_daemon: As, how: str) -> None:
    as_operator(f"gate = state / 'gate'; run, kept = gate / 'RUN', gate / 'kept'\n{how}")
    assert as_daemon(OPEN) == as_operator(OPEN) == "False"
    assert as_daemon("print(Keeper(state).grant(8).open)") == "True", "and the daemon's resume clears it away"


def test_a_permit_kept_from_an_earlier_resume_opens_nothing(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    as_operator("run = state / 'gate' / 'RUN'; run.rename(run.with_name('kept'))")
    assert as_daemon("print(Keeper(state).grant(8).open)") == "True"
    as_operator("run = state / 'gate' / 'RUN'; run.unlink(); run.with_name('kept').rename(run)")
    assert as_daemon(OPEN) == "False"


REFUSED = {
    "write into the permit": "(state / 'gate' / 'RUN').write_bytes(b'')",
    "change its mode": "(state / 'gate' / 'RUN').chmod(0o666)",
    "lead the gate elsewhere": "(state / 'gate').unlink()",
    "move the gate's link": "(state / 'gate').rename(state / 'elsewhere')",
    "move the gate's folder": "(state / 'gate').resolve().rename((state / 'gate').resolve().with_name('x'))",
    "list the store": "os.listdir(state / 'store')",
    "read the record": "(state / 'store' / 'kohoban.db').read_bytes()",
    "move the store": "(state / 'store').rename(state / 'kept')",
    "resume": "Keeper(state).grant(8)",
    "lift a part": "Keeper(state).lift('minato-x')",
}


@pytest.mark.parametrize("who", ["as_operator", "as_releaser"])
def test_what_is_the_daemons_is_closed_to_the_others(
    shared_state: Path, request: pytest.FixtureRequest, as_daemon: As, who: str
) -> None:
    as_daemon("(state / 'STOP.minato-x').touch()")
    allowed = request.getfixturevalue(who)(
        f"for name, act in {REFUSED!r}.items():\n    try: eval(act)\n    except PermissionError: continue\n    print(name)"
    )
    assert allowed == ""
    assert as_daemon("print(Gate(state).look('minato-y', 'y').open)") == "True"


def test_no_file_of_the_daemons_can_be_removed_replaced_or_written(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    names = ("epoch", "send.lock", "hand.pid", "flight", "scopes", "clean", "STOP.minato-x", "socket")
    as_daemon(
        "k = Keeper(state); k.note_hand(os.getpid()); k.note_clean_shutdown(); put(state / 'flight', b'{}')\n"
        "(state / 'STOP.minato-x').touch(); socket.socket(socket.AF_UNIX).bind(str(state / 'socket'))"
    )
    before = {name: (shared_state / name).stat() for name in names}
    tried = as_operator(
        f"for name in {names!r}:\n"
        "    mine = state / 'mine'; mine.touch()\n"
        "    for act in ((state / name).unlink, lambda: mine.replace(state / name), lambda: (state / name).rename(state / 'kept'),\n"
        "                lambda: (state / name).write_bytes(b''), lambda: os.link(state / name, state / 'second')):\n"
        "        try: act()\n"
        "        except (PermissionError, OSError) as error: continue\n"
        "        print('done', name)\n"
    )
    assert tried == "", tried
    after = {name: (shared_state / name).stat() for name in names}
    assert {n: (s.st_ino, s.st_ctime_ns) for n, s in before.items()} == {n: (s.st_ino, s.st_ctime_ns) for n, s in after.items()}


def test_nobody_removes_anothers_stop_from_the_state(
    shared_state: Path, as_operator: As, as_colleague: As, as_daemon: As
) -> None:
    as_operator("(state / 'STOP').touch()")
    with pytest.raises(AssertionError, match="PermissionError"):
        as_colleague("(state / 'STOP').unlink()")
    assert as_daemon("print(Keeper(state).grant(8).open)") == "True", "the daemon owns the folder, and a resume removes it"
    as_daemon("(state / 'STOP').touch()")
    with pytest.raises(AssertionError, match="PermissionError"):
        as_operator("(state / 'STOP').unlink()")


def test_a_stop_that_its_maker_takes_back_reopens_nothing_where_the_permit_went_with_it(
    shared_state: Path, as_operator: As, as_daemon: As
) -> None:
    as_operator("Gate(state).shut(); (state / 'STOP').unlink(); (state / 'gate' / 'STOP').unlink()")
    assert as_daemon(OPEN) == "False"


def test_an_operator_may_hold_the_lock_and_then_nothing_goes_out(shared_state: Path, as_operator: As) -> None:
    """That is a stop like any other: it hurts nobody but those who send."""
    said = as_operator(
        "lock = os.open(state / 'send.lock', os.O_RDONLY); fcntl.flock(lock, fcntl.LOCK_EX)\n"
        "try:\n"
        "    with Gate(state).sending(0.01): print('sent')\n"
        "except TimeoutError: print('held')"
    )
    assert said == "held"


def test_the_hand_under_a_login_of_its_own_looks_and_holds_the_lock(shared_state: Path, as_releaser: As) -> None:
    assert as_releaser("gate = Gate(state)\nwith gate.sending(): print(gate.look('minato-x', 'x', 7).open)") == "True"


def test_a_stranger_to_the_office_can_neither_look_nor_stop_and_is_told_so(
    shared_state: Path, as_stranger: As, as_daemon: As
) -> None:
    shut = as_stranger("print(Gate(state).shut()); print(Gate(state).look())")
    assert "stopped=False" in shut
    assert "読み書きの権限がありません" in shut
    assert "Look(open=False" in shut
    assert as_daemon(OPEN) == "True"


def test_whoever_may_not_look_at_the_gate_knows_that_he_has_seen_nothing(as_stranger: As, as_operator: As) -> None:
    """Shut to him, and yet no stop: others may be publishing."""
    look = "look = Gate(state).look(); print(look.open, look.blind)"
    assert as_stranger(look) == "False True"
    assert as_operator(look) == "True False"


def test_somebody_who_sits_at_the_daemons_place_is_not_believed(shared_state: Path, as_colleague: As) -> None:
    """The daemon is down; an operator listens on a socket of its name, and says that the stop is on record and nothing in flight."""
    said = as_colleague(
        "s = socket.socket(socket.AF_UNIX); s.bind(str(state / 'socket')); s.listen()\n"
        "if os.fork() == 0:\n"
        "    line, _ = s.accept(); ask = json.loads(line.recv(9999).splitlines()[1])\n"
        "    answer = {'answer': 'stop_state', 'stopped': True, 'in_flight': []}\n"
        "    line.sendall(json.dumps({'frame': 'reply', 'id': ask['id'], 'answer': answer}).encode() + b'\\n'); os._exit(0)\n"
        "console.cli.stop_news.SIGN_OF_LIFE = 20\n"
        "stop(['--office', str(state.parent), '--json'])\n"
        "s.shutdown(socket.SHUT_RDWR)"
    )
    answer = json.loads(said)
    assert answer["stopped"] is True
    assert (answer["daemon_told"], answer["in_flight_known"]) == (False, False)


def test_a_folder_planted_where_the_daemon_writes_keeps_the_gate_closed_and_is_named(
    shared_state: Path, as_operator: As, as_daemon: As
) -> None:
    as_operator("(state / 'epoch.new').mkdir(); (state / 'gate' / 'RUN').unlink()")
    said = as_daemon(
        "from daemon.standing import words\ntry: Keeper(state).grant(8)\nexcept OSError as error: print(*words(error), sep='\\n')"
    )
    assert "state/epoch.new がフォルダになっています" in said
    assert f"rmdir {shared_state / 'epoch.new'}" in said
    assert "rmdir" in as_operator("print(Gate(state).look().why)")
    as_operator("(state / 'epoch.new').rmdir()")
    assert as_daemon("print(Keeper(state).grant(8).open)") == "True"


def test_what_the_daemon_writes_the_group_can_read(shared_state: Path, as_daemon: As, as_operator: As) -> None:
    as_daemon(
        "os.umask(0o077); k = Keeper(state); k.note_hand(os.getpid()); k.note_clean_shutdown(); put(state / 'flight', b'{}')\n"
        "k.know(['x', 'line'])"
    )
    names = ("epoch", "send.lock", "hand.pid", "flight", "scopes", "clean", "gate/RUN")
    assert as_operator(f"print([name for name in {names!r} if (state / name).stat().st_mode & 0o777 != 0o644])") == "[]"
    for name in names:
        assert os.stat(shared_state / name).st_uid == DAEMON
        as_operator(f"(state / {name!r}).read_bytes()")


def test_a_gate_folder_that_was_lost_is_made_again_for_the_group(shared_state: Path, as_operator: As, as_daemon: As) -> None:
    os.unlink(shared_state / "gate")
    assert as_daemon("print(Keeper(state).grant(8).open)") == "True"
    as_operator("(state / 'gate' / 'RUN').unlink()")
    assert as_daemon(OPEN) == "False"
