"""`kohoban --plain` on a terminal: the console in numbered lines, for a screen reader, a braille line, or a terminal that shows nothing else.

Nothing is ever painted over: what has been said stays above. The places have the digits of the full screen, a draft has its number, what
can be done with it is numbered, and nothing is done before `y`. Every line is one of the program's own commands, carried out by
`console.launch`: so whatever the command line can do can be typed here too, without `kohoban` before it.
"""

from __future__ import annotations

import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

from console.cli.asking import StopTyped, ask
from console.cli.banner import banner
from console.cli.command import text
from console.cli.deciding import YES, line_by_line, stopped
from console.cli.drafts import detail_lines, row_said, rows_of, state_words
from console.cli.link import Link
from console.cli.outcome import FINE, REFUSED, Failure
from console.cli.place import office_here
from console.cli.terminal import clean, err, out
from console.whom import whom
from console.words import say, word
from daemon.wire import DraftDetail, OpenView, QueueRow, Show

PLACES: dict[str, tuple[str, ...]] = {
    "2": ("comments", "list"),
    "3": ("blocklist", "list"),
    "4": ("calendar",),
    "5": ("resume",),
    "6": ("policy", "list"),
    "7": ("audit", "show"),
    "8": ("duties",),
    "9": ("help", "report"),
    "0": ("policy", "lint"),
}
"""What each digit reads out: the same places as on the full screen. 1 is the list of drafts, which is read in pages."""

PAGE = 10
"""Drafts read out at once."""

ASKS: dict[str, tuple[str, ...]] = {
    "approve": (),
    "return": ("reason",),
    "withdraw": ("reason",),
    "except": ("reason",),
    "schedule": ("at",),
    "take": (),
    "released": ("url",),
    "hold": ("reason",),
    "reopen": ("reason",),
    "claim": (),
    "undo": (),
    "declare": (),
}
"""The commands that a draft may allow (`QueueRow.can`), and the options that each of them needs to have typed."""
_MAY_BE_EMPTY = frozenset({("withdraw", "reason"), ("hold", "reason"), ("reopen", "reason"), ("schedule", "at")})


class Left(Exception):
    """The operator has ended the line mode, or nobody types any more."""


