"""My Number, payment cards, bank accounts."""

from __future__ import annotations

import random

import pytest
from detected import NASTY, found
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("マイナンバーは1234 5678 9018です", "1234 5678 9018"),
        ("個人番号：１２３４５６７８９０１８", "１２３４５６７８９０１８"),
        ("1234-5678-9018（マイナンバー）", "1234-5678-9018"),
        ("まいなんばー 123456789018", "123456789018"),
    ],
)
def test_twelve_digits_with_their_check_digit_that_are_called_a_my_number(text: str, number: str) -> None:
    assert found("my-number", text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "123456789018",
        "マイナンバーカードの受付番号 123456789012",
        "マイナンバーカードのお問合せは 0120-95-0178",
        "マイナンバー 1234567890180",
        f"マイナンバーの手続き{'は窓口で' * 10}追跡番号123456789018",
    ],
)
def test_other_twelve_digits_are_none(text: str) -> None:
    assert found("my-number", text) == []


def test_of_random_numbers_one_in_ten_has_the_right_check_digit() -> None:
    drawn = random.Random(5)
    texts = [f"マイナンバー{drawn.randrange(10**11, 10**12)}" for _ in range(2_000)]
    assert 0.05 < sum(bool(found("my-number", text)) for text in texts) / len(texts) < 0.15


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4111-1111-1111-1111", "4111-1111-1111-1111"),
        ("クレカ ５５５５５５５５５５５５４４４４ です", "５５５５５５５５５５５５４４４４"),
        ("3782-822463-10005", "3782-822463-10005"),
        ("JCBカード 3530111333300000", "3530111333300000"),
    ],
)
def test_a_card_has_its_issuers_digits_their_length_and_the_check_digit(text: str, number: str) -> None:
    assert found("card", text) == [number]


@pytest.mark.parametrize(
    "text",
    [
        "4111-1111-1111-1112",
        "9111-1111-1111-1111",
        "お問合せ番号 4111111111111111",
        "0000-0000-0000-0000",
        "https://e.jp/4111111111111111カード",
        "2026-11-21",
    ],
)
def test_other_long_numbers_are_no_cards(text: str) -> None:
    assert found("card", text) == []


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("みずほ銀行 新宿支店 普通 1234567 ヤマダタロウ", "みずほ銀行 新宿支店 普通 1234567"),
        ("さいたま信用金庫大宮支店（当座）No.7654321", "さいたま信用金庫大宮支店（当座）No.7654321"),
        ("口座番号は1234567です", "口座番号は1234567"),
        ("ゆうちょ 記号10120 番号12345671", "ゆうちょ 記号10120 番号12345671"),
        ("私の口座は 普通預金 1234567 みずほ銀行 です", "普通預金 1234567 みずほ銀行"),
        ("普通 1234567（三井住友銀行新宿支店）", "普通 1234567（三井住友銀行新宿支店）"),
    ],
)
def test_an_account_is_named_with_its_bank_or_as_one(text: str, account: str) -> None:
    (place,) = found("bank-account", text)
    assert place.endswith(account[-7:])
    assert found("bank-account", text, of="any") == [place]


def test_an_account_that_the_public_pays_into_is_shown_and_not_private() -> None:
    text = "義援金の振込先 みずほ銀行東京支店 普通預金 7654321"
    assert found("bank-account", text) == []
    assert found("bank-account", text, of="announced") == ["みずほ銀行東京支店 普通預金 7654321"]


@pytest.mark.parametrize(
    "text", ["指定の口座に振り込む予定です。", "普通救命講習 参加者1234567人", "銀行は15時まで、総合窓口は17時まで"]
)
def test_a_bank_without_a_number_is_no_account(text: str) -> None:
    assert found("bank-account", text, of="any") == []


@given(st.lists(st.sampled_from(NASTY) | st.characters(), max_size=30).map("".join))
def test_whatever_the_text_it_is_read(text: str) -> None:
    for name in ("my-number", "card", "bank-account"):
        assert all(found(name, text))
