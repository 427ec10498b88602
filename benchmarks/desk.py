"""The desk, measured from outside: acts with ten consoles and a burst running; and 「なぜまだ出ないか」, measured inside.

    python -m benchmarks.desk [--acts 400] [--folder DIR]

Ten consoles are ten connections that hear every event and page through the queue; the burst is a process that moves drafts into the
folder as fast as the office takes them, for as long as the acts are measured. An act's time is that between its line and the answer,
which comes when it is durable.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from datetime import datetime
from itertools import count
from pathlib import Path

import msgspec

from benchmarks.machine import about, fsyncs, kill, spread
from benchmarks.office import ACCOUNT, BODY, Listener, office
from daemon.judge import Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.service.spawn import start_detached
from daemon.wire import Approve, Ask, OpenView, PageOf, Reply, Return, Status, ViewOpened, ViewPage, decode_frame, encode_frame
from daemon.wire.acts import AnyAct
from daemon.wire.answers import Done, QueueRow
from daemon.wire.queries import AnyQuery

ROOT = Path(__file__).resolve().parent.parent
CONSOLES = 10
ROUNDS = 2_000

POURING = """
import sys, time
from pathlib import Path
folder, body = Path(sys.argv[1]), sys.argv[2]
lot = 0
while True:
    for i in range(500):
        new = folder.parent.parent / f"pour-{lot}-{i}"
        new.write_text(body.format(n=f"{lot}-{i}", author="akasaka"), encoding="utf-8")
        new.rename(folder / f"pour-{lot:04}-{i:04}.txt")
    lot += 1
    time.sleep(0.2)
"""


CROWD = "import sys; from pathlib import Path; from benchmarks.desk import consoles; consoles(Path(sys.argv[1]))"


class Client(Listener):
    """A connection that asks one question after the other."""

    def __init__(self, state: Path, operator: str = "", *, events: bool = False) -> None:
        super().__init__(state, events=events, operator=operator)
        self._asked = 0

    def ask(self, question: AnyAct | AnyQuery, *, act: bool = False) -> object:
        """The answer to an act or a query."""
        self._asked += 1
        number = f"{id(self)}-{self._asked}-{time.monotonic_ns()}"
        ask = Ask(id=number, act=question) if act else Ask(id=number, query=question)  # type: ignore[arg-type]
        self.socket.sendall(encode_frame(ask))
        while True:
            frame = decode_frame(self.file.readline())
            if isinstance(frame, Reply):
                return frame.answer


def console(state: Path) -> None:
    """A console that hears everything, turns a page twice a second and asks for the status once."""
    client = Client(state, events=True)
    for turn in count():
        time.sleep(0.5)
        view = client.ask(OpenView())
        if isinstance(view, ViewOpened):
            client.ask(PageOf(view=view.view, offset=0, limit=50))
        if turn % 2:
            client.ask(Status())


def consoles(state: Path) -> None:
    """Ten of them, until stdin ends."""
    for _ in range(CONSOLES):
        threading.Thread(target=console, args=(state,), daemon=True).start()
    sys.stdin.read()


def waiting(state: Path, n: int) -> list[QueueRow]:
    """The drafts that wait for an approval, once there are so many."""
    client = Client(state)
    while True:
        view = client.ask(OpenView(states=("waiting",)))
        if isinstance(view, ViewOpened) and view.count >= n:
            rows: list[QueueRow] = []
            while len(rows) < n:
                page = client.ask(PageOf(view=view.view, offset=len(rows), limit=500))
                assert isinstance(page, ViewPage)
                rows += page.rows
            client.close()
            return rows[:n]
        time.sleep(0.2)


def acts(folder: Path, n: int) -> None:
    """Approvals and returns, first alone, then with ten consoles and a burst."""
    state = folder / "state"
    for i in range(4 * n):
        (folder / "drafts" / ACCOUNT / f"act-{i:05}.txt").write_text(BODY.format(n=f"a{i}", author="akasaka"), encoding="utf-8")
    rows = waiting(state, 4 * n)
    chief = Client(state, "shibata")
    for name, lot, crowd in (("alone", rows[: 2 * n], False), ("ten consoles and a burst", rows[2 * n :], True)):
        others = []
        if crowd:
            drafts = str(folder / "drafts" / ACCOUNT)
            others += [subprocess.Popen([sys.executable, "-c", POURING, drafts, BODY])]
            # Processes of their own: where they shared the interpreter of whoever measures, half of a time was the measuring's.
            others += [subprocess.Popen([sys.executable, "-c", CROWD, str(state)], stdin=subprocess.PIPE, cwd=ROOT)]
        time.sleep(2 if crowd else 1)
        took: dict[str, list[float]] = {"approve": [], "return": []}
        for number, row in enumerate(lot):
            act: AnyAct = (
                Approve(draft=row.id, hash=row.hash)
                if number % 2
                else Return(draft=row.id, hash=row.hash, reason="表現を直してください")
            )
            begun = time.perf_counter()
            answer = chief.ask(act, act=True)
            took["approve" if number % 2 else "return"].append(time.perf_counter() - begun)
            if not isinstance(answer, Done):
                raise SystemExit(f"refused: {msgspec.json.encode(answer).decode()}")
            time.sleep(0.02)
        for each in others:
            each.kill()
            each.wait()
        for act_name, seconds in took.items():
            print(spread(f"{act_name}, durable, {name}", seconds))
    chief.close()


def why_not_yet() -> None:
    """What a draft still waits for, with its findings known, as the queue asks it of every draft it shows."""
    book = load_rulebook(ROOT)
    now = datetime(2026, 11, 25, 20, 30, tzinfo=TOKYO)
    for account in ("taisho-fukushi", "saitama-cvc", "minato-line", "shinagawa-koho"):
        item = Item(
            text="緊急のお知らせ：大雨のため、区民センターを避難所として開設しました。https://bit.ly/x",
            emergency=True,
            topic="災害・緊急情報",
            author="nobody",
        )
        situation = Situation(now=now, account=book.accounts[account], stopped=True)
        first = judge(item, situation, book)
        took = []
        for _ in range(ROUNDS):
            begun = time.perf_counter()
            judge(item, situation, book, screened=first.screened)
            took.append(time.perf_counter() - begun)
        print(spread(f"why not yet, {account}, {len(first.missing)} lines", took))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--acts", type=int, default=400)
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    why_not_yet()
    folder = office(base / "office")
    pid = start_detached(folder)
    try:
        acts(folder, options.acts)
        print(spread("fsync of this disk, afterwards", fsyncs(base)))
    finally:
        kill(pid)
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