class LineMode:
    """One operator at one office."""

    def __init__(self, office: Path, operator: str) -> None:
        self._office = office
        self._operator = operator
        self._at_work = self._pressed = False

    def go(self) -> int:
        """Ask and carry out until the operator has had enough."""
        turn = self._welcome
        signal.signal(signal.SIGQUIT, self._stop_key)
        while True:
            try:
                self._at_work = True
                self._listen()
                try:
                    turn()
                except Failure as failure:
                    err(failure.sentence)
                self._at_work = False
            except Left:
                return FINE
            except StopTyped as stop:
                self._at_work = False
                self._stop(stop)
            turn = self._turn

    def _welcome(self) -> None:
        out(text("lines.welcome"))
        banner(self._office, self._operator)
        self._places()

    def _turn(self) -> None:
        self._one(self._ask(text("lines.prompt")))

    def _stop(self, stop: StopTyped) -> None:
        """Carry a stop out. Meanwhile the key is none: pressed twice, it would break off the stop that it has begun."""
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)
        try:
            stopped(stop, self._office, self._operator)
        finally:
            self._pressed = False
            signal.signal(signal.SIGQUIT, self._stop_key)

    def _stop_key(self, *_: object) -> None:
        """Ctrl+\\, the console's other stop key, which the terminal makes a signal of: it interrupts whatever is being done. Between two turns
        nobody would catch it, and there are places out of which Python lets no exception (`__del__`): so it is remembered, too."""
        signal.signal(signal.SIGQUIT, signal.SIG_IGN)
        self._pressed = True
        if self._at_work:
            raise StopTyped

    def _listen(self) -> None:
        """Raise StopTyped where the key was pressed and has not been heard."""
        if self._pressed:
            raise StopTyped

    def _one(self, typed: str) -> None:
        if typed in ("", "?"):
            banner(self._office, self._operator)
            self._places()
        elif typed == "1":
            self._queue()
        elif typed in ("j", "J"):
            with self._link() as link:
                line_by_line(link)
        elif typed in PLACES:
            self._run(*PLACES[typed])
        elif typed.startswith("#") or (typed.isascii() and typed.isdigit()):
            self._draft(typed.removeprefix("#"))
        else:
            self._run(*_words(typed))

    def _places(self) -> None:
        for name in (*"123456789", "0", "j", "number", "words", "stop", "end"):
            out("  " + text(f"lines.place_{name}"))

    def _queue(self) -> None:
        """The drafts, ten at a time; Enter goes on, a number opens one."""
        with self._link() as link:
            rows = list(rows_of(link, OpenView()))
        if not rows:
            out(text("queue.empty"))
        for start in range(0, len(rows), PAGE):
            for row in rows[start : start + PAGE]:
                out(spoken(row))
            left = len(rows) - start - PAGE
            typed = self._ask(text("lines.more", left=left) if left > 0 else text("lines.last"))
            if typed:
                if typed != "0":
                    self._one(f"#{typed}" if typed.isdigit() else typed)
                return

    def _draft(self, number: str) -> None:
        """Everything about one draft, and what can be done with it, until it is left."""
        if not number.isascii() or not number.isdigit():
            raise Failure(REFUSED, text("lines.unclear", typed=clean(number)))
        said = ""
        while True:
            with self._link() as link:
                detail = link.ask(Show(draft=int(number)), DraftDetail)
            if (now := str(row_said(detail.row))) != said:  # read out again only where it is another than it was
                for line in detail_lines(detail):
                    out(line)
                said = now
            verbs = [act for act in detail.row.can if act in ASKS]
            out(text("lines.what_now" if verbs else "lines.nothing_now", draft=number))
            for at, act in enumerate(verbs, start=1):
                out(f"  {at} {say('tui', f'command.{act}')}")
            typed = self._ask(text("lines.choose"))
            if typed in ("", "0"):
                return
            if typed.isascii() and typed.isdigit() and 0 < int(typed) <= len(verbs):
                self._act(detail.row, verbs[int(typed) - 1])
            else:
                err(text("lines.unclear", typed=clean(typed)))

    def _act(self, row: QueueRow, act: str) -> None:
        """One act on one draft: what it needs, then the question, then the command."""
        options: list[str] = []
        for name in ASKS[act]:
            typed = self._ask(text(f"lines.ask_{name}"))
            if typed:
                options += [f"--{name}={typed}"]
            elif (act, name) not in _MAY_BE_EMPTY:
                out(text("lines.not_done"))
                return
        verb = say("tui", f"command.{act}")
        sure = text("lines.sure", account=clean(row.account), title=clean(row.title), revision=row.revision, verb=verb)
        if self._ask(f"{sure} {text('decide.yes')}") not in YES:
            out(text("lines.not_done"))
            return
        code = self._run(act, str(row.id), f"--revision={row.revision}" if act in _BOUND else "", *options)
        if code == REFUSED and act in ("approve", "take"):
            # The account guard, or a moment that has passed: what is missing has just been said.
            handle = self._ask(text("lines.ask_handle"))
            reason = self._ask(text("lines.ask_late")) if act == "approve" and not handle else ""
            more = [f"--handle={handle}"] if handle else [f"--reason={reason}"] if reason else []
            if more:
                self._run(act, str(row.id), f"--revision={row.revision}", *options, *more)

    def _run(self, *words: str) -> int:
        """One command of the program, as this person, at this office. A stop takes no other way than `kohoban stop`."""
        from console.launch import run

        if words[0] == "help":
            words = (*words[1:], "--help")
        whose = ["--operator", self._operator] if self._operator else []
        code = run([*filter(None, words), "--office", str(self._office), *whose])
        if code not in (FINE, REFUSED):
            err(text("lines.code", code=code))
        return code

    def _ask(self, question: str) -> str:
        """What is typed. Raises Left at the end, StopTyped for a stop."""
        self._listen()
        typed = ask(question)
        if typed is None or typed in ("q", "quit", "終了"):
            raise Left
        return typed

    def _link(self) -> Link:
        return Link(office_here(str(self._office)), self._operator)


_BOUND = frozenset({"approve", "return", "except", "schedule", "take"})
"""Acts that name the revision that was read out: one that came meanwhile is refused."""


def spoken(row: QueueRow) -> str:
    """A draft in one line, in the order in which somebody listens: number, state, verdict, title, whom it waits for."""
    waiting = next(iter(row.waiting), None)
    pieces = (
        text("lines.number", draft=row.id),
        state_words(row.state),
        clean(word("verdict", row.verdict)) if row.verdict else "",
        clean(row.account),
        clean(row.title.strip() or row.path.rpartition("/")[2]),
        clean(whom(waiting)) if waiting else "",
    )
    return "  ".join(filter(None, pieces))


def _words(typed: str) -> tuple[str, ...]:
    """A typed line as words. Raises Failure where a quotation is not closed."""
    try:
        return tuple(_without_name(shlex.split(typed)))
    except ValueError:
        raise Failure(REFUSED, text("lines.unclear", typed=clean(typed))) from None


def _without_name(words: list[str]) -> Iterator[str]:
    """The words without `kohoban` before them, for whoever types it out of habit."""
    yield from words[1:] if words[:1] == ["kohoban"] else words
