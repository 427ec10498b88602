"""A real office for a test: its folder, its daemon in a process of its own, and callers at its socket."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from daemon.rulebook.load import load_rulebook
from daemon.service.outgoing import REFUSED
from daemon.wire import (
    Approve,
    Ask,
    AuditHead,
    AuditVerify,
    Bye,
    Done,
    DraftDetail,
    Event,
    Hello,
    OpenView,
    PageOf,
    QueueRow,
    Refusal,
    Reply,
    Resume,
    ResumeCode,
    Show,
    Status,
    StatusAnswer,
    StopState,
    Take,
    Taken,
    ViewOpened,
    ViewPage,
    Welcome,
    decode_frame,
    encode_frame,
)
from daemon.wire.act import Act
from daemon.wire.frames import Frame
from daemon.wire.place import address
from tests.service.nest import Hatched, hatch
from tests.switches import OFF

ROOT = Path(__file__).resolve().parents[2]
DAEMON_AT = Path(__file__).with_name("daemon_at.py")
PATIENCE = 60.0
"""Seconds after which something that should come does not; generous, and never waited for where it comes."""

AT_ONCE = "undo_seconds = 0\ncountdown_seconds = 0\n"
"""What keeps a machine's release waiting is tested by itself; elsewhere nobody waits for it."""

NOTICE = "区立図書館の児童書コーナーを2階に移しました。館内の案内板をご覧ください。"
MINATO = {"author": "akasaka", "topic": "区政情報"}
FACEBOOK = {"author": "konan", "topic": "区政情報"}

HANDLES = {account.id: account.handle for account in load_rulebook(ROOT).accounts.values()}
"""What the account guard wants to have typed, by account."""

A = TypeVar("A")
T = TypeVar("T")


def until(look: Callable[[], T], what: str | Callable[[], str]) -> T:
    """Look again and again until there is something to see; returns it. `what` says what is waited for; a function says at the end what there
    was instead."""
    end = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < end, f"it never came to this: {what if isinstance(what, str) else what()}"
        time.sleep(0.02)
    return seen


