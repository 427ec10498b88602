"""What lets in at a platform stays in the releaser's process: it dumps no core, is closed to other processes, and says nothing of it."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from daemon.gate import Gate
from daemon.release.alone import ENVIRONMENT, environment
from daemon.release.jobs import Held, Inventory, Job, Report, decode_answer, encode
from daemon.release.keeping_secrets import Unkept, keep, remove
from daemon.release.permit import Keeper
from daemon.release.secrets import credentials
from daemon.release.veil import HIDDEN, veil, veiled

NOBODY = 65534
AS_NOBODY: dict[str, Any] = {"user": NOBODY, "cwd": "/"}
TOKEN = "AAAAtoken-that-nobody-may-say-0123456789"
ROOT = Path(__file__).resolve().parents[2]

Start = Callable[..., subprocess.Popen[bytes]]


def lay(
    state: Path, account: str = "minato-facebook", text: str = f'channel_access_token = "{TOKEN}"\n', mode: int = 0o600
) -> Path:
    """Credentials of an account in the office's own folder."""
    folder = state / "releaser" / "secrets"
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    place = folder / f"{account}.toml"
    place.write_text(text)
    place.chmod(mode)
    return place


@pytest.fixture
def starting(state: Path) -> Iterator[Start]:
    """Start a program that has the hand's pipes; what still runs at the end is ended."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*program: str, **how: object) -> subprocess.Popen[bytes]:
        command = program or (sys.executable, "-P", "-m", "daemon.release.hand", str(state))
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        started.append(subprocess.Popen(command, **{**pipes, **how}))  # type: ignore[call-overload]
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def asked(hand: subprocess.Popen[bytes], order: bytes) -> bytes:
    """The hand's answer to an order."""
    assert hand.stdin is not None and hand.stdout is not None
    hand.stdin.write(order)
    hand.stdin.flush()
    return hand.stdout.readline()


