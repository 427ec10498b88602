"""The processes that judge a burst: the same verdicts as in the daemon, and whatever becomes of a process, no file is lost."""

from __future__ import annotations

import functools
import os
import random
import shutil
import signal
import string
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from daemon.desk.case import Setting
from daemon.desk.opinion import Opinion, judge_paper
from daemon.intake.arrival import NotYet, Read, Refused, Wanted
from daemon.intake.reader import fetch_wanted, understood
from daemon.intake.runs import RUN, Answer
from daemon.intake.settling import Folders
from daemon.judge import Recent
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook
from daemon.service.judges import LIMIT, Judged, Judges
from daemon.service.judging import Rules, decode_message, encode, paper_of
from tests.service.live_office import MINATO, NOTICE, PATIENCE, ROOT, Office, draft, until

ACCOUNT = "minato-x"
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=TOKYO)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    folder = tmp_path_factory.mktemp("rules")
    shutil.copy(ROOT / "rules.toml", folder)
    return load_rulebook(folder)


class Bench:
    """Judges over one account's folder, and the same asked of this process."""

    def __init__(self, drafts: Path, book: Rulebook) -> None:
        self.drafts, self.folder = drafts, drafts / ACCOUNT
        self.folder.mkdir(parents=True)
        recent = (Recent(text=NOTICE, at=NOON - timedelta(hours=1), draft=7),)
        self.setting = Setting(book, NOON, frozenset({"line"}), lambda account: recent if account == ACCOUNT else ())
        self.judges = Judges(drafts, lambda: self.setting)

    def put(self, name: str, data: bytes) -> Wanted:
        """A file that nobody is writing any more."""
        (self.folder / name).write_bytes(data)
        return Wanted(ACCOUNT, name.encode())

    def started(self) -> Judges:
        until(self.judges.ready, "a process that judges")
        return self.judges

    def take_from_one_that_hangs(self) -> list[Answer]:
        """The next answers, where nothing more is to be waited for: whoever was at work has been stopped."""
        self.judges._limit = 1.0
        try:
            return self.judges.take()
        finally:
            self.judges._limit = LIMIT

    def answers(self, run: list[Wanted]) -> dict[bytes, Read]:
        """What the processes say of these files."""
        judges = self.started()
        judges.send(run)
        said: dict[bytes, Read] = {}
        while len(said) < len(run):
            said.update((wanted.name, result) for wanted, result in judges.take())
        return said

    def here(self, wanted: Wanted) -> Opinion | NotYet | Refused:
        """What this process says of a file."""
        folders = Folders(self.drafts)
        opened = folders.of(wanted.account)
        assert opened is not None
        file = fetch_wanted(opened[0], wanted)
        folders.close()
        return file if isinstance(file, NotYet | Refused) else judge_paper(paper_of(understood(file), self.drafts), self.setting)


@pytest.fixture
def bench(tmp_path: Path, book: Rulebook) -> Iterator[Bench]:
    bench = Bench(tmp_path / "drafts", book)
    yield bench
    bench.judges.close()


def opinion_or_reason(result: Read | Opinion) -> object:
    return result.opinion if isinstance(result, Judged) else result


def odd_drafts() -> Iterator[bytes]:
    """Texts of every kind that the house knows trouble with, and noise of its own making (always the same)."""
    for path in sorted((ROOT / "console" / "training" / "drafts").rglob("*.*")):
        yield path.read_bytes()
    yield from (b"", "改修のお知らせ".encode("cp932"), b"\xff\xfe\x00", b"%PDF-1.7", b"+++\nauthor = 1\n+++\n", b"+++\nx")
    yield draft(NOTICE, author="shibata", topic="防災", emergency=True, release_at=NOON + timedelta(hours=3))
    yield draft("【〇〇】について、[日付]までに連絡してください。", images=[])
    dice = random.Random(20261124)
    signs = string.printable + "あ漢ｶ【】〇●①\u200b\u202e\U0001f600\ufdfa\x00"
    for _ in range(60):
        yield "".join(dice.choices(signs, k=dice.randrange(400))).encode("utf-8", "surrogatepass")