def contents(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Every file below a folder with what is in it. What a daemon at work takes away or renames between the two looks is passed over."""
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):
            if path.is_file() and not path.is_symlink():
                yield path, path.read_bytes()


class Gone(Exception):
    """The daemon has closed the line."""


class Caller:
    """One connection to an office, as any program could make it: lines out, lines in."""

    def __init__(self, state: Path) -> None:
        self.events: list[Event] = []
        self._rest = b""
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._line.settimeout(PATIENCE)
        try:
            with address(state) as place:
                self._line.connect(place)
        except OSError:
            self._line.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._line.close()

    def send(self, data: bytes | Frame) -> None:
        """Send bytes as they are, or a frame."""
        self._line.sendall(data if isinstance(data, bytes) else encode_frame(data))

    def finish(self) -> None:
        """Say that nothing more will be sent."""
        self._line.shutdown(socket.SHUT_WR)

    def hear(self) -> Frame:
        """The next frame. Raises Gone when the daemon has hung up."""
        while b"\n" not in self._rest:
            try:
                piece = self._line.recv(1 << 16)
            except ConnectionError as error:
                raise Gone from error
            if not piece:
                raise Gone
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\n")
        return decode_frame(line)

    def hello(self, who: str = "", *, events: bool = False, protocol: tuple[int, int] = (1, 1)) -> Welcome | Refusal:
        """Introduce oneself; what the daemon says to it."""
        self.send(Hello(client="test", operator=who, events=events, protocol=protocol))
        frame = self.hear()
        if isinstance(frame, Bye):
            return frame.refusal
        assert isinstance(frame, Welcome), frame
        return frame

    def goodbye(self) -> Refusal:
        """The daemon's last word, after which it has hung up."""
        frame = self.hear()
        assert isinstance(frame, Bye), frame
        try:
            self.hear()
        except Gone:
            return frame.refusal
        raise AssertionError("a word after the last")

    def put(self, question: Any, number: str = "") -> str:
        """Ask without waiting for the answer; returns the ask's id."""
        number = number or str(uuid.uuid4())
        self.send(Ask(id=number, act=question) if isinstance(question, Act) else Ask(id=number, query=question))
        return number

    def answer(self, number: str) -> Any:
        """The answer to the ask of that id; events that come meanwhile are kept in `events`."""
        reply = self.reply()
        assert reply.id == number, reply
        return reply.answer

    def reply(self) -> Reply:
        """The next answer, to whichever ask; events that come meanwhile are kept in `events`."""
        while not isinstance(frame := self.hear(), Reply):
            assert isinstance(frame, Event), frame
            self.events.append(frame)
        return frame

    def ask(self, question: Any, kind: type[A], number: str = "") -> A:
        """Ask, and expect an answer of this kind."""
        answer = self.answer(self.put(question, number))
        assert isinstance(answer, kind), answer
        return answer

    def refused(self, question: Any, code: str, number: str = "") -> Refusal:
        """Ask, and expect a refusal with this code."""
        refusal = self.ask(question, Refusal, number)
        assert refusal.code == code, refusal
        assert refusal.message and refusal.message_en
        return refusal

    def event(self, fits: Callable[[Event], bool]) -> Event:
        """The next event of which this is true."""
        while True:
            for number, event in enumerate(self.events):
                if fits(event):
                    del self.events[: number + 1]
                    return event
            frame = self.hear()
            assert isinstance(frame, Event), frame
            self.events.append(frame)


class Office:
    """A training office in a folder: the real rules, no drafts, and its daemon while it runs.

    The daemon goes by a clock that `ahead` sets, and makes its rounds quickly (`daemon_at.py`); a `plain` one is started as people do.
    """

    program = DAEMON_AT
    under: tuple[str, ...] = ()
    """The command under which the daemon is started: as another login, in a namespace."""

    def __init__(self, folder: Path, *, plain: bool = False) -> None:
        self.folder = folder
        self.plain = plain
        self.state = folder / "state"
        self.process: subprocess.Popen[bytes] | Hatched | None = None
        self._lines: list[Caller] = []
        folder.mkdir(parents=True, exist_ok=True)
        rules = (ROOT / "rules.toml").read_text(encoding="utf-8")
        (folder / "rules.toml").write_text(rules.replace("[office]\n", f"[office]\n{AT_ONCE}", 1), encoding="utf-8")

    # The daemon

    def start(self) -> Self:
        """Start the daemon and wait until it answers."""
        if not (self.folder / "clock").exists():
            self.ahead(0)
            self.jump(0)
        ours, its = os.pipe()
        if self.plain or self.under or {"LD_PRELOAD", OFF} & os.environ.keys():  # which only a program that is started heeds
            self.process = self._spawned(its)
        else:
            self.process = hatch(self.program, ("--office", str(self.folder)), self.folder / "stderr", its)
        os.close(its)
        with os.fdopen(ours, "rb") as pipe:
            first = pipe.readline()
        assert first == b"ready\n", first.decode() + self.said()
        return self

    def _spawned(self, ready: int) -> subprocess.Popen[bytes]:
        program = ["-m", "daemon.service.main"] if self.plain else [str(self.program)]
        command = [*self.under, sys.executable, *program, "--office", str(self.folder), "--ready-fd", str(ready)]
        here = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))}
        with (self.folder / "stderr").open("ab") as said:
            return subprocess.Popen(command, pass_fds=(ready,), stdin=subprocess.DEVNULL, stderr=said, cwd=ROOT, env=here)

    def ahead(self, seconds: float) -> None:
        """So many seconds more have passed for the daemon than really have."""
        self._write("clock", seconds)

    def jump(self, seconds: float) -> None:
        """Somebody has set the machine's clock by so many seconds, as against the beginning."""
        self._write("jump", seconds)

    def _write(self, name: str, seconds: float) -> None:
        new = self.folder / f"{name}.new"
        new.write_text(str(seconds))
        new.rename(self.folder / name)

    def said(self) -> str:
        """What the daemon has written on stderr: its log."""
        return (self.folder / "stderr").read_text(errors="replace")

    def stop(self) -> None:
        """End the daemon in order; nothing where none runs."""
        self._end(signal.SIGTERM, 0)

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL, -9)

    def _end(self, how: signal.Signals, status: int) -> None:
        process, self.process = self.process, None
        while self._lines:
            self._lines.pop().__exit__(None, None, None)
        if process is not None:
            process.send_signal(how)
            try:
                ended = process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGUSR2)
                time.sleep(0.5)
                process.kill()
                process.wait()
                raise AssertionError(f"the daemon does not end; its threads stand here:\n{self.said()}") from None
            assert ended == status, self.said()

    def steps(self, name: str) -> int:
        """How often its releases have come to this step (`daemon_at.py`)."""
        path = self.folder / "steps"
        return path.read_text().splitlines().count(name) if path.exists() else 0

    # Callers

    def caller(self, who: str = "", *, events: bool = False) -> Caller:
        """A connection that has been introduced, as this operator; closed with the daemon."""
        caller = self.line()
        welcome = caller.hello(who, events=events)
        assert isinstance(welcome, Welcome), welcome
        return caller

    def line(self) -> Caller:
        """A connection on which nothing has been said."""
        self._lines.append(Caller(self.state))
        return self._lines[-1]

    def asked(self, question: Any, kind: type[A], who: str = "") -> A:
        """The answer to one question on a connection of its own, which is closed again: how to ask again and again, for a daemon lets one
        login have only so many lines."""
        with Caller(self.state) as caller:
            caller.hello(who)
            return caller.ask(question, kind)

    # The folder

    def path(self, account: str, name: str | bytes) -> Path:
        """Where a draft of this name lies."""
        return self.folder / "drafts" / account / os.fsdecode(name)

    def drop(self, account: str, name: str | bytes, text: str = NOTICE, **front: object) -> Path:
        """Put a draft into the account's folder."""
        path = self.path(account, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(draft(text, **front))
        return path

    # What the office says

    def status(self) -> StatusAnswer:
        with Caller(self.state) as caller:
            caller.hello()
            return caller.ask(Status(), StatusAnswer)

    def rows(self) -> list[QueueRow]:
        """Every draft that the office knows. Read again where a row has moved from one page to another meanwhile."""
        with Caller(self.state) as caller:
            caller.hello()
            while True:
                view = caller.ask(OpenView(), ViewOpened)
                rows: list[QueueRow] = []
                while len(rows) < view.count:
                    rows += caller.ask(PageOf(view=view.view, offset=len(rows), limit=500), ViewPage).rows
                if len({row.id for row in rows}) == len(rows):
                    return rows

    def row(self, name: str, *states: str, revision: int = 0) -> QueueRow:
        """The last draft of this file name, once it is in one of these states (and at this revision)."""

        def look() -> QueueRow | None:
            rows = [row for row in self.rows() if row.path.endswith(f"/{name}")]
            row = max(rows, key=lambda row: row.id, default=None)
            fits = row is not None and (not states or row.state in states) and revision in (0, row.revision)
            return row if fits else None

        def there() -> str:
            return f"{name} in {states or 'any state'}; there are {[(r.path, r.state, r.revision) for r in self.rows()]}"

        return until(look, there)

    def all_of(self, names: Sequence[str], state: str) -> list[QueueRow]:
        """The drafts of these file names, once all of them are in this state."""

        def look() -> list[QueueRow]:
            rows = {row.path.rpartition("/")[2]: row for row in self.rows() if row.state == state}
            return [rows[name] for name in names] if rows.keys() >= set(names) else []

        return until(look, lambda: f"all of them {state}; there are {[(r.path, r.state) for r in self.rows()]}")

    def show(self, draft: int) -> DraftDetail:
        with Caller(self.state) as caller:
            caller.hello()
            return caller.ask(Show(draft=draft), DraftDetail)

    def acts(self, draft: int) -> list[str]:
        """What has been done with a draft, oldest first."""
        return [line.act for line in sorted(self.show(draft).history, key=lambda line: line.seq)]

    def record_is_whole(self) -> int:
        """The whole record verifies; how many entries it has."""
        with Caller(self.state) as caller:
            caller.hello()
            verified = caller.ask(AuditVerify(), AuditHead)
        assert verified.ok, verified
        return verified.entries

    def database(self, sql: str) -> list[tuple[Any, ...]]:
        """What the database holds, read past the daemon."""
        place = f"{(self.state / 'store' / 'kohoban.db').as_uri()}?mode=ro"
        with closing(sqlite3.connect(place, uri=True, timeout=PATIENCE)) as db:
            return db.execute(sql).fetchall()

    # What people do

    def approve(self, name: str, who: str, *states: str) -> QueueRow:
        """Wait for a draft and approve it; the row as it was."""
        row = self.row(name, *(states or ("waiting",)))
        with Caller(self.state) as caller:
            caller.hello(who)
            caller.ask(Approve(draft=row.id, hash=row.hash, handle=HANDLES[row.account]), Done)
        return row

    def take(self, row: QueueRow, who: str = "akasaka", handle: str = "minato_kunren") -> Taken:
        """Take the release card of a draft."""
        with Caller(self.state) as caller:
            caller.hello(who)
            return caller.ask(Take(draft=row.id, hash=row.hash, handle=handle), Taken)

    def rested(self, account: str) -> None:
        """The rest that an account is given after a release that failed is over: for the daemon, the time has passed (`ahead`)."""
        until(lambda: any(f"{account}: 発信できませんでした" in alarm for alarm in self.status().alarms), "the failure seen")
        self.ahead(2 * REFUSED)

    def resume(self, who: str = "shibata", scope: str = "all") -> Done:
        """Give the permit, or that of one part, back, as a manager does who has been shown the code."""
        with Caller(self.state) as caller:
            caller.hello(who)
            code = caller.ask(ResumeCode(), StopState).code
            return caller.ask(Resume(code=code, reason="点検を終えたため", scope=scope), Done)


def draft(text: str = NOTICE, **front: object) -> bytes:
    """The bytes of a draft with this front matter."""
    head = "".join(
        f"{key} = {value.isoformat() if hasattr(value, 'isoformat') else json.dumps(value, ensure_ascii=False)}\n"
        for key, value in front.items()
    )
    return (f"+++\n{head}+++\n{text}\n" if front else f"{text}\n").encode()


def in_earnest(rules: str) -> str:
    """These rules for an office that is no training, with the accounts of those policies alone that ask for no designated terminal.

    What is said of an account that is left out is left out with it.
    """
    text = rules.replace("training = true", "training = false", 1).replace('"simulated"', '"manual"')
    tables = re.split(r"(?m)^(?=\[\[)", text)
    asked = [re.findall(r'(?m)^id = "(.+)"', table)[0] for table in tables if re.search('policy = "(minato|saitama)"', table)]
    return "".join(table for table in tables if not any(f'"{account}"' in table for account in asked))


def in_foreground(folder: Path, lang: str = "ja") -> subprocess.CompletedProcess[str]:
    """A daemon that is expected not to run: its exit code and what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "daemon.service.main", "--office", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
        env={**os.environ, "KOHOBAN_LANG": lang},
        timeout=120,
    )
    assert "Traceback" not in ended.stderr
    return ended


@contextmanager
def with_one_waiting(folder: Path) -> Iterator[Office]:
    """An office at work in which one draft, a.txt of minato-x, waits for its approval."""
    office = Office(folder).start()
    try:
        office.drop("minato-x", "a.txt", NOTICE, **MINATO)
        office.all_of(["a.txt"], "waiting")
        yield office
    finally:
        office.stop()
