"""What is a word of its own, and what only sounds like one inside another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from daemon.screening import boundary
from daemon.screening.boundary import at_word_boundary

WORDS = [
    ("お前は死ねよ", "死ね"),
    ("死ねばいいのに", "死ね"),
    ("だからバカだと言った", "バカ"),
    ("バカ野郎", "バカ"),
    ("クソ野郎", "クソ"),
    ("このクズが", "クズ"),
    ("「しね」と書かれた", "しね"),
    ("本当にきもいです", "きもい"),
    ("エロい画像", "エロ"),
    ("ぶっ殺すぞ", "ぶっ殺す"),
    ("反日の人", "反日"),
    ("しねええ！", "しね"),
]
PARTS = [
    ("楽しね", "しね"),
    ("言わないしね", "しね"),
    ("美しねえ", "しね"),
    ("バカンスに行く", "バカ"),
    ("アホウドリの保護", "アホ"),
    ("カスタムメイド", "カス"),
    ("マンコミュニティ", "マンコ"),
    ("ワクチンコーナー", "チンコ"),
    ("テイクアウト", "クア"),
    ("アメリカスタイル", "カス"),
    ("classroom", "ass"),
    ("そんなことしねえよ", "しね"),
]


def stands(text: str, word: str) -> bool:
    start = text.index(word)
    return at_word_boundary(text, start, start + len(word))


@pytest.mark.parametrize(("text", "word"), WORDS)
def test_a_word_in_its_sentence_stands_for_itself(text: str, word: str) -> None:
    assert stands(text, word)


@pytest.mark.parametrize(("text", "word"), PARTS)
def test_letters_inside_another_word_are_no_word(text: str, word: str) -> None:
    assert not stands(text, word)


def test_the_dictionary_is_named_with_its_edition() -> None:
    assert boundary.dictionary().startswith("SudachiDict core 20")


def test_several_threads_tell_words_apart_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: stands(f"第{n}のバカがいる", "バカ"), range(400)))
    assert all(answers)


def test_only_the_clause_around_a_hit_is_looked_at_however_long_the_text() -> None:
    text = "あ" * 60_000 + "、お前は死ねよ。" + "い" * 60_000
    assert stands(text, "死ね")