def test_every_draft_gets_the_same_verdict_in_another_process(bench: Bench) -> None:
    run = [bench.put(f"{number}.txt", data) for number, data in enumerate(odd_drafts())]
    (bench.folder / "link.txt").symlink_to(bench.folder / "0.txt")
    os.mkfifo(bench.folder / "pipe.txt")
    run += [Wanted(ACCOUNT, name) for name in (b"link.txt", b"pipe.txt", b"absent.txt")]
    said = {name: opinion_or_reason(result) for name, result in bench.answers(run).items()}
    assert said == {wanted.name: bench.here(wanted) for wanted in run}
    assert any(isinstance(result, Opinion) and result.verdict == "block" for result in said.values())
    assert any(isinstance(result, Refused) for result in said.values())


def test_a_repetition_of_what_was_released_is_seen_in_another_process_too(bench: Bench) -> None:
    wanted = bench.put("again.txt", draft(NOTICE, **MINATO))
    result = bench.answers([wanted])[wanted.name]
    assert isinstance(result, Judged)
    assert result.opinion == bench.here(wanted)
    assert "office/repeat" in " ".join(result.opinion.clauses) or result.opinion.verdict == "hold"


def test_rules_survive_the_way_to_another_process_unchanged(book: Rulebook) -> None:
    message = decode_message(encode(Rules(book)))
    assert message == Rules(book)


def test_a_run_is_judged_by_the_rules_in_force_when_it_is_sent(bench: Bench, book: Rulebook) -> None:
    wanted = bench.put("a.txt", draft("お知らせです。", author="nobody", topic="区政情報"))
    first = bench.answers([wanted])[wanted.name]
    newer = msgspec.structs.replace(book, operators={}, hash="sha256:other")
    bench.setting = Setting(newer, NOON, frozenset(), lambda account: ())
    second = bench.answers([wanted])[wanted.name]
    assert isinstance(first, Judged)
    assert isinstance(second, Judged)
    assert (first.book, second.book) == (book, newer)
    assert second.opinion == bench.here(wanted)


def slow_run(bench: Bench) -> list[Wanted]:
    """Files that take long enough for something to happen to their process, which comes to its turn after all others."""
    for judge in bench.judges._judges:
        os.setpriority(os.PRIO_PROCESS, judge._process.pid, 19)
    long = draft("".join(f"{n}番目のお知らせです。https://example{n}.jp/ をご覧ください。\n" for n in range(1800)), **MINATO)
    return [bench.put(f"{n}.txt", long) for n in range(20)]


def at_work(bench: Bench) -> tuple[int, Callable[[], bytes]]:
    """The pid of the process that has a file in hand, and which file that is."""
    judge, begun = bench.judges._busy[0], time.monotonic()
    while judge.in_hand is None:  # without a pause: one file takes a tenth of a second
        assert time.monotonic() < begun + PATIENCE, "no file in hand"
    return judge._process.pid, lambda: judge.in_hand.name if judge.in_hand is not None else b""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hanging"])
def test_a_process_that_dies_or_hangs_loses_no_file_and_names_the_one_it_was_at(bench: Bench, how: signal.Signals) -> None:
    judges, run = bench.started(), slow_run(bench)
    judges.send(run)
    pid, in_hand = at_work(bench)
    os.kill(pid, how)
    said = [answer for _ in run for answer in bench.take_from_one_that_hangs()]
    assert [wanted for wanted, _ in said] == run
    suspects = [wanted for wanted, result in said if result == NotYet("suspect")]
    assert len(suspects) == 1
    assert all(isinstance(result, Judged) or result in (NotYet("undone"), NotYet("suspect")) for _, result in said)
    assert judges.alone(suspects[0])
    assert not any(judges.alone(wanted) for wanted in run if wanted is not suspects[0])

    # By itself it is judged as if nothing had been, and is suspect no more.
    result = bench.answers(suspects)[suspects[0].name]
    assert opinion_or_reason(result) == bench.here(suspects[0])
    assert not judges.alone(suspects[0])