def holding(hand: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
    """The hand once it has credentials in its memory."""
    assert b"minato-facebook" in asked(hand, encode(Inventory(id="1")))
    return hand


def cores(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.name.startswith("core")]


def test_a_hand_that_crashes_leaves_no_core(state: Path, starting: Start, tmp_path: Path) -> None:
    if Path("/proc/sys/kernel/core_pattern").read_text().strip() != "core":
        pytest.skip("cores of this machine do not fall into the folder of the process")
    lay(state)
    fallen = tmp_path / "fallen"
    fallen.mkdir()
    (hard,) = {resource.getrlimit(resource.RLIMIT_CORE)[1]}
    limits = f"import os, resource, sys; resource.setrlimit(resource.RLIMIT_CORE, ({hard}, {hard})); "
    waits = starting(sys.executable, "-c", limits + "print(flush=True); sys.stdin.read()", cwd=fallen)
    assert waits.stdout is not None and waits.stdout.readline()
    waits.send_signal(signal.SIGSEGV)
    waits.wait()
    if not cores(fallen):
        pytest.skip("no process leaves a core here")
    for name in cores(fallen):
        (fallen / name).unlink()
    run = limits + f"os.execv(sys.executable, [sys.executable, '-P', '-m', 'daemon.release.hand', {str(state)!r}])"
    hand = holding(starting(sys.executable, "-c", run, cwd=fallen))
    hand.send_signal(signal.SIGSEGV)
    assert hand.wait() == -signal.SIGSEGV
    assert cores(fallen) == []


def as_nobody(state: Path) -> tuple[str, ...]:
    """Give the office to another login; how that one starts this Python, which lies where it may read it. Skips where that cannot be."""
    if os.geteuid() != 0:
        pytest.skip("processes of another login need root")
    for folder in (*state.parents, state, *state.rglob("*")):
        if folder.is_relative_to(state):
            os.chown(folder, NOBODY, NOBODY, follow_symlinks=False)
        elif not folder.stat().st_mode & 0o001:
            folder.chmod(0o755)
    where = f"import sys; sys.path[:0] = {[str(ROOT), *(each for each in sys.path if each)]!r}; "
    for python in (sys.executable, f"/usr/bin/python3.{sys.version_info.minor}"):
        with suppress(OSError):
            tried = subprocess.run(
                [python, "-c", where + "import daemon.release.hand"], **AS_NOBODY, check=False, capture_output=True
            )
            if tried.returncode == 0:
                return python, "-c", where
    pytest.skip("another login can read no Python with this program here")


HAND = "from daemon.release.hand import main; sys.exit(main())"

LOOK_IN = """
import ctypes, os, sys
pid, libc = int(sys.argv[1]), ctypes.CDLL(None, use_errno=True)
for name in ("environ", "mem", "maps"):
    try:
        with open(f"/proc/{pid}/{name}", "rb") as file: file.read(0 if name == "mem" else 1)
        print(name, end=" ")
    except PermissionError: pass
if libc.ptrace(16, pid, 0, 0) == 0: print("ptrace", end=" ")
print("stat" if open(f"/proc/{pid}/stat").read() else "")
"""


def seen_by_its_own_login(python: str, pid: int) -> list[str]:
    looked = subprocess.run([python, "-c", LOOK_IN, str(pid)], **AS_NOBODY, check=True, capture_output=True, text=True)
    return looked.stdout.split()


def test_no_process_of_the_same_login_can_look_into_a_hand(state: Path, starting: Start) -> None:
    lay(state)
    python, option, where = as_nobody(state)
    other = starting(python, "-c", "print(flush=True); input()", **AS_NOBODY)
    assert other.stdout is not None and other.stdout.readline()
    assert {"environ", "mem", "maps"} <= set(seen_by_its_own_login(python, other.pid)), "any other process is open to its login"
    hand = holding(starting(python, option, where + HAND, str(state), **AS_NOBODY))
    assert seen_by_its_own_login(python, hand.pid) == ["stat"]


def test_a_stop_of_the_same_login_still_finds_and_kills_it(state: Path, starting: Start) -> None:
    lay(state)
    python, option, where = as_nobody(state)
    hand = holding(starting(python, option, where + HAND, str(state), **AS_NOBODY))
    hand.send_signal(signal.SIGSTOP)
    stop = (
        "from daemon.release.permit import Keeper; gate = Keeper(sys.argv[1])\n"
        "gate.note_hand(int(sys.argv[2])); print(gate._hand()[0], gate._halted()); gate.end_hand()"
    )
    while Path(f"/proc/{hand.pid}/stat").read_text().rpartition(")")[2].split()[0] != "T":
        time.sleep(0.01)
    said = subprocess.run(
        [python, option, where + stop, str(state), str(hand.pid)], **AS_NOBODY, check=True, capture_output=True, text=True
    )
    assert said.stdout.split() == [str(hand.pid), "True"]
    assert hand.wait() == -signal.SIGKILL


def test_the_hand_that_is_named_is_ended_though_it_is_closed(state: Path, keeper: Keeper, starting: Start) -> None:
    lay(state)
    hand = holding(starting())
    keeper.note_hand(hand.pid)
    Gate(state).end_hand()
    assert hand.wait() == -signal.SIGKILL


def test_the_hand_gets_no_environment_and_no_file_that_it_has_no_use_for(state: Path, starting: Start, tmp_path: Path) -> None:
    lay(state)
    given = {
        **os.environ,
        "SSLKEYLOGFILE": str(tmp_path / "keys"),
        "SOMEBODYS_TOKEN": TOKEN,
        "HTTPS_PROXY": "http://proxy.example:8080",
    }
    assert "HTTPS_PROXY" in environment(given)
    assert not {"SSLKEYLOGFILE", "SOMEBODYS_TOKEN", "LD_PRELOAD"} & set(ENVIRONMENT)
    inherited = os.open(tmp_path, os.O_RDONLY)
    hand = holding(starting(env=environment(given), pass_fds=(inherited,)))
    os.close(inherited)
    assert TOKEN.encode() not in Path(f"/proc/{hand.pid}/environ").read_bytes()
    assert str(tmp_path) not in [os.readlink(each) for each in Path(f"/proc/{hand.pid}/fd").iterdir()]


CLUMSY = """
import sys, threading
from daemon.release import channel, hand
from daemon.release.jobs import Held
class Clumsy:
    def prepare(self, job, here):
        token = here.credentials(job.account)["channel_access_token"]
        beside = threading.Thread(target=self.fail, args=(token,)); beside.start(); beside.join()
        self.fail(token)
    def fail(self, token):
        raise RuntimeError(f"Illegal header value b'Bearer {token}'")
channel.OURS = {"clumsy": "clumsy"}
sys.modules["clumsy"] = type(sys)("clumsy"); sys.modules["clumsy"].CHANNEL = Clumsy()
sys.argv = ["hand", sys.argv[1]]
sys.exit(hand.main())
"""


def test_what_a_library_says_of_a_header_leaves_neither_by_the_report_nor_by_stderr(
    state: Path, starting: Start, job: Callable[..., Job]
) -> None:
    lay(state)
    hand = starting(sys.executable, "-c", CLUMSY, str(state))
    line = asked(hand, encode(job(channel="clumsy")))
    report = decode_answer(line)
    assert isinstance(report, Report) and report.outcome == "failed"
    assert "Illegal header value" in report.why_en and HIDDEN in report.why_en
    _, said = hand.communicate()
    assert b"Illegal header value" in said
    assert TOKEN.encode() not in line + said


def test_a_value_is_met_as_it_stands_in_an_address_in_json_and_in_a_basic_header() -> None:
    veil('pa"ss/word+x')
    for shape in ('pa"ss/word+x', "pa%22ss%2Fword%2Bx", 'pa\\"ss/word+x', "cGEic3Mvd29yZCt4"):
        assert shape not in veiled(f"before {shape} after")
    assert veiled("Authorization: Bearer abcdefghijklmnop1234") == f"Authorization: Bearer {HIDDEN}"
    assert veiled("refresh_token=abcdefghijklmnop&x=1") == f"refresh_token={HIDDEN}&x=1"
    assert veiled("the basic rules of an ordinary sentence") == "the basic rules of an ordinary sentence"


def test_what_is_known_is_bounded_and_what_is_in_use_stays_known(monkeypatch: pytest.MonkeyPatch) -> None:
    from daemon.release import veil as veiling

    monkeypatch.setattr(veiling, "_known", {})
    for number in range(veiling.MOST):
        veil(TOKEN, f"renewed-token-{number}")
    assert len(veiling._known) == veiling.MOST
    assert veiled(f"{TOKEN} renewed-token-{veiling.MOST - 1}") == f"{HIDDEN} {HIDDEN}"


@pytest.mark.clause("saitama/6-3")
def test_credentials_go_with_the_tokens_that_came_of_them_whichever_went_before(state: Path) -> None:
    place, renewed = lay(state), state / "releaser" / "x" / "minato-facebook.json"
    renewed.parent.mkdir(mode=0o700)
    other = renewed.with_name("minato-facebook-2.json")
    for file in (renewed, other):
        file.write_text("{}")
    assert remove(state, "minato-facebook")
    assert not place.exists() and not renewed.exists() and other.exists()
    renewed.write_text("{}")  # whoever removed them was interrupted, or the file had been handed over by the service manager
    assert remove(state, "minato-facebook") and not renewed.exists()
    assert not remove(state, "minato-facebook")


def test_credentials_of_another_kind_leave_no_token_of_the_old_ones_behind(state: Path) -> None:
    lay(state, text=f'refresh_token = "{TOKEN}"\n[set]\nkind = "oauth2"\n')
    renewed = state / "releaser" / "x" / "minato-facebook.json"
    renewed.parent.mkdir(mode=0o700)
    renewed.write_text("{}")
    keep(state, "minato-facebook", {"refresh_token": TOKEN}, kind="oauth2", by="test")
    assert renewed.exists(), "it knows which refresh tokens have been spent"
    keep(state, "minato-facebook", {"api_key": TOKEN}, kind="oauth1", by="test")
    assert not renewed.exists() and credentials(state, "minato-facebook") == {"api_key": TOKEN}


@pytest.mark.parametrize("name", ["", "../../elsewhere", "../x/minato", ".hidden", "_odd", "a\0b"])
def test_a_name_that_leads_elsewhere_is_no_accounts(state: Path, name: str) -> None:
    lay(state)
    elsewhere = state / "elsewhere.toml"
    elsewhere.write_text("kept = 1\n")
    with pytest.raises(Unkept):
        remove(state, name)
    with pytest.raises(Unkept):
        keep(state, name, {"channel_access_token": TOKEN}, kind="token", by="test")
    assert elsewhere.read_text() == "kept = 1\n"


@pytest.mark.clause("saitama/6-3")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602])
def test_credentials_that_anybody_else_could_read_or_write_are_not_used(state: Path, mode: int) -> None:
    place = lay(state, mode=mode)
    with pytest.raises(Held, match="others can read or write") as held:
        credentials(state, "minato-facebook")
    assert str(place) in held.value.why and TOKEN not in held.value.why
    place.chmod(0o600)
    assert credentials(state, "minato-facebook") == {"channel_access_token": TOKEN}


