"""The whole screen: everything at once, under its clause, inside the text."""

from __future__ import annotations

from datetime import date

import pytest
from detected import NASTY as MORE_NASTY
from hand_made import hand_made
from hypothesis import given
from hypothesis import strategies as st

from daemon.rulebook.item import Image, Item, Poll
from daemon.rulebook.load import bundled, resolve_policy
from daemon.rulebook.model import Approvers, Detector, Pattern, When, Words
from daemon.screening import Facts, said, screen

POLICIES = {policy_id: resolve_policy(policy_id, None) for policy_id in bundled()}
NASTY = st.sampled_from(
    [
        "○月○日",
        "11月31日(金)",
        "2/29(月)",
        "候補に一票",
        "ﾊﾞｶ",
        "\u202e",
        "\x1b[31m",
        "【訓練】",
        "ミサイルが発射",
        "{{名}}",
        "bit.ly/a",
        "\ud83d",
        "👨‍👩‍👧",
        "＠a",
    ]
)


def facts(text: str, **front: object) -> Facts:
    return Facts(Item(text=text, **front), "", ("x",), date(2026, 11, 20))  # type: ignore[arg-type]


@pytest.mark.parametrize("name", POLICIES)
@given(text=st.lists(NASTY | st.characters(), max_size=40).map("".join))
def test_whatever_the_text_holds_findings_lie_inside_it_and_quote_a_clause(name: str, text: str) -> None:
    policy = POLICIES[name]
    for found in screen(policy, facts(text)):
        assert 0 <= found.start <= found.end <= len(text)
        assert found.clause in policy.clauses or found.clause.startswith("office/")
        assert found.cite
        assert found.message and found.message_en


@pytest.mark.parametrize("name", POLICIES)
@given(text=st.lists(NASTY | st.sampled_from(MORE_NASTY) | st.characters(), max_size=40).map("".join))
def test_whatever_a_comment_holds_only_this_policys_clauses_are_cited(name: str, text: str) -> None:
    policy = POLICIES[name]
    said = facts(text)._replace(public=("03-3578-2111", "city.example.jp"), posts=("図書館は11月21日から23日まで休館します。",))
    found = screen(policy, said, "comment")
    for each in found:
        assert 0 <= each.start <= each.end <= len(text)
        assert each.clause.startswith(f"{name}/") and each.verdict in ("look", "act")
    assert name != "minato" or found == ()


def test_a_finding_quotes_the_words_of_its_clause() -> None:
    (found,) = screen(
        hand_made(Words(id="w", clause="north/1", level="hold", terms=("懸賞",), lift=("広報課長",))), facts("懸賞")
    )
    assert (found.cite, found.text, found.lift) == ("第1条", "ことばを選ぶこと。", ("広報課長",))


def test_what_the_office_adds_is_cited_with_its_basis_or_says_that_there_is_none() -> None:
    rule = Words(id="w", clause="office/words", level="hold", terms=("懸賞",), basis="north/1")
    (based,) = screen(hand_made(rule), facts("懸賞"))
    assert "office/words" in based.cite and "第1条" in based.cite
    (bare,) = screen(hand_made(Words(id="w", clause="office/words", level="hold", terms=("懸賞",))), facts("懸賞"))
    assert "根拠規定なし" in bare.cite


def test_everything_is_said_at_once_in_the_order_of_the_text() -> None:
    policy = hand_made(
        Detector(id="blanks", clause="north/1", level="block", name="blanks"),
        Pattern(id="pattern", clause="north/1", level="warn", any=("応募",)),
        Words(id="words", clause="north/1", level="hold", terms=("懸賞",)),
    )
    assert [f.rule for f in screen(policy, facts("懸賞に応募、○時○分"))] == ["words", "pattern", "blanks"]


def test_a_pattern_is_tried_on_the_text_as_written_and_folded_and_found_once() -> None:
    policy = hand_made(Pattern(id="p", clause="north/1", level="hold", any=("npo[0-9]", "（案）")))
    text = "ＮＰＯ７と（案）"
    assert [text[f.start : f.end] for f in screen(policy, facts(text))] == ["ＮＰＯ７", "（案）"]


def test_a_rule_looks_only_at_what_its_when_names() -> None:
    policy = hand_made(Words(id="w", clause="north/1", level="hold", terms=("病歴",), when=When(kinds=("poll",))))
    assert screen(policy, facts("病歴")) == ()
    assert len(screen(policy, facts("病歴", kind="poll"))) == 1


def test_the_options_of_a_poll_and_alternative_texts_are_read_too() -> None:
    policy = hand_made(Detector(id="d", clause="north/1", level="block", name="blanks"))
    (found,) = screen(policy, facts("どこで？", kind="poll", poll=Poll(options=("○○会館", "公園"))))
    assert (found.start, found.end) == (0, 0)
    assert "○○" in found.message
    assert len(screen(policy, facts("写真です", images=(Image(file="a.jpg", alt="TODO"),)))) == 1


def test_a_flood_of_hits_is_cut_short_and_the_last_finding_counts_the_rest() -> None:
    policy = hand_made(Detector(id="d", clause="north/1", level="block", name="invisible"))
    found = screen(policy, facts("あ\u200b" * 300))
    assert len(found) == 50
    assert "251" not in found[-1].message and "250" in found[-1].message


def test_a_shadow_rule_records_and_holds_nothing() -> None:
    (found,) = screen(hand_made(Words(id="w", clause="north/1", level="block", terms=("懸賞",), shadow=True)), facts("懸賞"))
    assert found.verdict == "info"


def test_rules_for_comments_do_not_judge_drafts() -> None:
    policy = hand_made(Words(id="w", clause="north/1", level="act", terms=("懸賞",), on="comment"))
    assert screen(policy, facts("懸賞")) == ()
    assert [f.verdict for f in screen(policy, facts("懸賞"), "comment")] == ["act"]


def test_a_lone_surrogate_reaches_no_engine_and_moves_no_span() -> None:
    policy = hand_made(Words(id="w", clause="north/1", level="hold", terms=("懸賞",)))
    (found,) = screen(policy, facts("\ud83d懸賞"))
    assert (found.start, found.end) == (1, 3)


def test_too_long_a_text_is_said_for_every_platform_that_it_may_be_meant_for() -> None:
    policy = hand_made(Detector(id="length", clause="north/1", level="block", name="length"))
    long = Item(text="あ" * 141)
    assert [f.end for f in screen(policy, Facts(long, "", ("x",)))] == [141]
    assert screen(policy, Facts(long, "", ("facebook",))) == ()
    assert len(screen(policy, Facts(long, "", ("x", "facebook", "line")))) == 1


def test_said_names_the_rules_that_the_text_alone_calls_for() -> None:
    second = Approvers(
        id="second", clause="north/1", level="hold", titles=("広報課長",), when=When(text=("ミサイル(?s:.{0,20})発射",))
    )
    policy = hand_made(second, Approvers(id="first", clause="north/1", level="hold", titles=("広報課長",)))
    assert said(policy, "ﾐｻｲﾙが\n発射") == {"second"}
    assert said(policy, "図書館") == frozenset()


def test_a_policy_with_the_hash_of_another_is_not_judged_by_the_other() -> None:
    one = hand_made(Words(id="w", clause="north/1", level="hold", terms=("懸賞",)))
    other = type(one)(**{**{f: getattr(one, f) for f in one.__struct_fields__}, "rules": ()})
    assert len(screen(one, facts("懸賞"))) == 1
    assert screen(other, facts("懸賞")) == ()
