"""An operator clears the bench after a day of heavy rain, on a real console at a pseudo-terminal: the keys counted, and the time the machine took.

    python -m benchmarks.clearing [--count 5000] [--account saitama-cvc] [--one-by-one] [--folder DIR]

The export is that of benchmarks/disaster_day.py, in a training office of its own. The manager does what a manager would: calls for help
one by one, questions together, the adverts that come again and again together, the rest one by one in the order of the bench; then
each measure is taken, and recorded as done with what was seen. What a comment is, the script knows from having made it, as a person
does from reading; everything else it reads off the screen. Typed words count a key for each character. The machine's time is from a
key to the screen that the next one waits for, with the moment in which a question takes no answer; a person's own is not in it.
Terminal 120x34.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import sqlite3
import struct
import sys
import tempfile
import termios
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pyte

from benchmarks.disaster_day import comments, write
from benchmarks.machine import about, kill
from benchmarks.office import office
from console.tui.bottom import SETTLE
from daemon.service.spawn import start_detached

COLUMNS, ROWS = 120, 34
KOHOBAN = Path(sys.executable).with_name("kohoban")
PATIENCE = 30.0
ENTER, ESC = "\r", "\x1b"
REPEATED = ("fukugyou.example", "yane.example", "shop.example")
"""Words of adverts that come again and again."""


class People(NamedTuple):
    """Who clears an account's bench, and the grounds of its list that are used."""

    judge: str
    grounds: dict[str, int]
    """The number of the ground on the list by the sort of comment; what is not here is left without a measure."""


WHO = {
    "saitama-cvc": People(
        "urano", {"abuse": 2, "hate": 6, "advert": 5, "indecent": 11, "rumour": 8, "personal": 9, "election": 3}
    ),
    "taisho-chiiki": People("shimizu", {"abuse": 3, "hate": 3, "advert": 4, "indecent": 2}),
}


class Screen:
    """The console on a pseudo-terminal, and the keys that were pressed."""

    def __init__(self, folder: Path, operator: str) -> None:
        self.keys: Counter[str] = Counter()
        self.part = ""
        self.waited: Counter[str] = Counter()
        self._screen = pyte.Screen(COLUMNS, ROWS)
        self._stream = pyte.ByteStream(self._screen)
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            env = {"TERM": "xterm-256color", "KOHOBAN_LANG": "ja", "KOHOBAN_OPERATOR": operator, "PYTHONDONTWRITEBYTECODE": ""}
            os.execve(KOHOBAN, [str(KOHOBAN), "--office", str(folder)], {**os.environ, **env})
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))

    def press(self, keys: str, until: Callable[[], object]) -> None:
        """Press these keys, and wait for what they bring about."""
        begun = time.perf_counter()
        if keys == "y" or (keys == ENTER and "入り切り" in self.text()):
            time.sleep(SETTLE + 0.02)  # a question takes no answer that was pressed before it could be read
        os.write(self._fd, keys.encode())
        self.keys[self.part] += len(keys)
        while not until():
            if time.perf_counter() - begun > PATIENCE:
                raise SystemExit(f"{self.part}: {keys!r} came to nothing\n" + self.text())
            self._read(0.5)
        self.waited[self.part] += time.perf_counter() - begun  # type: ignore[assignment]

    def text(self) -> str:
        """What stands on the screen."""
        lines = self._screen.buffer
        return "\n".join("".join(lines[y][x].data for x in range(COLUMNS)) for y in range(ROWS))

    def shows(self, words: str) -> Callable[[], bool]:
        """Whether the screen has these words, on one line or across two."""
        return lambda: words in self.flat()

    def flat(self) -> str:
        """What stands on the screen, its lines put together."""
        return "".join(line.rstrip() for line in self.text().splitlines())

    def end(self) -> None:
        """Leave it."""
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self._fd)

    def _read(self, seconds: float) -> None:
        if not select.select([self._fd], [], [], seconds)[0]:
            return
        data = os.read(self._fd, 65536)
        if b"\x1b[6n" in data:
            os.write(self._fd, b"\x1b[1;2R")
        for question in (b"\x1b[?2026$p", b"\x1b[?2048$p", b"\x1b[6n"):
            data = data.replace(question, b"")
        self._stream.feed(data)