@pytest.mark.clause("saitama/6-3")
def test_credentials_that_belong_to_somebody_else_are_not_used(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    os.chown(lay(state), NOBODY, NOBODY)
    with pytest.raises(Held, match="others can read or write"):
        credentials(state, "minato-facebook")


@pytest.mark.clause("saitama/6-3")
def test_a_folder_that_stands_open_is_closed_before_anything_is_put_into_it(state: Path) -> None:
    folder = lay(state).parent
    folder.chmod(0o755)
    place = keep(state, "minato-facebook", {"channel_access_token": TOKEN}, kind="token", by="test")
    assert (folder.stat().st_mode & 0o777, place.stat().st_mode & 0o777) == (0o700, 0o600)


def test_what_the_service_manager_hands_over_goes_first_with_the_mode_that_it_has_there(
    state: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """systemd leaves it to root, 0440 where one entry of the access list lets the service read it."""
    lay(state, text='channel_access_token = "from-the-folder-000"')
    given = tmp_path / "credentials"
    given.mkdir()
    (given / "minato-facebook.toml").write_text(f'channel_access_token = "{TOKEN}"')
    (given / "minato-facebook.toml").chmod(0o440 if os.geteuid() == 0 else 0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(given))
    assert credentials(state, "minato-facebook") == {"channel_access_token": TOKEN}
    (given / "minato-facebook.toml").chmod(0o444)
    with pytest.raises(Held):
        credentials(state, "minato-facebook")


def test_a_token_with_a_line_break_is_refused_before_any_library_sees_it(state: Path) -> None:
    lay(state, text=f'channel_access_token = "{TOKEN}\\n"')
    with pytest.raises(Held, match="line break") as held:
        credentials(state, "minato-facebook")
    assert TOKEN not in held.value.why


def test_an_illegal_header_that_a_library_shows_in_its_error_is_veiled_before_the_error_is_cut() -> None:
    import httpx2

    from daemon.release.http import Lost, Unreachable, asked

    long = "".join(f"{number:x}-long" for number in range(40))
    veil(long)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        request = httpx2.Request("GET", address, headers={"Authorization": f'OAuth token="{long}", x="\n"'})
        with pytest.raises((Lost, Unreachable)) as error:
            asked(request, 5)
    assert "Illegal header value" in str(error.value) and HIDDEN in str(error.value)
    assert "0-long" not in str(error.value)
