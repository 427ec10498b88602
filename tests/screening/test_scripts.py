"""Letters of other scripts in Latin words, and characters that depend on the platform."""

from __future__ import annotations

import pytest
from detected import found, hits

from daemon.screening.lookalikes import as_latin


@pytest.mark.parametrize(
    ("text", "word", "fix"),
    [
        ("Tоkyoで開催", "Tоkyo", "Tokyo"),
        ("РayРay", "РayРay", "PayPay"),
        ("電子マネーΑpay", "Αpay", "Apay"),
        ("LІNE", "LІNE", "LINE"),
    ],
)
def test_a_latin_word_with_a_foreign_letter_is_mended(text: str, word: str, fix: str) -> None:
    (hit,) = hits("mixed-script", text)
    assert (text[hit.start : hit.end], hit.fix) == (word, fix)


@pytest.mark.parametrize(
    "text", ["Tokyo", "Привет", "αβγ線", "μm", "(゜Д゜)", "Σ(・ω・ノ)ノ", "50Ω", "αテスト", "図書館A館", "Кофе とcoffee", ""]
)
def test_a_word_of_one_script_is_left_alone(text: str) -> None:
    assert found("mixed-script", text) == []


def test_what_looks_alike_is_as_long_as_it_was() -> None:
    assert as_latin("Tоkyo あ") == "Tokyo あ"


@pytest.mark.parametrize(
    ("text", "run"), [("①と（２）", "①"), ("㈱川辺", "㈱"), ("髙橋さん", "髙"), ("Ⅲ期", "Ⅲ"), ("20㎡", "㎡"), ("﨑陽軒", "﨑")]
)
def test_a_character_that_depends_on_the_platform_is_pointed_at(text: str, run: str) -> None:
    assert found("dependent", text) == [run]


@pytest.mark.parametrize("text", ["(1)（株）高橋", "㊗️㊙️Ⓜ️", "👨‍👩‍👧", "→★♪", "ｶﾞ全角", ""])
def test_plain_characters_and_emoji_are_not(text: str) -> None:
    assert found("dependent", text) == []


@pytest.mark.parametrize(
    ("text", "run", "kanji"), [("⼤崎駅前", "⼤", "大"), ("区⻑の⽇程", "⻑", "長"), ("⻘⾊", "⻘⾊", "青色")]
)
def test_a_radical_that_passes_for_a_kanji_is_mended(text: str, run: str, kanji: str) -> None:
    first = hits("dependent", text)[0]
    assert (text[first.start : first.end], first.fix, first.safe) == (run, kanji, True)
