"""Folding, and the way back to the source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.screening.fold import fold
from daemon.screening.hit import Text

PIECE = st.sampled_from(
    [
        *"ｶﾞﾊﾟｱａＡ１！がパ髙﨑㈱①…㌔",
        "か\u3099",
        "は\u309a",
        "e\u0301",
        "\u200b",
        "\u200d",
        "\ufe0f",
        "葛\U000e0100",
        "\u1100\u1161\u11a8",
        "ﾡￂ",
        "ß",
        "İ",
        "゛",
        "ハ゜",
        "死\u0336",
        "\u20e0",
        "\u2800",
        "⻑",
        "🅕",
    ]
)

WRITTEN = st.lists(PIECE | st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).map("".join)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ﾎﾞﾗﾝﾃｨｱ", "ボランティア"),
        ("ホ\u3099ランティア", "ボランティア"),
        ("ボ\u200bラン\u2060ティア", "ボランティア"),
        ("ＮＰＯ", "npo"),
        ("髙﨑市", "高崎市"),
        ("葛\U000e0100飾", "葛飾"),
        ("㈱", "(株)"),
        ("ハ゛カ", "バカ"),
        ("ﾊ゛ｶ バﾞカ", "バカ バカ"),
        ("死゛ね゛", "死ね"),
        ("死\u0336ね\u0336", "死ね"),
        ("e\u0301", "é"),
        ("市⻑と⼤臣", "市長と大臣"),
        ("死\u2800ね", "死ね"),
        ("🅕🅤🅲🅺", "fuck"),
    ],
)
def test_what_a_reader_takes_for_the_same_folds_to_the_same(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_plain_text_is_handed_back_as_it_is() -> None:
    text = "図書館は11月21日(土)、9時から開きます。\nお待ちしています。"
    assert fold(text) is text


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("市のﾎﾞﾗﾝﾃｨｱ募集", "ﾎﾞﾗﾝﾃｨｱ"),
        ("市のホ\u3099ランティア募集", "ホ\u3099ランティア"),
        ("市のボ\u200bラン\u200bティア募集", "ボ\u200bラン\u200bティア"),
        ("㈱のボランティア㌔", "ボランティア"),
    ],
)
def test_a_span_in_the_folded_text_leads_to_exactly_the_written_word(text: str, word: str) -> None:
    seen = Text(text)
    start = seen.folded.index("ボランティア")
    begin, end = seen.span(start, start + len("ボランティア"))
    assert text[begin:end] == word


@given(WRITTEN)
def test_the_places_that_the_folded_characters_come_from_fold_to_the_whole_again(text: str) -> None:
    seen = Text(text)
    places = dict.fromkeys(seen.span(at, at + 1) for at in range(len(seen.folded)))
    assert "".join(fold(text[start:end]) for start, end in places) == seen.folded


@given(WRITTEN)
def test_folding_twice_changes_nothing_more_than_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(WRITTEN, st.data())
def test_every_folded_span_comes_from_a_span_inside_the_source(text: str, data: st.DataObject) -> None:
    seen = Text(text)
    if seen.folded:
        start = data.draw(st.integers(0, len(seen.folded) - 1))
        end = data.draw(st.integers(start + 1, len(seen.folded)))
        begin, stop = seen.span(start, end)
        assert 0 <= begin < stop <= len(text)
        assert seen.folded[start:end] in fold(text[begin:stop])


@pytest.mark.parametrize("mark", ["゛", "\u3099", "\u0336", "゛\u0336"])
def test_a_letter_under_a_heap_of_marks_is_still_that_letter(mark: str) -> None:
    assert fold("死" + mark * 30_000 + "ね") == "死ね"
