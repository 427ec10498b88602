"""What must not happen: criticism hidden, a power that nobody has given, a decision by somebody who may not, anything after a stop."""

from __future__ import annotations

from datetime import date

import pytest
from msgspec.structs import replace

from daemon.moderation import opinions, taking
from daemon.moderation.judges import may_judge
from daemon.rulebook.model import Deputy
from daemon.rulebook.moderation import OwnGround, OwnPowers
from daemon.wire.answers import Done, Refusal
from daemon.wire.bench import MeasureCard
from daemon.wire.moderation import GuideMany
from tests.moderation.conftest import ABUSE, CLERK, JUDGE, MINATO, SAITAMA, SHINAGAWA, TAISHO, Bench, refused
from tests.policies import citizens_say as said

POWERS = (TAISHO, SAITAMA, SHINAGAWA)


# Citizens


@pytest.mark.parametrize("account", [TAISHO, SAITAMA, MINATO, SHINAGAWA])
async def test_harsh_citizens_are_not_even_kept(desk: Bench, account: str) -> None:
    voices = said.HARSH_AND_LEGITIMATE
    tally = await desk.export(account, *({"id": str(n), "text": text, "author": f"a{n}"} for n, text in enumerate(voices)))
    rows = await desk.rows("SELECT verdict, guidance, findings FROM comments")
    assert [row["verdict"] for row in rows if row["verdict"] == "act"] == []
    found_in = [row for row in rows if row["findings"] != b"[]"]
    assert len(found_in) <= len(voices) * 0.03
    assert all(row["guidance"] for row in rows if row not in found_in)
    assert tally.clean == len(voices) - len(rows)


async def test_what_is_clean_is_counted_and_forgotten_whoever_wrote_it_a_blocked_citizen_too(desk: Bench) -> None:
    who = {"author": "iitai_hodai", "author_id": "u77"}
    number = await desk.comment(SHINAGAWA, ABUSE, **who)
    await desk.judge(number, "oi", "6(2)", "block", reason="威迫が続くと予告しているため")
    (measure,) = (await desk.see(number)).measures
    await desk.take(measure.id, "osaki")
    await desk.done(measure.id, "osaki")
    assert [each.state for each in await desk.blocked(SHINAGAWA)] == ["standing"]
    before = await desk.rows("SELECT count(*) FROM comments")
    tally = await desk.export(SHINAGAWA, {"id": "9", "text": "図書館の新しい席が気に入っています。", **who})
    assert (tally.clean, await desk.rows("SELECT count(*) FROM comments")) == (1, before)
    assert len(await desk.rows("SELECT 1 FROM comment_evidence")) == 1


@pytest.mark.clause("saitama/8(2)")
async def test_that_one_citizen_writes_again_and_again_is_noticed_in_memory_and_in_saitama_not_at_all(desk: Bench) -> None:
    minutes = [
        {"id": f"r{n}", "text": said.ABUSE[n], "author_id": "u5", "author": "onaji", "at": f"2026-11-24T09:0{n}:00+09:00"}
        for n in range(6)
    ]
    for account, seen in ((SAITAMA, 0), (TAISHO, 6), (SHINAGAWA, 6)):
        await desk.export(account, *minutes)
        (first, *_) = await desk.listed(accounts=(account,))
        assert (await desk.see(first)).row.repeats == seen, account
    await desk.export(TAISHO, *minutes, {"id": "more", "text": "ありがとう", "author_id": "u5"})  # an export that overlaps
    (first, *_) = await desk.listed(accounts=(TAISHO,))
    assert (await desk.see(first)).row.repeats == 6
    desk.pass_time(hours=13)
    assert (await desk.see(first)).row.repeats == 0


async def test_repeats_lie_only_where_they_lie_close_together(desk: Bench) -> None:
    hours = [
        {"id": f"r{n}", "text": said.ABUSE[n], "author_id": "u5", "author": "a", "at": f"2026-11-24T0{n}:00:00+09:00"}
        for n in range(6)
    ]
    await desk.export(TAISHO, *hours)
    (first, *_) = await desk.listed(accounts=(TAISHO,))
    assert (await desk.see(first)).row.repeats == 0


# Powers


