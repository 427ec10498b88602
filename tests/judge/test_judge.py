"""The one evaluator: what counts in which situation, and the complete list of what is missing."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.judge import Approval, Declaration, Judgement, Lift, Recent, Situation, judge, may_approve, may_lift
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item, Kind
from daemon.rulebook.load import bare_rulebook, load_rulebook, resolve_policy
from daemon.rulebook.model import Approvers, Rulebook

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
EVENING = datetime(2026, 11, 24, 20, 30, tzinfo=TOKYO)
NOTICE = "図書館は、館内の点検のため月曜日に休みます。返却は正面のポストへお願いします。"


@pytest.fixture(scope="module")
def office(root: Path) -> Rulebook:
    """The training office."""
    return load_rulebook(root)


def situation(office: Rulebook, account: str, author: str, now: datetime = TUESDAY, **more: object) -> Situation:
    return Situation(
        now=now,
        account=office.accounts[account],
        author=office.operators.get(author),
        author_verified=True,
        **more,  # type: ignore[arg-type]
    )


def rules(judgement: Judgement) -> set[str]:
    return {f.rule for f in judgement.findings if f.verdict in ("block", "hold") and not f.lifted}


def approved_by(*logins: str) -> tuple[Approval, ...]:
    return tuple(Approval(login=login, titles=(), at=TUESDAY) for login in logins)


SHINAGAWA = Item(text=NOTICE, author="osaki")
SAITAMA = Item(text=NOTICE, author="omiya", topic="施策・事業")


def test_content_only_judges_the_text_and_nothing_round_it(office: Rulebook) -> None:
    item = Item(text="@foo ○月○日", kind="reply", topic="どれでもない")
    judgement = judge(item, Situation(content_only=True, account=office.accounts["saitama-cvc"]), office)
    assert rules(judgement) == {"office.blanks"}
    assert judgement.lengths == {"x": (13, 280)}


def test_a_bare_policy_judges_kind_topic_fields_and_hours_and_asks_for_nobody() -> None:
    policy = resolve_policy("saitama", None)
    judgement = judge(Item(text=NOTICE, kind="follow"), Situation(now=EVENING), bare_rulebook(policy), policy=policy)
    assert rules(judgement) == {"topic", "purpose", "office.target", "hours"}
    assert judgement.missing == ()


@pytest.mark.clause("saitama/4", "saitama/4.ただし書")
def test_outside_the_hours_the_line_names_the_manager_and_the_next_opening(office: Rulebook) -> None:
    judgement = judge(SAITAMA, situation(office, "saitama-cvc", "omiya", EVENING), office)
    (line,) = [line for line in judgement.missing if line.act == "except"]
    assert (line.rule, line.clause) == ("hours", "saitama/4")
    assert "市民協働推進課長" in line.who and "11/25 08:30" in line.what
    assert judgement.verdict == "hold"


@pytest.mark.clause("saitama/4.ただし書")
def test_an_exception_clears_its_own_rule_and_no_other(office: Rulebook) -> None:
    lift = Lift(rule="hours", login="urano", titles=("市民協働推進課長",), reason="台風のため", at=EVENING)
    item = Item(text=NOTICE + "○月○日", author="omiya", topic="施策・事業")
    judgement = judge(item, situation(office, "saitama-cvc", "omiya", EVENING, lifts=(lift,)), office)
    assert [f.lifted for f in judgement.findings if f.rule == "hours"] == [True]
    assert rules(judgement) == {"office.blanks"}


def test_nobody_clears_a_block(office: Rulebook) -> None:
    lift = Lift(rule="office.blanks", login="urano", titles=("市民協働推進課長",), reason="急ぎ", at=TUESDAY)
    item = Item(text="○月○日", author="omiya", topic="施策・事業")
    assert judge(item, situation(office, "saitama-cvc", "omiya", lifts=(lift,)), office).verdict == "block"


@pytest.mark.clause("taisho/3.対応時間", "taisho/3.対応時間ただし書")
def test_a_declared_emergency_lifts_the_hours_and_nothing_else(office: Rulebook) -> None:
    item = Item(text="○時○分、避難指示が出ました。", author="okajima", topic="地域活動・地域活動支援情報", emergency=True)
    declared = Declaration(login="shimizu", at=EVENING, reason="避難指示")
    judgement = judge(item, situation(office, "taisho-chiiki", "okajima", EVENING, declaration=declared), office)
    assert "hours" not in rules(judgement)
    assert {"office.blanks", "office.source"} <= rules(judgement)
    assert [line for line in judgement.missing if line.act == "approve"]
    calm = judge(
        msgspec.structs.replace(item, emergency=False),
        situation(office, "taisho-chiiki", "okajima", EVENING, declaration=declared),
        office,
    )
    assert "hours" in rules(calm), "what does not call itself an emergency is none"


@pytest.mark.clause("taisho/3.対応時間", "taisho/3.対応時間ただし書", "saitama/4.ただし書")
@pytest.mark.parametrize(
    ("account", "author", "topic", "clause", "may"),
    [
        ("taisho-chiiki", "okajima", "地域活動・地域活動支援情報", "taisho/3.対応時間ただし書", {"shimizu", "hirao", "kitamura"}),
        ("saitama-cvc", "omiya", "施策・事業", "saitama/4.ただし書", {"urano"}),
    ],
)
def test_that_a_draft_calls_itself_an_emergency_lifts_nothing_and_says_who_can_declare_it(
    office: Rulebook, account: str, author: str, topic: str, clause: str, may: set[str]
) -> None:
    item = Item(text="避難所を開きました。", author=author, topic=topic, emergency=True, source="区役所")
    judgement = judge(item, situation(office, account, author, EVENING), office)
    assert "hours" in rules(judgement)
    (line,) = [line for line in judgement.missing if line.act == "declare"]
    assert (line.clause, set(line.logins)) == (clause, may)
    assert not [line for line in judge(item, situation(office, account, author), office).missing if line.act == "declare"]


def test_every_reason_is_listed_at_once_each_with_who_can_settle_it(office: Rulebook) -> None:
    item = Item(text="@foo 明日は○○会館で投票を", kind="quote", author="nobody")
    judgement = judge(item, situation(office, "shinagawa-koho", "nobody", stopped=True), office)
    acts = [line.act for line in judgement.missing]
    assert {"edit", "except", "approve", "resume"} <= set(acts)
    assert all(line.who and line.what and line.what_en for line in judgement.missing)


def test_when_nothing_is_missing_the_last_line_says_how_it_goes_out(office: Rulebook) -> None:
    by_hand = judge(SHINAGAWA, situation(office, "shinagawa-koho", "osaki", approvals=approved_by("oi")), office)
    assert [line.act for line in by_hand.missing] == ["take"]
    item = Item(text=NOTICE, author="konan", topic="区政情報")
    chief = next(o.login for o in office.operators.values() if o.unit == "産業振興課" and o.role == "manager")
    by_folder = judge(item, situation(office, "minato-facebook", "konan", approvals=approved_by(chief)), office)
    assert [line.act for line in by_folder.missing] == ["wait"]


@pytest.mark.clause("minato/7-1")
def test_a_line_broadcast_waits_for_a_second_person_though_the_chief_has_approved(office: Rulebook) -> None:
    item = Item(text=NOTICE, author="mita", topic="区政情報")
    chief = next(o.login for o in office.operators.values() if o.unit == "防災課" and o.role == "manager")
    judgement = judge(item, situation(office, "minato-line", "mita", approvals=approved_by(chief)), office)
    (line,) = judgement.missing
    assert (line.act, line.clause) == ("approve", "office/irreversible")


@pytest.mark.clause("saitama/2")
def test_who_may_not_approve_is_told_who_may_and_under_which_clause(office: Rulebook) -> None:
    here = situation(office, "saitama-cvc", "omiya")
    refused = may_approve(office.operators["osaki"], SAITAMA, here, office)
    assert refused is not None and refused.code == "not_approver"
    assert "市民協働推進課長" in refused.message and refused.clause == "saitama/2"
    assert may_approve(office.operators["urano"], SAITAMA, here, office) is None


def test_nobody_approves_their_own_draft_where_the_policy_does_not_say_alone(office: Rulebook) -> None:
    refused = may_approve(office.operators["urano"], SAITAMA, situation(office, "saitama-cvc", "urano"), office)
    assert refused is not None and refused.code == "own_draft"


@pytest.mark.clause("shinagawa/5-3.ただし書")
def test_only_the_title_that_the_clause_names_lifts_a_hold(office: Rulebook) -> None:
    item = Item(text=NOTICE, kind="repost", author="osaki", target="https://x.com/a/status/1")
    here = situation(office, "shinagawa-koho", "osaki")
    (held,) = [f for f in judge(item, here, office).findings if f.clause == "shinagawa/5-3"]
    assert may_lift(office.operators["oi"], held, item, here, office) is None
    refused = may_lift(office.operators["urano"], held, item, here, office)
    assert refused is not None and "戦略広報課長" in refused.message


@pytest.mark.parametrize(("minutes", "count", "held"), [(20, 5, True), (20, 4, False), (40, 5, False)])
def test_many_posts_in_a_short_time_are_a_burst(office: Rulebook, minutes: int, count: int, held: bool) -> None:
    recent = tuple(Recent(text=f"第{n}号のお知らせ", at=TUESDAY - timedelta(minutes=minutes)) for n in range(count))
    judgement = judge(SHINAGAWA, situation(office, "shinagawa-koho", "osaki", recent=recent), office)
    assert ("office.burst" in rules(judgement)) is held


@pytest.mark.parametrize(("hours", "held"), [(71, True), (73, False)])
def test_the_same_text_counts_as_repeated_for_three_days(office: Rulebook, hours: int, held: bool) -> None:
    recent = (Recent(text=NOTICE + "！", at=TUESDAY - timedelta(hours=hours)),)
    judgement = judge(SHINAGAWA, situation(office, "shinagawa-koho", "osaki", recent=recent), office)
    assert ("office.duplicate" in rules(judgement)) is held


@pytest.mark.parametrize(("kind", "held"), [("post", True), ("correction", False)])
def test_a_post_put_out_again_behind_a_word_of_apology_is_a_repetition_and_a_correction_is_none(
    office: Rulebook, kind: Kind, held: bool
) -> None:
    salon = "子育てサロンは毎週水曜10時から、2階プレイルームです。"
    item = Item(
        text=f"誤字があったので、おわびして出し直します。{salon}", kind=kind, author="osaki", target="https://x.com/a/status/1"
    )
    recent = (Recent(text=salon, at=TUESDAY - timedelta(minutes=40)),)
    judgement = judge(item, situation(office, "shinagawa-koho", "osaki", recent=recent), office)
    assert ("office.duplicate" in rules(judgement)) is held


def test_findings_that_are_known_already_are_taken_over_and_the_situation_is_judged_anew(office: Rulebook) -> None:
    item = Item(text=NOTICE + "○月○日", author="omiya", topic="施策・事業")
    by_day = judge(item, situation(office, "saitama-cvc", "omiya"), office)
    at_night = judge(item, situation(office, "saitama-cvc", "omiya", EVENING), office, screened=by_day.screened)
    assert at_night.screened == by_day.screened
    assert rules(at_night) == {"office.blanks", "hours"}


@given(
    text=st.text(alphabet=st.characters(), max_size=60),
    kind=st.sampled_from(["post", "poll", "reply", "follow"]),
    account=st.sampled_from(["taisho-gyosei", "saitama-cvc", "minato-line", "shinagawa-koho"]),
)
def test_whatever_is_dropped_in_gets_a_judgement(office: Rulebook, text: str, kind: str, account: str) -> None:
    item = Item(text=text, kind=kind, author="nobody")  # type: ignore[arg-type]
    judgement = judge(item, situation(office, account, "nobody"), office)
    assert judgement.missing
    for found in judgement.findings:
        assert 0 <= found.start <= found.end <= len(text)
        assert found.cite


def test_where_the_policy_names_no_approver_its_manager_has_to_approve(office: Rulebook) -> None:
    """Fail closed: a table with a hole in it lets nothing out."""
    shinagawa = office.policies["shinagawa"]
    holed = msgspec.structs.replace(
        shinagawa, rules=tuple(rule for rule in shinagawa.rules if not isinstance(rule, Approvers)), hash="holed"
    )
    book = msgspec.structs.replace(office, policies={**office.policies, "shinagawa": holed})
    waits = judge(SHINAGAWA, situation(book, "shinagawa-koho", "osaki"), book).missing
    assert [line.act for line in waits] == ["approve"]
    assert "戦略広報課長" in waits[0].who
    assert may_approve(book.operators["oi"], SHINAGAWA, situation(book, "shinagawa-koho", "osaki"), book) is None
    assert may_approve(book.operators["osaki"], SHINAGAWA, situation(book, "shinagawa-koho", "osaki"), book) is not None
    approved = situation(book, "shinagawa-koho", "osaki", approvals=approved_by("oi"))
    assert [line.act for line in judge(SHINAGAWA, approved, book).missing] == ["take"]
