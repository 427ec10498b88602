"""Texts as long as any platform takes, full of whatever a check looks for: a verdict all the same, of bounded size."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from daemon.intake.frontmatter import read_item
from daemon.intake.legible import LONGEST_TEXT
from daemon.judge import Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook
from daemon.screening.cite import LONGEST
from daemon.screening.screen import MOST

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
ACCOUNTS = ("taisho-somu", "saitama-cvc", "minato-facebook", "shinagawa-koho")

# What the checks look for, and what may make one take long: signs, brackets, dates, links, names, hidden characters, emoji.
PIECES = [
    "○",
    "□",
    "(",
    "「",
    "【",
    "#",
    "＃",
    "_",
    "-",
    "{",
    "<",
    "x",
    "1",
    "1/1",
    "月",
    " ",
    "　",
    "\n",
    "日時:\n",
    ".",
    "a.",
    "a.jp/ ",
    "あ.コム",
    "https://a.jp/(",
]
PIECES += [
    "11月21日(金)",
    "令和7年",
    "12月1日に開催します。",
    "○月○日",
    "@a ",
    "a@b.c ",
    "090-1234-5678 ",
    "RT @a ",
    "死ね",
    "候補者の",
    "私の妻が",
    "訓練",
    "避難 ",
]
PIECES += [
    "\u200b",
    "\u202e",
    "a\u202e",
    "\u0301",
    "ｶﾞ",
    "㍿",
    "ﷺ",
    "👨\u200d👩\u200d👧",
    "1\ufe0f\u20e3",
    "🇯🇵",
    "\ufffd",
    "a\x01" * 3 + "あ" * 200,
]


@pytest.fixture(scope="module")
def office(root: Path) -> Rulebook:
    """The training office."""
    return load_rulebook(root)


@pytest.mark.parametrize("piece", PIECES)
def test_a_text_full_of_one_thing_gets_a_verdict_of_bounded_size(office: Rulebook, piece: str) -> None:
    item = read_item((piece * (LONGEST_TEXT // len(piece))).encode())
    assert len(item.text) <= LONGEST_TEXT
    account = office.accounts[ACCOUNTS[PIECES.index(piece) % len(ACCOUNTS)]]
    judgement = judge(item, Situation(now=TUESDAY, account=account), office)
    assert judgement.verdict == "block"
    found = [finding.rule for finding in judgement.findings]
    assert max(map(found.count, found)) <= MOST
    for finding in judgement.findings:
        assert len(finding.message) <= LONGEST
        assert len(finding.message_en) <= LONGEST
    for line in judgement.missing:
        assert len(line.what) <= LONGEST + 100


@pytest.mark.parametrize("account", ACCOUNTS)
def test_what_is_longer_than_any_platform_takes_or_is_no_text_is_blocked_under_every_policy(
    office: Rulebook, account: str
) -> None:
    for data, clause in {"本日は休館です。".encode() * 9_000: "office/too-large", b"\x00\xff" * 9_000: "office/encoding"}.items():
        judgement = judge(read_item(data), Situation(now=TUESDAY, account=office.accounts[account]), office)
        (finding,) = (finding for finding in judgement.findings if finding.clause == clause)
        assert finding.verdict == "block"
        assert finding.message in [line.what for line in judgement.missing]


def test_how_much_too_long_a_very_long_text_is_for_x_is_said_as_a_least(office: Rulebook) -> None:
    def said(text: str) -> str:
        found = judge(read_item(text.encode()), Situation(now=TUESDAY, account=office.accounts["minato-x"]), office).findings
        return next(finding.message for finding in found if finding.clause == "office/length")

    assert "長さが282で" in said("あ" * 141)
    assert "長さが20000以上で" in said("あ" * 30_000)


def test_an_unfilled_blank_of_any_length_is_quoted_with_what_to_do(office: Rulebook) -> None:
    item = read_item(("お知らせ" + "#" * 5_000).encode())
    found = judge(item, Situation(now=TUESDAY, account=office.accounts["minato-facebook"]), office).findings
    (blank,) = (finding for finding in found if finding.start == 4)
    assert blank.end == 5_004
    assert blank.message.startswith("「####")
    assert blank.message.endswith("が埋まっていません。実際の内容に置き換えるか、この部分を消してください。")
