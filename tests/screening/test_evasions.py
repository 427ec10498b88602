"""Words that are hidden: masked, spaced out, drawn out, written with look-alikes; and what only looks as if it were."""

from __future__ import annotations

import pytest
from hand_made import hand_made
from hypothesis import given
from hypothesis import strategies as st

from daemon.rulebook.item import Item
from daemon.rulebook.model import Pattern, Words
from daemon.screening import Facts, screen, screen_many
from daemon.screening.evasions import Closed
from daemon.screening.fold import fold

TERMS = ("ばか", "死ね", "しね", "アホ", "クズ", "殺す", "セックス", "エロ", "fuck", "中国人", "反日", "カス")


def hits(text: str, **rule: object) -> list[str]:
    words = Words(id="w", clause="north/1", **{"level": "look", "on": "comment", "terms": TERMS, "boundary": "word", **rule})  # type: ignore[arg-type]
    return [text[f.start : f.end] for f in screen(hand_made(words), Facts(Item(text=text), "", ("x",)), words.on)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("死○", "死○"),
        ("お前○ね", "○ね"),
        ("○ね", "○ね"),
        ("バ*", "バ*"),
        ("セ●クスの話", "セ●クス"),
        ("ば○か", "ば○か"),
        ("お前はバ カだ", "バ カ"),
        ("ば・か", "ば・か"),
        ("し　ね", "し　ね"),
        ("し.ね", "し.ね"),
        ("し\u200bね", "し\u200bね"),
        ("f.u.c.k", "f.u.c.k"),
        ("ばーーか", "ばーーか"),
        ("ばぁか", "ばぁか"),
        ("しねええ", "しね"),
        ("エ口い", "エ口"),
        ("ｴ口い", "ｴ口"),
        ("fuсk you", "fuсk"),
        ("タヒね", "タヒね"),
        ("バか", "バか"),
        ("バヵ", "バヵ"),
    ],
)
def test_a_hidden_word_is_met_and_its_span_is_what_was_written(text: str, found: str) -> None:
    assert found in hits(text)


@pytest.mark.parametrize(
    "text",
    [
        "○○市の××さん",
        "【○月○日】○○公園",
        "11月○日に伺います",
        "毎月○日は休み",
        "○すべて無料",
        "○すぐに行けます",
        "○ネットで申込み",
        "楽し ねこ",
        "楽しかったし ね、また",
        "カ○カ",
        "ア・ホーム",
        "アメリカ ス・カイ",
        "ラーメン二郎",
        "9:00〜10:00、3.14、e-mail",
    ],
)
def test_ordinary_signs_hide_nothing(text: str) -> None:
    assert hits(text) == []


def test_what_an_office_writes_itself_is_not_suspected_of_hiding_words_unless_its_rule_says_so() -> None:
    assert hits("ば・か", on="draft", level="warn") == []
    assert hits("ば・か", on="draft", level="warn", evasion=True) == ["ば・か"]
    assert hits("ば・か", evasion=False) == []


def test_what_lies_inside_an_exception_is_excused_however_it_is_hidden() -> None:
    assert hits("エ口本", unless=("エ口本",)) == []


THREATS = ("殺すぞ", "爆破予告", "(?:^|。)しね(?:よ|$)", "火をつけに行く")


def met(text: str, on: str = "comment") -> list[str]:
    pattern = Pattern(id="p", clause="north/1", level="look", on=on, any=THREATS, unless=("「[^」]*」と言われ",))  # type: ignore[arg-type]
    policy, facts = hand_made(pattern), Facts(Item(text=text), "", ("x",))
    alone = screen(policy, facts, pattern.on)
    assert on == "draft" or screen_many(policy, [text], facts).get(0, ()) == alone
    return [text[f.start : f.end] for f in alone]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("殺 す ぞ", "殺 す ぞ"),
        ("おい、殺・す・ぞ！", "殺・す・ぞ"),
        ("必ず殺　す　ぞ", "殺　す　ぞ"),
        ("殺 すぞ", "殺 すぞ"),
        ("爆.破.予.告", "爆.破.予.告"),
        ("し ね", "し ね"),
        ("火 を つけに行く", "火 を つけに行く"),
        ("殺\u200b す ぞ", "殺\u200b す ぞ"),
    ],
)
def test_a_sentence_that_is_spelt_letter_by_letter_is_met_by_its_pattern(text: str, found: str) -> None:
    assert met(text) == [found]


@pytest.mark.parametrize(
    "text", ["爆破 予告編を見た", "殺虫 すぐ ぞうきんで拭く", "楽し ね", "殺○す○ぞ", "「殺 す ぞ」と言われました", "殺\nす\nぞ"]
)
def test_words_that_stand_apart_stay_apart_for_patterns(text: str) -> None:
    assert met(text) == []


def test_an_office_is_not_suspected_of_spelling_out_what_its_patterns_look_for() -> None:
    assert met("殺 す ぞ", on="draft") == []
    assert met("殺すぞ", on="draft") == ["殺すぞ"]


MARKED = st.lists(
    st.sampled_from([*"ばかしねエ口○・.ーぁあ 。二一ァヵタヒfuсk0*\n"]) | st.characters(exclude_categories=["Cs"]), max_size=30
)


@given(MARKED.map("".join), st.data())
def test_a_span_of_the_closed_form_comes_from_a_place_in_the_text_that_closes_to_it(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    closed = Closed(folded)
    if closed.text:
        start = data.draw(st.integers(0, len(closed.text) - 1))
        end = data.draw(st.integers(start + 1, len(closed.text)))
        first, last = closed.folded(start, end)
        assert 0 <= first < last <= len(folded)
    whole = [closed.folded(at, at + 1) for at in range(len(closed.text))]
    assert whole == sorted(whole)
