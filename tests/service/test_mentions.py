"""Comments by owned mentions: read at an interval, kept where they have a finding, forgotten else, and none twice."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.release.simulated import asked
from daemon.release.simulator import Mentions, Speak
from daemon.wire.answers import Done
from daemon.wire.bench import BenchOpened, BenchPage, BenchRows, CommentDetail, CommentRow, OpenBench, ShowComment
from daemon.wire.moderation import Judge
from tests.service.live_office import Caller, Office, contents, until

ACCOUNT, MANAGER = "saitama-cvc", "urano"
OTHER = "taisho-kosodate"
"""An account of the training office that speaks to the simulated platform, too."""
ABUSE = "お前ら全員死ね。市民をなめるな。"
CLEAN = "図書館の新しい席が気に入っています。ありがとうございます。"
EVERY = 16 * 60
"""Seconds after which the next reading is due."""


@pytest.fixture
def made(found: Callable[..., Office]) -> Callable[..., Office]:
    def make(more: str = "") -> Office:
        office = found()
        rules = office.folder / "rules.toml"
        head, account, rest = rules.read_text().partition(f'id = "{ACCOUNT}"\n')
        rules.write_text(head + account + more + rest.replace('channel = "manual"', 'channel = "simulated"', 1))
        office.start()
        until(lambda: _listens(office), "a platform")
        return office

    return make


@pytest.fixture
def office(made: Callable[..., Office]) -> Office:
    office = made()
    read_first(office)
    return office


def platform(office: Office) -> str:
    return str(office.state / "platform" / "socket")


def _listens(office: Office) -> bool:
    try:
        asked(platform(office), Mentions(account=ACCOUNT))
    except OSError:
        return False
    return True


def says(office: Office, text: str, handle: str = "shimin", author: str = "501", conversation: str = "") -> str:
    """A citizen speaks; the number of what they said."""
    return asked(platform(office), Speak(account=ACCOUNT, text=text, handle=handle, author=author, conversation=conversation)).id


def cursor(office: Office, account: str = ACCOUNT) -> tuple[str, int] | None:
    rows = office.database(f"SELECT since, at FROM mention_cursor WHERE account = '{account}'")
    return rows[0] if rows else None  # type: ignore[return-value]


def read_first(office: Office) -> None:
    """Wait until it has been read for the first time, which it is by itself."""
    until(lambda: "読みました" in reading(office), "the first reading")


def read_once_more(office: Office, ahead: float) -> None:
    """Let so many seconds pass, and wait until it has been read again, and the account's line says so."""
    before = reading(office)
    office.ahead(ahead)
    until(lambda: reading(office) != before and "読みました" in reading(office), "another reading")


def bench(office: Office) -> list[CommentRow]:
    with Caller(office.state) as caller:
        caller.hello(MANAGER)
        opened = caller.ask(OpenBench(accounts=(ACCOUNT,)), BenchOpened)
        return list(caller.ask(BenchPage(view=opened.view), BenchRows).rows)


def reading(office: Office) -> str:
    return next(each.reading for each in office.status().accounts if each.id == ACCOUNT)


def test_what_has_a_finding_comes_to_the_bench_and_what_is_clean_is_forgotten(office: Office) -> None:
    says(office, CLEAN, handle="kirei_na_hito")
    number = says(office, ABUSE)
    read_once_more(office, EVERY)
    (row,) = bench(office)
    assert (row.words, row.handle, row.verdict) == (ABUSE, "shimin", "act")
    assert cursor(office) is not None and cursor(office)[0] == number  # type: ignore[index]
    assert "2 件" in reading(office) and "1 件" in reading(office)
    office.stop()
    for place, data in contents(office.folder):
        assert b"kirei_na_hito" not in data or "platform" in place.parts, place


def test_nothing_is_read_twice_and_an_export_of_the_same_adds_nothing(office: Office) -> None:
    number = says(office, ABUSE)
    read_once_more(office, EVERY)
    read_once_more(office, 2 * EVERY)
    assert len(bench(office)) == 1
    folder = office.folder / "comments" / ACCOUNT
    folder.mkdir(parents=True, exist_ok=True)
    new = office.folder / "new.jsonl"
    new.write_text(json.dumps({"id": number, "text": ABUSE, "author": "shimin"}, ensure_ascii=False) + "\n")
    os.utime(new, (0, 0))
    lying = new.rename(folder / "a.jsonl")
    until(lambda: not Path(lying).exists(), "the export read")
    assert len(bench(office)) == 1


def test_posts_of_our_own_are_no_comments(office: Office) -> None:
    says(office, ABUSE, handle="SaitamaCvcCoop", author="1")
    says(office, ABUSE, handle="minato_kunren", author="2")
    read_once_more(office, EVERY)
    assert bench(office) == []


def test_a_comment_that_was_read_is_judged_and_hidden_by_its_number(office: Office) -> None:
    number = says(office, ABUSE)
    read_once_more(office, EVERY)
    (row,) = bench(office)
    caller = office.caller(MANAGER)
    detail = caller.ask(ShowComment(comment=row.id), CommentDetail)
    assert (detail.source, detail.author, detail.own) == (number, "501", None)
    caller.ask(Judge(comment=row.id, clause="7(2)", actions=("delete",)), Done)

    def done() -> bool:
        (measure,) = caller.ask(ShowComment(comment=row.id), CommentDetail).measures
        return measure.state == "done" and measure.by == "channel"

    until(done, "the measure taken")


def test_while_the_platform_is_away_the_accounts_line_says_so_and_it_catches_up_afterwards(made: Callable[..., Office]) -> None:
    office = made()
    read_first(office)
    says(office, ABUSE)
    place = Path(platform(office))
    place.rename(place.with_name("elsewhere"))
    office.ahead(EVERY)
    until(lambda: "読めません" in reading(office), "the line")
    place.with_name("elsewhere").rename(place)
    read_once_more(office, EVERY + 120)
    assert len(bench(office)) == 1
    assert "読めません" not in reading(office)


def test_more_than_the_platform_keeps_is_a_gap_and_is_said(office: Office) -> None:
    for _ in range(801):
        says(office, CLEAN)
    read_once_more(office, EVERY)
    until(lambda: any("超えていました" in alarm for alarm in office.status().alarms), "what is missing, said")


def test_a_restart_goes_on_where_it_was(office: Office) -> None:
    says(office, ABUSE)
    read_once_more(office, EVERY)
    office.stop()
    office.start()
    until(lambda: _listens(office), "a platform")
    says(office, f"{ABUSE}また来た")
    read_once_more(office, 3 * EVERY)
    assert len(bench(office)) == 2


def test_an_account_that_is_not_to_be_read_is_not(made: Callable[..., Office]) -> None:
    office = made("mentions_minutes = 0\n")
    for n in (1, 2):
        before = cursor(office, OTHER)
        office.ahead(n * EVERY)
        until(lambda before=before: cursor(office, OTHER) != before, "a reading of the other account")
    assert cursor(office) is None and reading(office) == ""