class Manager:
    """Somebody who knows the bench's keys."""

    def __init__(self, folder: Path, account: str, kinds: dict[int, str], *, one_by_one: bool) -> None:
        self._people, self._kinds, self._one_by_one = WHO[account], kinds, one_by_one
        self._account = account
        self.screen = Screen(folder, self._people.judge)
        self.done: Counter[str] = Counter()

    def clear(self) -> None:
        """From the first key to the empty bench, and the measures."""
        screen = self.screen
        screen.press("", screen.shows("? キー一覧"))
        screen.part = "open"
        screen.press("K", lambda: re.search(r"コメント 1/\d+", screen.text()))
        if not self._one_by_one:
            self._questions()
            self._adverts()
        self._rest()
        self._measures()

    # -- the bench -------------------------------------------------------------------------------------------------------

    def _narrowed(self, words: str) -> int:
        """Narrow the list; how many it holds."""
        screen = self.screen
        screen.press("/", screen.shows("絞込み（"))
        shown = (lambda: f"絞込: {words}" in screen.text() or f"案内:{words}" in screen.text()) if words else self._unnarrowed
        screen.press(words + ENTER, lambda: "絞込み（" not in screen.text() and shown())
        found = re.search(r"コメント \d+/(\d+)", screen.text())
        return int(found[1]) if found else 0

    def _unnarrowed(self) -> bool:
        return "絞込:" not in self.screen.text()

    def _questions(self) -> None:
        screen = self.screen
        screen.part = "questions together"
        count = self._narrowed("質問")
        if count:
            screen.press("D", screen.shows("したこと"))
            screen.press("FAQ" + ENTER, screen.shows("件数を打って"))
            screen.press(f"{count}{ENTER}", screen.shows("まとめて案内済にしました"))
            self.done[screen.part] += count
        self._narrowed("")

    def _adverts(self) -> None:
        screen = self.screen
        screen.part = "adverts together"
        for words in REPEATED:
            count = self._narrowed(words)
            if not count:
                continue
            screen.press("A", screen.shows("根拠の番号"))
            self._ground("advert")
            screen.press(ENTER, screen.shows("件数を打って"))
            screen.press(f"{count}{ENTER}", screen.shows("まとめて判断しました"))
            self.done[screen.part] += count
        self._narrowed("")

    def _rest(self) -> None:
        screen = self.screen
        screen.press("", lambda: self._here() is not None)
        while (number := self._here()) is not None:
            kind, text = self._kinds[number], screen.text()
            head = next((line for line in text.splitlines() if re.search(rf"#{number} ", line)), "")
            if head.rstrip().endswith(("緊急", "相談", "通報", "質問")) and kind not in self._people.grounds:
                screen.part = "guided one by one"
                screen.press("d", screen.shows("したこと"))
                screen.press(ENTER, screen.shows("y 実行"))
            elif kind in self._people.grounds:
                screen.part = "judged one by one"
                screen.press("a", screen.shows("根拠の番号"))
                self._ground(kind)
                screen.press(ENTER, screen.shows("y 実行"))
            else:
                screen.part = "left one by one"
                screen.press("x", screen.shows("y 実行"))
            screen.press("y", lambda number=number: self._here() not in (None, number) or self._over())
            self.done[screen.part] += 1
            if self._over():
                return

    def _ground(self, kind: str) -> None:
        """The number of the ground, or Enter where it is offered."""
        wanted = self._people.grounds[kind]
        offered = re.search(r"空欄は\s*(\d+)", self.screen.text())
        keys = ENTER if offered and int(offered[1]) == wanted else f"{wanted}{ENTER}"
        self.screen.press(keys, self.screen.shows("入り切り"))
        if "[x]" not in self.screen.flat().rpartition("入り切り")[2]:
            self.screen.press("1", lambda: "[x]" in self.screen.flat().rpartition("入り切り")[2])

    def _here(self) -> int | None:
        found = re.search(r"\| #(\d+) ", self.screen.text())
        return int(found[1]) if found else None

    def _over(self) -> bool:
        waits = re.search(
            r"^ >? +\S+ +(?:未確認|着手) ", self.screen.text(), re.MULTILINE
        )  # the words alone may be those of a list before
        return waits is None and "この一覧は終わりです" in self.screen.flat()

    # -- measures --------------------------------------------------------------------------------------------------------

    def _measures(self) -> None:
        screen = self.screen
        screen.part = "measures"
        screen.press("M", lambda: self._due() >= 0)
        left = self._due()
        for n in range(left):
            screen.press("t", screen.shows("着手します"))
            screen.press("y", screen.shows("済んだら d"))
            screen.press("d", screen.shows("画面で見たこと"))
            screen.press(("非表示の一覧にある" if n == 0 else "") + ENTER, screen.shows("y 実行"))
            screen.press("y", lambda want=left - n - 1: self._due() == want)
            self.done[screen.part] += 1

    def _due(self) -> int:
        found = re.search(r"措置 \d+ 件  未着手 (\d+) 件", self.screen.text())
        return int(found[1]) if found else -1


