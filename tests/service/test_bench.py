"""The bench of a running office: exports are read and forgotten but for what has a finding, a named person judges, a person does it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from daemon.rulebook.load import load_rulebook
from daemon.wire.acts import Stopped
from daemon.wire.answers import Done, StopState
from daemon.wire.bench import (
    BenchCounts,
    BenchOpened,
    BenchPage,
    BenchRows,
    BenchTally,
    CommentDetail,
    CommentRow,
    ImportList,
    Imports,
    ImportSeen,
    MeasureCard,
    OpenBench,
    ShowComment,
    WhyPage,
    WhySeen,
)
from daemon.wire.blocks import BlockList, Blocks
from daemon.wire.duties import Duties, DutyList
from daemon.wire.moderation import AddBlock, Judge, MarkComment, MeasureDone, Propose, TakeMeasure, UndoJudgement
from tests.service.live_office import Office, until

SAITAMA, MINATO, TAISHO = "saitama-cvc", "minato-x", "taisho-gyosei"
ABUSE = "お前ら全員死ね。市民をなめるな。"
HARSH = "この対応はひどすぎる。市長は責任を取るべきだ。"
CLEAN = "いつも配信ありがとうございます。図書館の新しい席が気に入っています。"


def line(text: str, number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "text": text,
        "author": f"shimin_{number}",
        "author_id": f"u{number}",
        "at": "2026-11-02T09:00:00+09:00",
        **more,
    }


def export(office: Office, account: str, *lines: dict[str, Any], name: str = "a.jsonl") -> Path:
    """Put an export into the folder of the account, as whole as a rename makes it."""
    folder = office.folder / "comments" / account
    folder.mkdir(parents=True, exist_ok=True)
    new = office.folder / f"new-{name}"
    new.write_text("".join(json.dumps(each, ensure_ascii=False) + "\n" for each in lines), encoding="utf-8")
    os.utime(new, (0, 0))  # it was written a while ago
    return new.rename(folder / name)


def imported(office: Office, path: Path) -> ImportSeen:
    """What came of the export that lay there."""
    until(lambda: not path.exists(), "the export read and gone")
    return office.caller("kansa").ask(Imports(), ImportList).imports[0]


def bench(office: Office, who: str, **conditions: Any) -> tuple[CommentRow, ...]:
    caller = office.caller(who)
    opened = caller.ask(OpenBench(**conditions), BenchOpened)
    return caller.ask(BenchPage(view=opened.view), BenchRows).rows


@pytest.fixture
def saitama(office: Office) -> tuple[str, str]:
    """The manager and a clerk of さいたま市."""
    book = load_rulebook(office.folder)
    people = [who for who in book.operators.values() if "saitama" in who.policies]
    manager = next(who.login for who in people if "市民協働推進課長" in who.titles)
    return manager, next(who.login for who in people if who.role == "clerk")


def test_of_an_export_only_what_has_a_finding_is_kept_and_the_file_goes(office: Office) -> None:
    path = export(office, SAITAMA, line(ABUSE, 1), line(HARSH, 2), line(CLEAN, 3), name="first.jsonl")
    seen = imported(office, path)
    assert (seen.account, seen.lines, seen.kept, seen.clean, seen.broken) == (SAITAMA, 3, 1, 2, 0)
    (row,) = [row for row in bench(office, "kansa", accounts=(SAITAMA,)) if row.handle == "shimin_1"]
    assert (row.verdict, row.words, row.clauses) == ("act", ABUSE, ("7 禁止事項 (2)",))


def test_a_clean_comment_leaves_no_trace_anywhere(fresh: Office) -> None:
    mark = "気持ちのよい朝でしたと申し上げたい一市民"
    path = export(fresh, SAITAMA, line(f"{mark}。ありがとうございます。", 1, author="kirei_na_hito"), line(ABUSE, 2))
    assert imported(fresh, path).clean == 1
    fresh.stop()
    for found in fresh.folder.rglob("*"):
        if found.is_file():
            data = found.read_bytes()
            for trace in (mark, "kirei_na_hito", json.dumps(mark)[1:-1]):
                assert trace.encode() not in data, found


def test_the_judge_judges_and_a_clerk_proposes(office: Office, saitama: tuple[str, str]) -> None:
    manager, clerk = saitama
    imported(
        office, export(office, SAITAMA, line(ABUSE, 11, conversation="https://x.com/SaitamaCvcCoop/status/1"), name="b.jsonl")
    )
    (row,) = [row for row in bench(office, clerk, accounts=(SAITAMA,)) if row.handle == "shimin_11"]
    want = Judge(comment=row.id, clause="saitama/7(2)", actions=("delete",), reason="")
    assert "市民協働推進課長" in office.caller(clerk).refused(want, "not_approver").message
    office.caller(clerk).ask(Propose(comment=row.id, clause="7(2)", actions=("delete",)), Done)
    assert office.caller(manager).ask(ShowComment(comment=row.id), CommentDetail).row.state == "proposed"
    done = office.caller(manager).ask(want, Done)
    assert "この媒体では非表示" in done.message
    detail = office.caller(manager).ask(ShowComment(comment=row.id), CommentDetail)
    (measure,) = detail.measures
    assert (detail.row.state, measure.asked, measure.really, measure.state) == ("judged", "delete", "hide", "due")
    office.caller(clerk).refused(MeasureDone(measure=measure.id, done=True, proof="見た"), "lease")
    card = office.caller(clerk).ask(TakeMeasure(measure=measure.id), MeasureCard)
    assert "返信を非表示にする" in card.steps[1]
    office.caller(clerk).ask(MeasureDone(measure=measure.id, done=True, proof="非表示の返信にあることを見た"), Done)
    why = office.caller(clerk).ask(WhyPage(comment=row.id), WhySeen)
    assert why.words == "特定の個人・団体等を誹謗中傷するもの"
    assert [(m.asked, m.really, m.state) for m in why.measures] == [("delete", "hide", "done")]
    undone = office.caller(manager).ask(UndoJudgement(comment=row.id, reason="取り違え"), Done)
    assert "非表示の解除" in undone.message or "戻す措置" in undone.message
    office.record_is_whole()


def test_no_measure_is_taken_while_actions_are_stopped(office: Office, saitama: tuple[str, str]) -> None:
    manager, clerk = saitama
    imported(office, export(office, SAITAMA, line(ABUSE, 21), name="c.jsonl"))
    (row,) = [row for row in bench(office, clerk, accounts=(SAITAMA,)) if row.handle == "shimin_21"]
    office.caller(manager).ask(Judge(comment=row.id, clause="7(2)", actions=("delete", "block")), Done)
    detail = office.caller(manager).ask(ShowComment(comment=row.id), CommentDetail)
    (office.state / "gate" / "STOP.actions").touch()
    for measure in detail.measures:
        office.caller(clerk).refused(TakeMeasure(measure=measure.id), "stopped")
    assert "release" not in [row.state for row in office.rows()]
    office.resume(manager, "actions")
    assert not any("措置" in alarm for alarm in office.status().alarms)
    assert office.caller(clerk).ask(TakeMeasure(measure=detail.measures[0].id), MeasureCard).steps


def test_a_stop_names_whoever_has_a_measure_in_hand(office: Office, saitama: tuple[str, str]) -> None:
    manager, clerk = saitama
    imported(office, export(office, SAITAMA, line(ABUSE, 41), name="f.jsonl"))
    (row,) = [row for row in bench(office, clerk, accounts=(SAITAMA,)) if row.handle == "shimin_41"]
    office.caller(manager).ask(Judge(comment=row.id, clause="7(2)", actions=("delete",)), Done)
    (measure,) = office.caller(manager).ask(ShowComment(comment=row.id), CommentDetail).measures
    office.caller(clerk).ask(TakeMeasure(measure=measure.id), MeasureCard)
    (office.state / "gate" / "STOP.actions").touch()
    until(lambda: any(f"措置 {measure.id} は" in alarm for alarm in office.status().alarms), "who has it in hand")
    told = office.caller("osaki").ask(Stopped(scope="actions"), StopState)
    assert (measure.id, SAITAMA, clerk) in [(each.measure, each.account, each.holder) for each in told.measures]
    office.caller(clerk).ask(MeasureDone(measure=measure.id, done=True, proof="見た"), Done)
    assert not any(f"措置 {measure.id} は" in alarm for alarm in office.status().alarms)
    office.resume(manager, "actions")


def test_minato_has_no_power_and_says_why(office: Office) -> None:
    office.caller("akasaka").ask(MarkComment(account=MINATO, text=ABUSE, handle="dareka", source="m1"), Done)
    (row,) = bench(office, "akasaka", accounts=(MINATO,))
    detail = office.caller("shibata").ask(ShowComment(comment=row.id), CommentDetail)
    assert (detail.findings, detail.grounds, detail.means) == ((), (), ())
    assert "措置の定めがありません" in detail.powerless
    refused = office.caller("shibata").refused(Judge(comment=row.id, clause="minato/7-2(1)", actions=("delete",)), "missing")
    assert "comment_powers" in refused.message


def test_what_waits_is_counted_by_account(office: Office) -> None:
    tally = office.caller("kansa").ask(BenchCounts(), BenchTally)
    (minato,) = [each for each in tally.accounts if each.account == MINATO]
    assert minato.powerless and minato.limit == 20


def test_a_block_stands_when_somebody_has_seen_it(office: Office, saitama: tuple[str, str]) -> None:
    manager, clerk = saitama
    imported(office, export(office, SAITAMA, line(ABUSE, 31), name="d.jsonl"))
    (row,) = [row for row in bench(office, clerk, accounts=(SAITAMA,)) if row.handle == "shimin_31"]
    office.caller(manager).ask(Judge(comment=row.id, clause="7(2)", actions=("delete", "block")), Done)

    def entry() -> Any:
        entries = office.caller(clerk).ask(Blocks(account=SAITAMA), BlockList).blocks
        return next(each for each in entries if each.handle == "shimin_31")

    assert (entry().state, entry().cite, entry().judge) == ("pending", "7 禁止事項 (2)", manager)
    detail = office.caller(manager).ask(ShowComment(comment=row.id), CommentDetail)
    block = next(each for each in detail.measures if each.asked == "block")
    office.caller(clerk).ask(TakeMeasure(measure=block.id), MeasureCard)
    office.caller(clerk).ask(MeasureDone(measure=block.id, done=True, proof="一覧にある"), Done)
    assert entry().state == "standing"


def test_the_review_of_a_block_is_a_duty_with_a_date(office: Office, saitama: tuple[str, str]) -> None:
    manager, _ = saitama
    caller = office.caller(manager)
    caller.ask(AddBlock(account=SAITAMA, handle="tsudzuku_hito", clause="7(2)", reason="何度も同じ中傷を書いたため"), Done)
    (duty,) = [each for each in caller.ask(Duties(), DutyList).duties if each.id == "block-review" and each.account == SAITAMA]
    (entry,) = [each for each in caller.ask(Blocks(account=SAITAMA), BlockList).blocks if each.handle == "tsudzuku_hito"]
    assert duty.due is not None and duty.due.date() <= entry.review_on
    assert (duty.overdue, manager in duty.logins) == (False, True)