async def test_minato_may_do_nothing_about_a_comment_but_leave_it(desk: Bench) -> None:
    number = await desk.marked(MINATO, ABUSE)
    for action in ("delete", "hide", "block", "mute", "report"):
        answer = await desk.judge(number, "shibata", "minato/7-2(1)", action)
        assert refused(answer, "missing")
        assert "[[comment_powers]]" in answer.message  # type: ignore[union-attr]
        assert refused(await desk.judge(number, "shibata", "", action), "missing")
    assert (await desk.see(number)).means == ()
    assert isinstance(await desk.judge(number, "shibata"), Done)
    assert await desk.rows("SELECT 1 FROM measures UNION SELECT 1 FROM block_list") == []


async def test_with_a_basis_of_its_own_minato_may_do_what_that_says_and_no_more(desk: Bench) -> None:
    own = OwnPowers(
        policy="minato",
        basis="港区SNS運用要領 第8条",
        actions=("hide",),
        judge=("課長",),
        grounds=(OwnGround(id="1", text="特定の個人を脅すもの"), OwnGround(id="2", text="その他", catch_all=True)),
        accounts=("minato-x",),
    )
    desk.book = replace(desk.book, moderation=replace(desk.book.moderation, powers=(own,)))
    number = await desk.marked(MINATO, ABUSE)
    ground = "office/comments:港区SNS運用要領 第8条:1"
    assert refused(await desk.judge(number, "shibata", ground, "delete", reason="脅迫"), "missing")
    assert refused(await desk.judge(number, "shibata", ground, "hide"), "reason")
    assert refused(await desk.judge(number, "akasaka", ground, "hide", reason="脅迫"), "not_approver")
    assert isinstance(await desk.judge(number, "shibata", ground, "hide", reason="脅迫"), Done)
    by_its_own_number = await desk.judge(await desk.marked(MINATO, f"{ABUSE}。"), "shibata", "1", "hide", reason="脅迫")
    assert isinstance(by_its_own_number, Done)
    other = await desk.marked("minato-facebook", ABUSE, "konan")
    assert refused(await desk.judge(other, "azabu", ground, "hide", reason="脅迫"), "missing")


async def test_one_power_does_not_lend_its_judge_nor_its_grounds_to_another(desk: Bench) -> None:
    own = OwnPowers(
        policy="saitama",
        basis="運用要領 第4条",
        actions=("mute",),
        judge=("発信確認者",),
        grounds=(OwnGround(id="1", text="騒がしいもの"),),
    )
    desk.book = replace(desk.book, moderation=replace(desk.book.moderation, powers=(own,)))
    number = await desk.comment(SAITAMA)
    ground = "office/comments:運用要領 第4条:1"
    assert may_judge(desk.who("yonono"), desk.book.accounts[SAITAMA], desk.setting)
    assert refused(await desk.judge(number, "yonono", "7(2)", "delete"), "not_approver")
    assert refused(await desk.judge(number, "yonono", ground, "delete", reason="騒がしい"), "missing")
    assert refused(await desk.judge(number, "urano", ground, "delete", reason="騒がしい"), "missing")
    assert isinstance(await desk.judge(number, "yonono", ground, "mute", reason="騒がしい"), Done)


@pytest.mark.parametrize("account", POWERS)
async def test_a_ground_of_another_policy_is_none_here(desk: Bench, account: str) -> None:
    number = await desk.comment(account)
    for other in {"taisho/3.削除等(3)", "saitama/7(2)", "shinagawa/6(2)"}:
        if not other.startswith(desk.book.accounts[account].policy):
            assert refused(await desk.judge(number, JUDGE[account], other, "delete"), "no_such")
            assert refused(await desk.propose(number, CLERK[account], other, "delete"), "no_such")
    assert await desk.state(number) == "open"


