"""What the console says of front matter, history and lists is said in words, not as the program keeps it."""

from __future__ import annotations

import msgspec
import pytest

from console.cli.drafts import _waiting_lines
from console.cli.terminal import aligned
from console.record import detail_words, matter_words
from daemon.papers import table
from daemon.rulebook.item import Poll
from daemon.wire import HistoryLine, MissingSeen
from tests.console.scripted_peer import NOW, row


def test_a_poll_is_shown_by_its_choices_and_how_long_it_runs() -> None:
    wire = msgspec.json.encode(Poll(options=("ある", "ない"), minutes=4320)).decode()
    assert matter_words("poll", wire) == "ある / ない（4,320 分）"
    assert matter_words("poll", "not what it should be") == "not what it should be"


def test_true_and_false_of_the_front_matter_are_yes_and_no() -> None:
    assert (matter_words("emergency", "true"), matter_words("emergency", "false")) == ("はい", "いいえ")
    assert matter_words("source", "true") == "true"


@pytest.mark.parametrize(
    ("until", "said"),
    [("2026-11-24T17:15:00+09:00", "2026-11-24 17:15"), ("2026-11-24T08:15:00Z", "2026-11-24 17:15"), ("明日", "明日")],
)
def test_the_end_of_an_exception_is_a_moment_in_japan(until: str, said: str) -> None:
    detail = msgspec.json.encode({"detail": {"until": until}}).decode()
    entry = HistoryLine(seq=1, at=NOW, actor="sato", act="except", draft=1, detail=detail, hash="")
    assert detail_words(entry) == said


def test_columns_of_a_list_without_a_head_stand_under_each_other() -> None:
    first, second = aligned([("待っている", "11-22"), ("受け付けず（承認）", "11-22")])
    assert first == "待っている          11-22" and second == "受け付けず（承認）  11-22"
    assert list(aligned([])) == []


def test_what_no_command_does_names_no_command() -> None:
    def line(act: str) -> str:
        waiting = (MissingSeen(what="何か", what_en="something", who="だれか", clause="", act=act),)
        return list(_waiting_lines(msgspec.structs.replace(row(1), waiting=waiting)))[-1]

    assert line("approve").endswith("[approve]")
    assert line("wait").endswith("だれか") and line("edit").endswith("だれか")


def test_a_day_in_a_table_of_a_paper_is_not_broken_in_two() -> None:
    html = table(["日時"], [["2026-11-24 09:00"], ["二行\nある"], ["承認待ち"], ["4b7150109277"]]).html
    assert '<span class="whole">4b7150109277</span>' in html
    assert '<span class="whole">承認待ち</span>' in html and '<th><span class="whole">日時</span></th>' in html
    assert '<span class="whole">2026-11-24</span> 09:00' in html
    assert "二行\nある" in html
