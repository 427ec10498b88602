"""The releaser's hand: `python -m daemon.release.hand STATE`, a small process that begins releases and nothing else.

One order a line, one report a line, on stdin and stdout; it ends when stdin does. With `--service` it runs under a login of its own and
takes its orders from the daemon at `state/releaser.sock`. It has no database and no policy, and a stop may kill it at any moment. The
look at the gate is the last thing before a write, inside the lock that a stop waits for.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypeVar, get_args

import msgspec
from msgspec.structs import replace

from daemon.gate import Gate
from daemon.release.channel import Became, Here, Sending, channel
from daemon.release.jobs import (
    LONGEST,
    Answer,
    Ask,
    Forget,
    Held,
    Holdings,
    Inventory,
    Job,
    Look,
    Outcome,
    Report,
    Told,
    body_hash,
    decode_answer,
    decode_order,
    encode,
    moment,
    report_of,
)
from daemon.release.secrets import holdings
from daemon.release.steps import Step, Steps
from daemon.release.veil import veiled
from daemon.standing import words

T = TypeVar("T")

_LATEST = 366 * 86_400.0
"""Seconds from now after which no platform is tried again later: a moment beyond all calendars breaks whoever reads it."""

AT_ONCE = 16
"""Jobs that may be under way at the same time, of different accounts: a platform that hangs must not hold up the others."""


class Hand:
    """Carries out jobs one by one or several at once; `at` is told every step."""

    def __init__(self, state: Path, at: Callable[[Step], None] = lambda step: None) -> None:
        self._gate = Gate(state)
        self._steps = Steps(state, at)
        self._here = Here(state)
        self._under_way: set[str] = set()

    def carry_out(self, job: Job) -> Report:
        """One job, from the seal to the report. Raises nothing that a job, a gate, a disk or a platform can cause."""
        self._under_way.add(job.id)
        try:
            if body_hash(job.body) != job.body_hash:
                raise Held("failed", "本文が承認された内容と一致しません", "the body is not the one that was sealed")
            self._steps.at("sealed")
            if job.channel == "manual":
                self._through(job, lambda: None)  # the report is what lets the daemon show the card: from then on it is in flight
                return Report(job=job.id, outcome="passed")
            return _report(job.id, self._send(job))
        except Held as held:
            return report_of(job.id, held.outcome, held.why, held.why_en, held.again_at)
        finally:
            self._under_way.discard(job.id)

    def look(self, look: Look) -> Report:
        """What became of a job whose hand is dead. Raises nothing that a disk or a platform can cause."""
        if look.id in self._under_way:  # the daemon has lost patience, or is another one by now; this hand has not
            return report_of(look.id, "unknown", "発信係がまだ発信の途中です", "the releaser is still at it")
        try:
            noted = self._steps.of(look.id)
            way = channel(look.channel)
            became = _is(way.look(look, noted, self._here), Became)
        except OSError as error:
            return report_of(look.id, "unknown", f"確かめられません（{words(error)[0]}）", f"this cannot be looked up ({error})")
        except Held as held:
            why = f"確かめられません（{held.why}）"
            report = report_of(look.id, "unknown", why, f"this cannot be looked up ({held.why_en})", held.again_at)
            return replace(report, read=dict(held.read))
        except (Exception, SystemExit) as error:  # a channel from outside
            return report_of(look.id, "unknown", f"確かめられません（{error!r}）", f"this cannot be looked up ({error!r})")
        if became.outcome == "not_released":
            with suppress(Exception):  # OSError, or whatever a channel from outside raises
                # First the note goes, then what was put aside: where the note cannot go, what was put aside says so again.
                self._steps.never_began(look.id)
                way.let_go(look, self._here)
        return replace(_report(look.id, became), read=dict(became.read))

    def ask(self, ask: Ask) -> Told:
        """What the platform says. Raises nothing that a platform can cause."""
        try:
            return _is(channel(ask.channel).ask(ask, self._here), Told)
        except Held as held:
            return Told(job=ask.id, ok=False, why=held.why, why_en=held.why_en, again_at=held.again_at)
        except (Exception, SystemExit) as error:  # a channel from outside
            return Told(job=ask.id, ok=False, why=f"媒体に尋ねられません（{error!r}）", why_en=f"it cannot be asked ({error!r})")

    def inventory(self, order: Inventory) -> Holdings:
        """Which credentials there are; never a value."""
        return Holdings(job=order.id, held=tuple(holdings(self._here.state)))

    def forget(self, order: Forget) -> None:
        """What is over and in the journal needs no note."""
        self._steps.forget(order.jobs)
        if order.but_for is not None:
            self._steps.forget_but(order.but_for)

    def _send(self, job: Job) -> Became:
        """Prepare, note, pass the gate and write, see it end. Raises Held."""
        with _of_the_channel("failed"):
            sending = _sending(channel(job.channel).prepare(job, self._here))
        self._steps.at("ready")
        try:
            self._note(job)
            self._through(job, sending.write)
        except Held as held:
            if held.outcome != "unknown":
                self._take_back(job, sending)
            raise
        while not isinstance(became := self._seen_to_its_end(sending), Became):
            sending = became
            self._once_more(job, sending)
        return became

    def _seen_to_its_end(self, sending: Sending) -> Became | Sending:
        self._steps.at("written")
        try:
            with _of_the_channel("unknown"):
                became = sending.finish()
                return became if isinstance(became, Became) else _sending(became)
        finally:
            self._steps.at("finished")

    def _once_more(self, job: Job, sending: Sending) -> None:
        """The same again, which the platform takes once. Whoever has stopped meanwhile stops this, too: then the first stays unanswered."""
        try:
            self._through(job, sending.write)
        except Held as held:
            if held.outcome == "unknown":
                raise
            _abandon(sending)
            why = f"送りましたが答えがなく、もう一度は送っていません（{held.why}）"
            why_en = f"it was sent and not answered, and not sent again ({held.why_en})"
            raise Held("unknown", why, why_en) from None

    def _take_back(self, job: Job, sending: Sending) -> None:
        """It certainly was not written: first the note goes, then what lies ready, which without it would look as if somebody had taken
        it. Where the note cannot be taken back, what lies ready stays too, and says that nothing is out."""
        try:
            self._steps.never_began(job.id)
        except OSError:
            return
        _abandon(sending)

    def _note(self, job: Job) -> None:
        try:
            self._steps.begins(job.id)
        except OSError as error:
            ja, en = words(error)
            raise Held("failed", f"発信の控えを書けません（{ja}）", f"the note of the job cannot be written ({en})") from None
        self._steps.at("noted")

    def _through(self, job: Job, write: Callable[[], None]) -> None:
        """Pass the gate and write, as one step to everybody who stops. Raises Held where the job may not pass."""
        try:
            with self._gate.sending():
                if moment() > job.deadline:
                    raise Held("prevented", "発信の期限を過ぎました", "the job's deadline has passed")
                look = self._gate.look(job.account, job.platform, job.epoch, action=job.is_measure)
                if not look.open:
                    raise Held("prevented", look.why, look.why_en)
                self._steps.at("passed")
                with _of_the_channel("unknown"):
                    write()
        except OSError as error:
            ja, en = words(error)
            raise Held(
                "prevented", f"発信の鍵が取れません（{ja}）", f"the lock of those who send is not to be had ({en})"
            ) from None


@contextmanager
def _of_the_channel(outcome: Outcome) -> Iterator[None]:
    """What a channel from outside raises against its word ends the job, and not the hand. Raises Held."""
    try:
        yield
    except Held:
        raise
    except (Exception, SystemExit) as error:
        raise Held(outcome, f"媒体への道に誤りがあります（{error!r}）", f"the channel has a fault ({error!r})") from error


def _is(given: object, kind: type[T]) -> T:
    """What a channel from outside gave, if it is that. Raises TypeError."""
    if isinstance(given, kind):
        return given
    raise TypeError(f"{kind.__name__} expected, {type(given).__name__} given")


def _sending(given: object) -> Sending:
    if isinstance(given, Sending):
        return given
    raise TypeError(f"Sending expected, {type(given).__name__} given")


def _abandon(sending: Sending) -> None:
    with suppress(Exception):  # whatever a channel from outside raises: it leaves something behind
        sending.abandon()


def _report(job: str, became: Became) -> Report:
    """What a channel says became of a job, for the daemon."""
    if became.outcome == "not_released":
        why, why_en = "発信係が途中で終わりました。出ていません", "the hand died on the way: it is not out"
        return report_of(job, "failed", became.why or why, became.why_en or why_en)
    if became.outcome == "unknown":
        why, why_en = "発信係が途中で終わり、出たかどうか分かりません", "the hand died, and nothing says whether it is out"
        return report_of(job, "unknown", became.why or why, became.why_en or why_en)
    return Report(job=job, outcome="released", place=became.place, why=became.why, why_en=became.why_en)


def _line(answer: Answer) -> bytes:
    """The one way out: no secret passes, whoever put it in; and no line that the daemon could not read, which would end all that is under
    way with it: what is odd or too long is left out, and said to be."""
    try:
        if isinstance(answer, Report | Told) and answer.again_at is not None:
            again_at = min(max(float(answer.again_at), 0.0), time.time() + _LATEST)
            answer = msgspec.structs.replace(answer, again_at=again_at)
        line = veiled(encode(answer).decode()).encode()
        if len(line) > LONGEST:
            raise ValueError(f"{len(line)} bytes")
        decode_answer(line)
    except Exception as error:  # whatever a channel from outside has put into it
        why, why_en = (
            f"媒体への道の答えを渡せません（{type(error).__name__}）",
            f"what the channel said cannot be told ({error!r})",
        )
        return veiled(encode(_without_what_is_odd(answer, why, why_en[:300])).decode()).encode()
    return line


def _without_what_is_odd(answer: Answer, why: str, why_en: str) -> Answer:
    match answer:
        case Report():
            outcome: Outcome = answer.outcome if answer.outcome in get_args(Outcome) else "unknown"
            return report_of(answer.job, outcome, why, why_en)
        case Told():
            rows = answer.rows if isinstance(answer.rows, int) and 0 <= answer.rows < LONGEST else 0
            return Told(job=answer.job, ok=False, why=why, why_en=why_en, rows=rows)
        case Holdings():
            return Holdings(job=answer.job, held=())


def serve(hand: Hand, orders: BinaryIO, reports: BinaryIO) -> None:
    """Carry out one order a line until there are no more; each report as soon as it is known. Raises BrokenPipeError."""
    one_at_a_time = threading.Lock()

    def tell(answer: Answer) -> None:
        with one_at_a_time:
            reports.write(_line(answer))
            reports.flush()

    def carry_out(work: Callable[[], Answer]) -> None:
        report = work()
        # Nobody may be left to report to: the notes and the names in the outbox say what happened.
        with suppress(OSError, ValueError):
            tell(report)

    with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="job") as hands:
        for line in orders:
            try:
                order = decode_order(line)
            except msgspec.DecodeError as error:
                tell(report_of("", "failed", "発信の依頼が読めません", f"no order: {error}"))
                continue
            match order:
                case Job():
                    hands.submit(carry_out, partial(hand.carry_out, order))
                case Look():
                    hands.submit(carry_out, partial(hand.look, order))
                case Ask():
                    hands.submit(carry_out, partial(hand.ask, order))
                case Inventory():
                    hands.submit(carry_out, partial(hand.inventory, order))
                case Forget():
                    hand.forget(order)


def main() -> int:
    """Serve the daemon: the one that started this process, or, as a service, the owner of STATE whenever it takes connections."""
    parser = argparse.ArgumentParser(prog="python -m daemon.release.hand")
    parser.add_argument("state", type=Path)
    parser.add_argument("--service", action="store_true", help="run under a login of its own and connect to state/releaser.sock")
    options = parser.parse_args()
    from daemon.release.alone import shut_in
    from daemon.release.at_service import only_one, serve_daemons

    shut_in()
    if options.service:
        serve_daemons(options.state)
    try:
        with only_one(options.state, wait=True):  # the one that a killed daemon has left behind may be ending a job
            serve(Hand(options.state), sys.stdin.buffer, sys.stdout.buffer)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
