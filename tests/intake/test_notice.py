"""The words of the notices: what it is, what is missing, for whom it waits, since when."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from daemon.intake.notice import MOST_LINES, folder_text, plain, refused_text, stray_text, verdict_text
from daemon.rulebook.verdict import Finding, Missing

NOW = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # 9:30 in Tokyo
FINDING = Finding(
    clause="saitama/7(9)",
    cite="7 禁止事項 (9)",
    text="個人情報を含むもの",
    rule="pii.phone",
    verdict="hold",
    start=4,
    end=16,
    message="7(9)に当たるか確認してください。",
    fix="代表番号",
    lift=("課長",),
)
BODY = "問合せ\n090-1234-5678 まで"
MISSING = Missing(what="承認", what_en="approval", who="課長（佐藤）", clause="saitama/5", act="approve")


def verdict(**changes: Any) -> str:
    given: dict[str, Any] = {
        "name": b"a.txt", "account": "saitama-cvc", "state": "承認待ち", "verdict": "hold", "revision": 2, "text": BODY,
        "findings": (FINDING,), "missing": (MISSING,), "since": NOW, "written": NOW,
    }  # fmt: skip
    return verdict_text(**{**given, **changes})


def folder(**changes: Any) -> str:
    given: dict[str, Any] = {
        "account": "koho", "running": True, "stopped": False, "why": "", "looked": NOW, "written": NOW, "counts": {"承認待ち": 2, "発信済": 0},
    }  # fmt: skip
    return folder_text(**{**given, **changes})


@pytest.mark.parametrize(
    "said",
    [
        "a.txt",
        "saitama-cvc",
        "承認待ち（2026-11-24 09:30:00 から）",
        "第2版",
        "課長（佐藤）",
        "承認（saitama/5）",
        "7 禁止事項 (9)",
    ]
    + [
        "個人情報を含むもの",
        "7(9)に当たるか確認してください。",
        "「090-1234-567",
        "本文2行目の1文字目から",
        "代表番号",
        "解除できる人: 課長",
    ],
)
def test_a_verdict_file_says_everything_that_its_author_needs(said: str) -> None:
    assert said in verdict()


def test_a_lifted_finding_says_so_and_asks_nobody_any_more() -> None:
    lifted = Finding(clause="x/1", cite="1", text="t", rule="r", verdict="hold", message="m", lift=("課長",), lifted=True)
    assert "解除済み" in verdict(findings=(lifted,))
    assert "解除できる人" not in verdict(findings=(lifted,))


def test_nothing_missing_and_nothing_found_is_said_in_words() -> None:
    assert verdict(findings=(), missing=(), verdict="pass").count("ありません。") == 2


def test_the_reason_of_a_return_is_shown() -> None:
    assert "連絡　　　: 日付を直して" in verdict(note="日付を直して")


def test_no_control_character_of_a_draft_reaches_a_notice() -> None:
    hostile = "\x1b[2J\r\u202e\u200b\0\x07\x9b"
    finding = Finding(
        clause="c",
        cite=hostile,
        text=hostile,
        rule="r",
        verdict="warn",
        start=0,
        end=7,
        message=hostile,
        fix=hostile,
        lift=(hostile,),
    )
    missing = Missing(what=hostile, what_en="", who=hostile, clause=hostile, act="edit")
    texts = [
        verdict(
            name=hostile.encode(),
            account=hostile,
            state=hostile,
            note=hostile,
            text=hostile,
            findings=(finding,),
            missing=(missing,),
        ),
        refused_text(name=hostile.encode(), message=hostile, written=NOW),
        folder(account=hostile, why=hostile, stopped=True, counts={hostile: 1}, alarms=(hostile,)),
    ]
    for text in texts:
        assert all(line.replace("\u3000", " ").isprintable() for line in text.split("\n"))


def test_a_line_break_inside_a_span_is_shown_as_a_sign() -> None:
    assert plain("a\nb") == "a⏎b"


def test_no_notice_judges_a_person() -> None:
    assert "違反" not in verdict() + folder() + refused_text(name=b"a", message="m", written=NOW)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "広報番　　　　: 稼働"),
        ({"stopped": True, "why": "課長の緊急停止"}, "停止（何も発信されません）：課長の緊急停止"),
        ({"stopped": None}, "停止中とみなしています"),
        ({"running": False}, "終了"),
        ({"looked": None}, "まだ見ていません"),
        ({}, "2026-11-24 09:30:00"),
        ({}, "承認待ち: 2件"),
        ({"alarms": ("共有が外れています",)}, "・共有が外れています"),
    ],
)
def test_the_folders_notice_says_whether_anybody_is_at_work(changes: dict[str, Any], said: str) -> None:
    assert said in folder(**changes)


def test_unknown_is_never_shown_as_running() -> None:
    assert "稼働" not in folder(stopped=None) + folder(running=False)


def test_a_state_without_drafts_is_left_out() -> None:
    assert "発信済" not in folder()


def test_of_too_many_findings_the_gravest_are_told_in_the_order_of_the_text_and_the_rest_are_counted() -> None:
    def found(number: int) -> Finding:
        level = "block" if number % 10 == 9 else "warn"
        return Finding(clause="x/1", cite="1", text="t", rule="r", verdict=level, message=f"指摘{number}。")  # type: ignore[arg-type]

    text = verdict(findings=tuple(map(found, range(1_000))), missing=(MISSING,) * 100)
    told = [line.partition("指摘")[2].rstrip("。") for line in text.splitlines() if "指摘" in line and "］" in line]
    assert told == [str(number) for number in range(9, 300, 10)]
    assert f"ほかに {1_000 - MOST_LINES} 件" in text
    assert f"ほかに {100 - MOST_LINES} 件" in text
    assert text.count("\n") < 8 * MOST_LINES


def test_as_many_findings_as_are_told_are_told_whole() -> None:
    assert "ほかに" not in verdict(findings=(FINDING,) * MOST_LINES, missing=(MISSING,) * MOST_LINES)


def test_a_place_of_which_nothing_is_read_says_what_lies_there_and_where_it_should_lie() -> None:
    names = [b"a.txt", "案\u202e.docx".encode(), *(b"%d.txt" % n for n in range(100))]
    text = stray_text(place="kouho", names=names, accounts=("koho", "bosai"), written=NOW)
    for said in ("「kouho」というアカウントはない", "koho、bosai", "・a.txt", "案\\u202e.docx", f"ほか {102 - MOST_LINES} 件"):
        assert said in text
    assert "入っていない" in stray_text(place="", names=names, accounts=("koho",), written=NOW)
