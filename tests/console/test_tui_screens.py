"""The screens of keys, record, reports, settings and hours: what they show, what their keys do, and that each leads back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest
from console_desk import Desk, at_desk
from scripted_peer import NOW, Peer, row

from console.tui.reports import span
from daemon.wire import Ask, ClauseBoard, HistoryLine, Listing, RemoveOverride, SpecialDayList, SpecialDays, SpecialDaySeen
from daemon.wire.recording import FindInRecord, RecordFound
from daemon.wire.settings import ProblemSeen, RulesNow, RulesSeen

pytestmark = pytest.mark.usefixtures("japanese")


@pytest.fixture
async def desk(office: Path, peer: Peer) -> AsyncIterator[Desk]:
    async with at_desk(office) as it:
        await it.shows("運用中")
        yield it


def entry(seq: int, act: str = "approve", **detail: object) -> HistoryLine:
    told = msgspec.json.encode({"detail": detail}).decode()
    return HistoryLine(
        seq=seq, at=NOW - timedelta(minutes=1000 - seq), actor="shibata", act=act, draft=7, detail=told, hash="ab" * 32
    )


def keeps(peer: Peer, entries: list[HistoryLine], page: int = 100) -> list[FindInRecord]:
    """Let the peer have this record, and look at so many entries of it at once; what it is asked for."""
    before, asked = peer.answer, []

    def answer(ask: Ask) -> object | None:
        query = ask.query
        if not isinstance(query, FindInRecord):
            return before(ask)
        asked.append(query)
        below = [each for each in reversed(entries) if query.before is None or each.seq < query.before][:page]
        met = tuple(each for each in below if all(word in each.detail for word in query.words))
        return RecordFound(entries=met, reached=below[-1].seq if below else 1)

    peer.answer = answer
    return asked


# -- the keys ----------------------------------------------------------------------------------------------------------------


async def test_the_page_of_keys_begins_with_this_screens_own_and_ends_with_those_of_every_screen(desk: Desk) -> None:
    await desk.shows("下書き 1/300")
    await desk.press("question_mark")
    await desk.shows("「一覧」のキー")
    lines = [line.strip() for line in desk.screen()[2:]]
    assert lines[0] == "この画面"
    page = desk.console.keys_page
    names = [each.command.name for each in page._entries if each.command is not None]
    assert names[0] == "open" and "approve" in names
    assert "judge" not in names, "a key of the bench alone"
    assert names.index("approve") < names.index("queue"), "what every screen has stands below"


async def test_a_key_that_cannot_be_used_now_says_why(desk: Desk) -> None:
    await desk.shows("下書き 1/300")
    await desk.press("question_mark")
    await desk.shows("「一覧」のキー")
    said = {each.command.name: each.words.plain for each in desk.console.keys_page._entries if each.command is not None}
    assert said["settle"] == "状態が「承認待ち」です", "in the daemon's own words"
    assert said["approve"] == "" and said["open"] == "" and said["queue"] == ""
    await desk.press("slash")
    await desk.type("不明になった発信")
    await desk.shows("-- 状態が「承認待ち」です")


async def test_while_stopped_what_lets_something_out_says_that_it_is_stopped(desk: Desk, office: Path) -> None:
    await desk.shows("下書き 1/300")
    (office / "state" / "gate" / "RUN").unlink()
    await desk.until(lambda: "緊急停止中" in desk.screen()[0])
    await desk.press("question_mark")
    await desk.shows("「一覧」のキー")
    said = {each.command.name: each.words.plain for each in desk.console.keys_page._entries if each.command is not None}
    assert "停止中" in said["take"] and "停止中" in said["schedule"] and said["approve"] == ""


async def test_a_search_finds_the_keys_of_other_screens_too_and_names_the_screen(desk: Desk) -> None:
    await desk.shows("下書き 1/300")
    await desk.press("question_mark", "slash")
    await desk.type("閉庁日にする")
    await desk.shows("「時間」の画面で使います")


async def test_without_a_draft_the_verbs_say_so(office: Path, peer: Peer) -> None:
    peer.rows = []
    async with at_desk(office) as desk:
        await desk.shows("下書きはありません")
        await desk.press("question_mark")
        await desk.shows("「一覧」のキー")
        said = {each.command.name: each.words.plain for each in desk.console.keys_page._entries if each.command is not None}
        assert said["approve"] == "下書きが選ばれていません"


# -- the record --------------------------------------------------------------------------------------------------------------


async def test_the_record_is_read_on_as_the_cursor_goes_down(office: Path, peer: Peer) -> None:
    asked = keeps(peer, [entry(n, reason=f"理由{n}") for n in range(1, 501)])
    async with at_desk(office) as desk:
        await desk.press("7")
        await desk.shows("記録 新しい順に 200件")
        assert {query.before for query in asked} == {None, 401}
        await desk.press("end")
        await desk.shows("記録 新しい順に 400件")
        await desk.press("end")
        await desk.shows("記録 500件（はじめまで）")


async def test_a_search_goes_back_as_far_as_it_must_and_says_how_far(office: Path, peer: Peer) -> None:
    asked = keeps(peer, [entry(n, reason="台風" if n in (3, 450) else "平日") for n in range(1, 501)])
    async with at_desk(office) as desk:
        await desk.press("7", "slash")
        await desk.type("台風 #7 2026-11-20")
        await desk.shows("見つかったもの 2件")
        await desk.shows("はじめまでさがしました")
        await desk.shows("絞込: 台風 #7 2026-11-20")
    last = asked[-1]
    assert (last.words, last.draft, last.first, last.last) == (("台風",), 7, date(2026, 11, 20), date(2026, 11, 20))


async def test_the_word_for_an_act_is_searched_for_as_the_act(office: Path, peer: Peer) -> None:
    asked = keeps(peer, [entry(1)])
    async with at_desk(office) as desk:
        await desk.press("7", "slash")
        await desk.type("差戻し")
        await desk.until(lambda: asked and asked[-1].words == ("差戻し",))
    assert "return" in asked[-1].acts[0]


async def test_an_entry_is_whole_beside_the_list_and_alone_after_enter(office: Path, peer: Peer) -> None:
    keeps(peer, [entry(1, act="return", reason="前半。" * 100 + "さいごの一文。", terminal="窓口1番")])
    async with at_desk(office) as desk:
        await desk.press("7")
        await desk.shows("差戻し")
        await desk.press("enter")
        await desk.shows("さいごの一文。")
        await desk.shows("窓口1番")
        await desk.shows("ab" * 10)
        await desk.press("escape")
        await desk.until(lambda: desk.console.place == "record" and not desk.console.record.whole)
        await desk.press("escape")
        await desk.until(lambda: desk.console.place == "queue")


# -- the settings --------------------------------------------------------------------------------------------------------------


def wrong(peer: Peer, *problems: ProblemSeen, days: tuple[SpecialDaySeen, ...] = ()) -> list[RulesNow]:
    before, asked = peer.answer, []

    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, RulesNow):
            asked.append(ask.query)
            in_force = not any(each.error for each in problems)
            return RulesSeen(looked=NOW, since=NOW, hash="sha256:0", in_force=in_force, files=("rules.toml",), problems=problems)
        if isinstance(ask.query, SpecialDays):
            return SpecialDayList(days=days, last_year=2027)
        return before(ask)

    peer.answer = answer
    return asked


async def test_the_settings_name_each_mistake_by_file_and_line_and_r_looks_again(office: Path, peer: Peer) -> None:
    asked = wrong(peer, ProblemSeen(file="rules.toml", line=13, message="「foo」という項目はありません。", message_en="no foo"))
    async with at_desk(office) as desk:
        await desk.press("0")
        await desk.shows("規則に誤り 1（前の規則で動作中）")
        await desk.shows("rules.toml:13")
        await desk.shows("「foo」という項目はありません。")
        await desk.press("R")
        await desk.until(lambda: len(asked) == 2)


async def test_an_override_says_who_until_when_and_w_takes_it_back(office: Path, peer: Peer) -> None:
    day = date(2026, 11, 27)
    one = SpecialDaySeen(
        what="closure", first=day, last=day, reason="停電作業", id="1127-1", author="urano", until=date(2026, 11, 30)
    )
    wrong(peer, days=(one,))
    async with at_desk(office) as desk:
        await desk.press("0")
        await desk.shows("停電作業")
        await desk.shows("urano")
        await desk.shows("2026-11-30")
        await desk.press("w")
        await desk.type("延期されたため")
        await desk.sure()
        await desk.until(lambda: peer.acts())
        assert peer.acts()[0] == RemoveOverride(id="1127-1", reason="延期されたため")


# -- the reports --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("this_month", date(2027, 1, 1), date(2027, 1, 15)),
        ("last_month", date(2026, 12, 1), date(2026, 12, 31)),
        ("year_to_date", date(2026, 4, 1), date(2027, 1, 15)),
        ("last_year", date(2025, 4, 1), date(2026, 3, 31)),
    ],
)
def test_a_year_of_reports_begins_in_april(period: str, first: date, last: date) -> None:
    assert span(period, date(2027, 1, 15)) == (first, last)


async def test_the_reports_show_what_can_be_made_for_which_period_and_where_it_was_written(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KOHOBAN_PAPERS", str(tmp_path / "papers"))
    (tmp_path / "papers").mkdir()
    (tmp_path / "papers" / "handover-20261120-090000.html").write_text("")
    await desk.shows("運用中")
    await desk.press("9")
    await desk.shows("最近3か月")
    await desk.press("right")
    await desk.shows("今月")

    def this_month() -> str:
        today = desk.console.now().date()  # asked each time: it may have become midnight
        return f"{today.replace(day=1)}~{today}"

    await desk.until(lambda: any(this_month() in line for line in desk.screen()))
    await desk.press("down")
    await desk.shows("handover-20261120-090000.html")


# -- the hours --------------------------------------------------------------------------------------------------------------


async def test_the_hours_have_the_accounts_above_the_month_and_tab_leads_from_one_to_the_other(desk: Desk) -> None:
    await desk.shows("運用中")
    await desk.press("4")
    await desk.shows("暦 2026-11", "@PublicRelations", " > *11/20")
    shown = "\n".join(desk.screen()[1:])
    assert shown.index("@PublicRelations") < shown.index("暦 2026-11") < shown.index("*11/20")
    assert any(line.startswith(" > *11/20") for line in desk.screen()), "the cursor stands on today"
    await desk.press("tab")
    await desk.shows("さいたま市")
    await desk.press("enter")
    await desk.until(lambda: desk.console.calendar.account() == "saitama-x")


async def test_with_eleven_accounts_today_is_on_the_screen_and_one_line_alone_is_marked(office: Path, peer: Peer) -> None:
    one = peer.status().accounts[0]
    accounts = tuple(msgspec.structs.replace(one, id=f"taisho-{n}") for n in range(11))
    status = msgspec.structs.replace(peer.status(), accounts=accounts)
    peer.status = lambda: status  # type: ignore[method-assign]
    async with at_desk(office) as desk:
        await desk.shows("開11 閉0")
        await desk.press("4")
        await desk.until(lambda: [line for line in desk.screen() if line.startswith(" > *11/20")])
        for marked in ("> *11/20", "> taisho-0", "> *11/20"):
            await desk.until(
                lambda marked=marked: [line.strip()[: len(marked)] for line in desk.screen() if ">" in line[:4]] == [marked]
            )
            await desk.press("tab")


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40), (300, 100)])
@pytest.mark.parametrize("key", ["4", "7", "9", "0", "question_mark"])
async def test_every_screen_is_whole_in_every_size(office: Path, peer: Peer, size: tuple[int, int], key: str) -> None:
    peer.rows = [row(1)]
    keeps(peer, [entry(n) for n in range(1, 30)])
    async with at_desk(office, size) as desk:
        await desk.shows("運用中")
        await desk.press(key)
        await desk.until(lambda: desk.console.place != "queue")
        await desk.until(lambda: "F12 F12" in desk.screen()[-1] and "運用中" in desk.screen()[0])


# -- the clauses --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_clause_says_when_it_last_spoke_and_which_tests_prove_it(office: Path, peer: Peer, size: tuple[int, int]) -> None:
    async with at_desk(office, size) as desk:
        await desk.shows("運用中")
        await desk.press("6")
        await desk.shows("最後に働いた日: 2026-11-20 #300")
        await desk.shows("test_phone.py::test_a_mobil")
        (head,) = [line for line in desk.screen() if "関係" in line]
        assert "最後" in head and "検査" in head


@pytest.mark.parametrize(
    ("lang", "said"),
    [("ja", "最後に働いた日: 2026-11-20 コメント #12"), ("en", "2026-11-20 comment #12")],
)
async def test_a_clause_that_last_spoke_to_a_comment_names_the_comment(
    office: Path, peer: Peer, speaks: Callable[[str], None], lang: str, said: str
) -> None:
    speaks(lang)
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        found = before(ask)
        if isinstance(ask.query, ClauseBoard):
            assert isinstance(found, Listing)
            one = msgspec.structs.replace(found.clauses[0], last_draft=None, last_comment=12, open_comments=4)
            return msgspec.structs.replace(found, clauses=(one,))
        return found

    peer.answer = answer
    async with at_desk(office, (120, 24)) as desk:
        await desk.until(lambda: desk.console.seen.status)
        await desk.press("6")
        await desk.shows(said)
        assert any(line.startswith(" > ") and " 5 " in line for line in desk.screen())  # one draft, four comments


async def test_a_clause_that_never_spoke_says_how_far_back_that_was_looked_for(office: Path, peer: Peer) -> None:
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        found = before(ask)
        if isinstance(ask.query, ClauseBoard):
            assert isinstance(found, Listing)
            one = msgspec.structs.replace(found.clauses[0], last_fired=None, looked_back=NOW, tests=None)
            return msgspec.structs.replace(found, clauses=(one, msgspec.structs.replace(one, looked_back=None)))
        return found

    peer.answer = answer
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("6")
        await desk.shows("2026-11-20 からは働いていません")
        await desk.shows("検査 不明")
        await desk.press("down")
        await desk.shows("まだ働いたことがありません")