def test_a_file_over_which_two_processes_end_is_refused_by_name_and_may_be_changed(bench: Bench) -> None:
    judges = bench.started()
    for expected in (NotYet, Refused):
        until(judges.ready, "another process")
        run = slow_run(bench)[:1]
        judges.send(run)
        os.kill(at_work(bench)[0], signal.SIGSTOP)
        ((_, result),) = bench.take_from_one_that_hangs()
        assert isinstance(result, expected)
    assert isinstance(result, Refused)
    assert result.code == "unjudged"
    assert "0.txt" in result.message
    assert not judges.alone(run[0])


def test_where_no_process_can_be_started_nobody_waits_for_one(bench: Bench) -> None:
    judges = Judges(bench.drafts, lambda: bench.setting, program=["/nonexistent"])
    assert not judges.ready()
    assert judges.has_room()
    run = [Wanted(ACCOUNT, b"a.txt")]
    judges.send(run)
    assert judges.take() == [(run[0], NotYet("undone"))]
    judges.close()


# In an office


def children(pid: int) -> list[int]:
    """The processes that a process has started and that still run, the judging ones."""
    listed = " ".join(_read(task / "children").decode() for task in Path(f"/proc/{pid}/task").iterdir())
    return [int(child) for child in listed.split() if b"daemon.service.judging" in _read(Path(f"/proc/{child}/cmdline"))]


def _read(path: Path) -> bytes:
    """What the kernel says there; nothing where that process or thread has ended meanwhile."""
    try:
        return path.read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def settled_in(pid: int) -> bool:
    """Is this process behind its imports: does it leave the end of a service to its daemon?"""
    said = _read(Path(f"/proc/{pid}/status")).decode().splitlines()
    ignored = next((line for line in said if line.startswith("SigIgn:")), "SigIgn: 0")
    return bool(int(ignored.split()[1], 16) & 1 << signal.SIGTERM - 1)


def gone(pid: int) -> bool:
    """Has this process ended, whether or not anybody has heard of it?"""
    return not _read(Path(f"/proc/{pid}/cmdline"))


def pour(office: Office, count: int) -> list[str]:
    """So many drafts, moved into the folder at once."""
    waiting = office.folder / "waiting"
    waiting.mkdir()
    names = [f"b{number:04}.txt" for number in range(count)]
    for name in names:
        (waiting / name).write_bytes(draft(f"{name}: {NOTICE}", **MINATO))
    folder = office.folder / "drafts" / ACCOUNT
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (waiting / name).rename(folder / name)
    return names


def test_a_burst_lands_whole_though_its_processes_are_killed_again_and_again(fresh: Office) -> None:
    assert fresh.process is not None
    names = pour(fresh, 6 * RUN)
    killed = 0
    while sum(fresh.status().queue.values()) < len(names):
        if killed < 4:
            for child in children(fresh.process.pid):
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
                    killed += 1
    fresh.all_of(names, "waiting")
    assert killed
    assert fresh.record_is_whole()


def test_no_process_outlives_its_daemon_whatever_it_has_in_hand(fresh: Office) -> None:
    assert fresh.process is not None
    pid = fresh.process.pid
    pour(fresh, 6 * RUN)
    ours = until(lambda: [child for child in children(pid) if settled_in(child)], "a process that judges")
    for child in ours:
        os.kill(child, signal.SIGSTOP)
    fresh.kill()
    for child in ours:
        until(functools.partial(gone, child), "its end")
    fresh.start()
    until(lambda: sum(fresh.status().queue.values()) == 6 * RUN, "every draft of the burst")
    assert fresh.record_is_whole()


def test_a_burst_that_comes_while_the_rules_change_stands_under_the_new_ones(fresh: Office) -> None:
    rules = fresh.folder / "rules.toml"
    before = fresh.status().policy_hash
    names = pour(fresh, 6 * RUN)
    rules.write_text(rules.read_text("utf-8") + "\n# changed\n", "utf-8")
    (fresh.folder / "policies").mkdir(exist_ok=True)
    policy = (ROOT / "daemon" / "policies" / "minato.toml").read_text("utf-8")
    (fresh.folder / "policies" / "minato.toml").write_text(policy + "\n# changed\n", "utf-8")
    until(lambda: fresh.status().policy_hash != before, "the new rules")
    fresh.all_of(names, "waiting")
    until(lambda: len(fresh.database("SELECT DISTINCT policy_hash FROM drafts")) == 1, "one policy for all")