async def test_an_action_that_the_policy_does_not_name_is_not_done(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    assert refused(await desk.judge(number, "urano", "7(2)", "delete", "mute"), "missing")
    assert refused(await desk.judge(number, "urano", "7(2)", "report"), "missing")


# People


async def test_without_a_named_judge_there_is_no_measure(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    for login in ("omiya", "yonono", "kansa", "oi", "shibata", "shimizu"):
        answer = await desk.judge(number, login, "7(2)", "delete")
        assert refused(answer, "role" if login not in ("omiya", "yonono") else "not_approver")
    await desk.propose(number, "omiya", "7(2)", "delete", "block")
    assert await desk.rows("SELECT 1 FROM measures UNION SELECT 1 FROM block_list") == []


@pytest.mark.parametrize(("appointed", "until"), [(None, date(2026, 11, 23)), (date(2026, 11, 25), None)])
async def test_nobody_judges_outside_their_appointment(desk: Bench, appointed: date | None, until: date | None) -> None:
    number = await desk.comment(SAITAMA)
    urano = replace(desk.who("urano"), appointed=appointed, until=until)
    desk.book = replace(desk.book, operators={**desk.book.operators, "urano": urano})
    assert refused(await desk.judge(number, "urano", "7(2)", "delete"), "appointment")
    assert "judge" not in (await desk.see(number, "urano")).row.can


async def test_somebody_who_has_left_the_register_is_nobody(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    people = {login: who for login, who in desk.book.operators.items() if login != "urano"}
    desk.book = replace(desk.book, operators=people)
    with pytest.raises(KeyError):
        await desk.judge(number, "urano", "7(2)", "delete")
    assert [login for login, who in people.items() if may_judge(who, desk.book.accounts[SAITAMA], desk.setting)] == []


async def test_a_viewer_judges_nothing_whatever_their_title(desk: Bench) -> None:
    number = await desk.comment(SHINAGAWA)
    chief = replace(desk.who("kansa"), titles=("戦略広報課長",))
    desk.book = replace(desk.book, operators={**desk.book.operators, "kansa": chief})
    assert refused(await desk.judge(number, "kansa", "6(2)", "delete"), "role")
    assert "judge" not in (await desk.see(number, "kansa")).row.can


async def test_a_deputy_judges_on_the_days_of_the_entry_and_the_record_says_for_whom(desk: Bench) -> None:
    entry = Deputy(id="koho-1124", login="gotanda", person="oi", from_=date(2026, 11, 24), until=date(2026, 11, 24))
    desk.book = replace(desk.book, deputies=(*desk.book.deputies, entry))
    number, late = await desk.comment(SHINAGAWA), await desk.comment(SHINAGAWA)
    assert "judge" in (await desk.see(number, "gotanda")).row.can
    assert isinstance(await desk.judge(number, "gotanda", "6(2)", "delete"), Done)
    said_of_it = await desk.record("judge_comment")
    assert (said_of_it["actor"], said_of_it["deputy"], said_of_it["for"]) == ("gotanda", "koho-1124", "oi")
    desk.pass_time(days=1)
    assert refused(await desk.judge(late, "gotanda", "6(2)", "delete"), "not_approver")
    assert "judge" not in (await desk.see(late, "gotanda")).row.can


async def test_a_deputy_for_certain_drafts_alone_judges_no_comments(desk: Bench) -> None:
    entry = Deputy(id="d", login="gotanda", person="oi", from_=date(2026, 11, 1), until=date(2026, 11, 30), kinds=("post",))
    desk.book = replace(desk.book, deputies=(entry,))
    assert refused(await desk.judge(await desk.comment(SHINAGAWA), "gotanda", "6(2)", "delete"), "not_approver")


async def test_what_citizens_wrote_is_shown_to_those_alone_who_serve_the_account(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    assert await desk.listed("osaki") == await desk.listed("osaki", accounts=(SAITAMA,)) == []
    with pytest.raises(Exception, match="担当ではありません"):
        await desk.see(number, "osaki")
    await desk.judge(number, "urano", "7(2)", "delete", "block")
    assert len(await desk.blocked("", "omiya")) == 1
    assert await desk.blocked("", "osaki") == await desk.blocked(SAITAMA, "osaki") == ()


# Batches


async def test_a_batch_touches_the_comments_that_were_shown_and_no_other(desk: Bench) -> None:
    first, other, third = [await desk.comment(SAITAMA) for _ in range(3)]
    apart = await desk.comment(SHINAGAWA)
    assert refused(await desk.judge_many((first, third), "urano", "7(2)", "delete", count=3), "stale")
    assert refused(await desk.judge_many((first, third, apart), "urano", "7(2)", "delete"), "role")
    assert [await desk.state(each) for each in (first, other, third, apart)] == ["open"] * 4
    assert isinstance(await desk.judge_many((first, third), "urano", "7(2)", "delete"), Done)
    assert [await desk.state(each) for each in (first, other, third, apart)] == ["judged", "open", "judged", "open"]
    assert (await desk.rows("SELECT count(*) FROM audit WHERE act = 'judge_comment'"))[0][0] == 2


async def test_a_batch_in_which_one_has_been_decided_meanwhile_decides_none(desk: Bench) -> None:
    first, second = await desk.comment(SAITAMA), await desk.comment(SAITAMA)
    await desk.judge(second, "urano")
    assert refused(await desk.judge_many((first, second), "urano", "7(2)", "delete"), "state")
    assert await desk.state(first) == "open"
    assert await desk.rows("SELECT 1 FROM measures") == []


async def test_how_a_batch_was_chosen_can_be_erased_from_the_record(desk: Bench) -> None:
    await desk.judge_many((await desk.comment(SAITAMA),), "urano", "7(2)", "delete")
    assert (await desk.record("judge_comment"))["detail"].startswith("sha256:")


async def test_of_many_measures_the_first_is_named_and_how_many_more_there_are(desk: Bench) -> None:
    numbers = [await desk.comment(SAITAMA) for _ in range(9)]
    done = await desk.judge_many(numbers, "urano", "7(2)", "delete", "block")
    assert isinstance(done, Done)
    assert done.message.endswith("措置 1 ほか 8 件: 削除（この媒体では非表示）。措置 2 ほか 8 件: ブロック。")


async def test_questions_are_guided_together_all_or_none_and_nothing_else_with_them(desk: Bench) -> None:
    first, second = [await desk.comment(SAITAMA, text="断水はいつまで続きますか") for _ in range(2)]
    abuse = await desk.comment(SAITAMA)

    async def guide(*numbers: int, count: int = 2) -> Done | Refusal:
        act = GuideMany(comments=numbers, count=count, condition="案内: 質問", note="よくある質問に足した")
        return await desk.do(opinions.guide_many, act, "omiya")  # type: ignore[no-any-return]

    assert refused(await guide(first, second, count=3), "stale")
    assert refused(await guide(first, abuse), "state")
    assert [await desk.state(each) for each in (first, second, abuse)] == ["open"] * 3
    assert isinstance(await guide(first, second), Done)
    assert [await desk.state(each) for each in (first, second, abuse)] == ["guided", "guided", "open"]
    assert (await desk.rows("SELECT count(*) FROM audit WHERE act = 'guided'"))[0][0] == 2


async def test_a_call_for_help_stands_before_every_question_and_before_every_insult(desk: Bench) -> None:
    question = await desk.comment(SAITAMA, text="断水はいつまで続きますか")
    insult = await desk.comment(SAITAMA)
    call = await desk.comment(SAITAMA, text="助けてください。車の中に閉じ込められています")
    assert await desk.listed("omiya") == [call, question, insult]
    assert await desk.listed("omiya", kind="question") == [question]


# Stops and brakes


@pytest.mark.parametrize("scope", ["all", "actions", SAITAMA, "x"])
async def test_after_a_stop_nothing_begins_though_it_was_judged_before(desk: Bench, scope: str) -> None:
    number = await desk.comment(SAITAMA)
    await desk.judge(number, "urano", "7(2)", "delete", "block")
    hide, block = (await desk.see(number)).measures
    assert isinstance(await desk.take(hide.id, "omiya"), MeasureCard)
    desk.stops = frozenset({scope})
    assert refused(await desk.take(block.id, "omiya"), "stopped")
    assert refused(await desk.take(hide.id, "omiya"), "stopped")  # and nobody is shown the steps again
    assert all("take_measure" not in each.can for each in (await desk.see(number, "omiya")).measures)
    assert isinstance(await desk.done(hide.id, "omiya"), Done)  # what was done was done
    assert refused(await desk.done(block.id, "omiya"), "lease")
    desk.stops = frozenset()
    assert isinstance(await desk.take(block.id, "omiya"), MeasureCard)


async def test_a_stop_in_the_instant_of_taking_leaves_the_measure_in_the_hands_in_which_it_was(desk: Bench) -> None:
    comment = await desk.comment(SAITAMA)
    await desk.judge(comment, "urano", "7(2)", "delete")
    (measure,) = (await desk.see(comment)).measures
    number = measure.id
    before = await desk.store.read(lambda db: taking.hands(db, number))
    assert (before.state, before.holder) == ("due", "")
    await desk.take(number, "omiya")
    mine = await desk.store.read(lambda db: taking.hands(db, number))
    await desk.take(number, "omiya")  # asked for the steps again as the stop came
    await desk.store.write(taking.never_taken(number, mine))
    assert await desk.store.read(lambda db: taking.hands(db, number)) == mine
    await desk.store.write(taking.never_taken(number, before))
    assert await desk.store.read(lambda db: taking.hands(db, number)) == before


async def test_a_stop_of_another_account_stops_nothing_here(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    await desk.judge(number, "urano", "7(2)", "delete")
    desk.stops = frozenset({SHINAGAWA, "facebook"})
    assert isinstance(await desk.take((await desk.see(number)).measures[0].id, "omiya"), MeasureCard)


async def test_after_twenty_measures_in_a_day_the_account_rests_until_the_next(desk: Bench) -> None:
    numbers = [await desk.comment(SAITAMA) for _ in range(12)]
    for number in numbers[:10]:
        assert isinstance(await desk.judge(number, "urano", "7(2)", "delete", "block"), Done)
    assert refused(await desk.judge(numbers[10], "urano", "7(2)", "delete"), "pace")
    assert refused(await desk.judge_many(numbers[10:], "urano", "7(2)", "delete"), "pace")
    assert isinstance(await desk.judge(numbers[11], "urano"), Done)  # no measure is none
    assert isinstance(await desk.judge(await desk.comment(SHINAGAWA), "oi", "6(2)", "delete"), Done)
    desk.pass_time(days=1)
    assert isinstance(await desk.judge(numbers[10], "urano", "7(2)", "delete"), Done)


async def test_taking_a_decision_back_reverses_what_was_done_and_drops_what_was_not(desk: Bench) -> None:
    number = await desk.comment(SAITAMA)
    await desk.judge(number, "urano", "7(2)", "delete", "block")
    hide, block = (await desk.see(number)).measures
    await desk.take(hide.id, "omiya")
    assert refused(await desk.undo(number, "urano"), "lease")  # somebody is at it this very moment
    await desk.done(hide.id, "omiya")
    assert refused(await desk.undo(number, "omiya"), "not_approver")
    assert refused(await desk.undo(number, "urano", " "), "reason")
    assert isinstance(await desk.undo(number, "urano"), Done)
    seen = await desk.see(number)
    assert seen.row.state == "open"
    assert [(each.asked, each.state) for each in seen.measures] == [("delete", "done"), ("block", "dropped"), ("unhide", "due")]
    assert await desk.blocked(SAITAMA) == ()


async def test_a_block_that_stands_by_an_earlier_judgement_is_not_lifted_with_a_later_one(desk: Bench) -> None:
    who = {"author": "iitai_hodai", "author_id": "u77"}
    first, later = await desk.comment(SAITAMA, **who), await desk.comment(SAITAMA, "市長は早く死ねよ", **who)
    for number in (first, later):
        await desk.judge(number, "urano", "7(2)", "delete", "block")
        for measure in (await desk.see(number)).measures:
            await desk.take(measure.id, "omiya")
            await desk.done(measure.id, "omiya")
    assert len(await desk.blocked(SAITAMA)) == 1
    done = await desk.undo(later, "urano")
    assert "ほかの判断によるものが続いています" in str(done)
    assert "unblock" not in [each.asked for each in (await desk.see(later)).measures]
    await desk.undo(first, "urano")
    assert "unblock" in [each.asked for each in (await desk.see(first)).measures]


@pytest.mark.parametrize("state", ["judged", "left", "guided", "gone"])
async def test_what_is_decided_is_decided_once(desk: Bench, state: str) -> None:
    number = await desk.comment(SAITAMA)
    await desk.store.write(lambda tx: tx.db.execute("UPDATE comments SET state = ? WHERE id = ?", (state, number)).rowcount)
    assert refused(await desk.judge(number, "urano", "7(2)", "delete"), "state")
    assert refused(await desk.propose(number, "omiya", "7(2)", "delete"), "state")


async def test_what_was_taken_back_and_judged_again_leaves_no_two_tasks_that_undo_each_other(desk: Bench) -> None:
    number = await desk.comment(SHINAGAWA)
    for _ in range(2):
        assert isinstance(await desk.judge(number, "oi", "6(2)", "hide"), Done)
        (hide,) = [each for each in (await desk.see(number)).measures if each.state == "due"]
        assert hide.asked == "hide"
        await desk.take(hide.id, "osaki")
        await desk.done(hide.id, "osaki")
        assert isinstance(await desk.undo(number, "oi"), Done)
        (back,) = [each for each in (await desk.see(number)).measures if each.state == "due"]
        assert (back.asked, back.reverses) == ("unhide", hide.id)


async def test_a_plain_question_is_known_for_one_and_accuses_nobody(desk: Bench) -> None:
    await desk.export(SAITAMA, {"id": "1", "text": "助成金の申請はいつまでですか。"})
    (row,) = await desk.rows("SELECT guidance, verdict, findings FROM comments")
    assert (row["guidance"], row["verdict"], row["findings"]) == ("question", "pass", b"[]")