def kinds_of(folder: Path, account: str, count: int, seed: int) -> dict[int, str]:
    """Of what sort the comments on the bench were made, by their numbers."""
    made = {each.line["id"]: each.kind for each in comments(count, seed)}
    with sqlite3.connect(folder / "state" / "store" / "kohoban.db") as db:
        return {row[0]: made[row[1]] for row in db.execute("SELECT id, source FROM comments WHERE account = ?", (account,))}


def imported(folder: Path, account: str, count: int, seed: int) -> float:
    """Seconds until the export has been read."""
    handle = re.search(rf'id = "{account}"(?:\n.*)*?\nhandle = "([^"]+)"', (folder / "rules.toml").read_text(encoding="utf-8"))
    place = folder / "comments" / account
    place.mkdir(parents=True)
    write(folder / "export.jsonl", count, seed, handle[1] if handle else "")
    begun = time.perf_counter()
    path = (folder / "export.jsonl").rename(place / "export.jsonl")
    while path.exists():
        time.sleep(0.05)
    return time.perf_counter() - begun


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=6)
    parser.add_argument("--account", choices=WHO, default="saitama-cvc")
    parser.add_argument("--one-by-one", action="store_true", help="nothing together: what each comment by itself costs")
    parser.add_argument("--folder", type=Path, default=None)
    options = parser.parse_args()
    base = Path(tempfile.mkdtemp(prefix="kohoban-bench-", dir=options.folder))
    print(about(base))
    folder = office(base / "office")
    rules = (folder / "rules.toml").read_text(encoding="utf-8")
    (folder / "rules.toml").write_text(rules.replace("daily_limit = 20", "daily_limit = 1000"), encoding="utf-8")
    pid = start_detached(folder)
    try:
        print(
            f"{'export read (it lies still for a while first)':<40} {imported(folder, options.account, options.count, options.seed):.1f} s"
        )
        kinds = kinds_of(folder, options.account, options.count, options.seed)
        print(f"{'comments, of which on the bench':<40} {options.count:,}, {len(kinds):,}")
        manager = Manager(folder, options.account, kinds, one_by_one=options.one_by_one)
        begun = time.perf_counter()
        try:
            manager.clear()
        finally:
            manager.screen.end()
        report(manager, len(kinds), time.perf_counter() - begun)
    finally:
        kill(pid)
        shutil.rmtree(base, ignore_errors=True)


def report(manager: Manager, kept: int, took: float) -> None:
    """What it cost."""
    screen = manager.screen
    for part, many in manager.done.items():
        keys, waited = screen.keys[part], screen.waited[part]
        print(
            f"{part:<40} {many:>5} in {keys:>5} keys, {keys / many:5.2f} each; {1000 * waited / max(1, keys):.0f} ms of waiting a key"
        )
    bench = sum(keys for part, keys in screen.keys.items() if part != "measures")
    total = sum(screen.keys.values())
    print(f"{'the bench, keys for a comment on it':<40} {bench:,} keys, {bench / kept:.2f} each")
    print(f"{'all keys, with the measures':<40} {total:,}, {total / kept:.2f} each; {took / 60:.1f} minutes of the machine")


if __name__ == "__main__":
    main()
