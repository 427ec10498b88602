"""Telephone numbers, and whose they are."""

from __future__ import annotations

import pytest
from detected import found
from hypothesis import given
from hypothesis import strategies as st

OURS = ("電話 03-3578-2111（代表）", "koho@city.example.jp")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("連絡先は鈴木さん（090-0000-1234）です", "090-0000-1234"),
        ("０９０ー１２３４−５６７８へ", "０９０ー１２３４−５６７８"),
        ("080 1234 5678 に電話して", "080 1234 5678"),
        ("07012345678", "07012345678"),
        ("+81 90-1234-5678", "+81 90-1234-5678"),
        ("050-1234-5678", "050-1234-5678"),
        ("メンバー090-1234-5678", "090-1234-5678"),
        ("（090）1234-5678", "（090）1234-5678"),
        ("鈴木さんの自宅は03-1234-5678です", "03-1234-5678"),
        ("03-1234-5678（鈴木さんの自宅）", "03-1234-5678"),
        ("お問合せ：０８０ー００００ー１２３４（田中）", "０８０ー００００ー１２３４"),
    ],
)
def test_a_mobile_number_or_one_that_is_said_to_be_a_persons_is_private(text: str, number: str) -> None:
    assert found("phone", text) == [number]
    assert found("phone", text, of="any") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "代表電話 03-3578-2111",
        "ＴＥＬ：０９７－５３６－０１１０",
        "0120-123-456、0570-000-123、0800-123-4567",
        "火事は119、海は118、相談は#9110、災害用伝言ダイヤルは171、188、189",
        "受付番号 0901-23-4567",
        "2026-11-21 10:00",
        "0.09012345678",
        "管理番号090123456789",
        "ISBN 978-4-09-012345-6",
        "https://example.com/?id=09012345678",
        "〒105-8511",
    ],
)
def test_desks_services_and_other_numbers_are_not(text: str) -> None:
    assert found("phone", text) == []


@pytest.mark.parametrize("text", ["ここ03-1234-5678に電話しろ", "電話0312345678", "(072)958-1111 かけてみて"])
def test_in_a_comment_a_fixed_line_counts_too(text: str) -> None:
    assert found("phone", text) == []
    assert len(found("phone", text, of="any")) == 1


@pytest.mark.parametrize(
    "text",
    ["区役所 03-1234-5678 に聞いて", "☎03-1234-5678（代）", "03-1234-5678（消防署）", "代表番号は03-3578-2111", "0120-123-456"],
)
def test_a_citizen_may_name_the_number_of_an_institution(text: str) -> None:
    assert found("phone", text, of="any", public=OURS) == []


def test_the_offices_own_numbers_are_nobodys_secret_however_they_are_written() -> None:
    assert found("phone", "03（3578）2111", of="any", public=OURS) == []
    assert found("phone", "03-3578-2112", of="any", public=OURS) == ["03-3578-2112"]


@given(st.text(alphabet="0123456789-() +−ー九零", max_size=40))
def test_whatever_the_digits_what_is_found_is_a_number(text: str) -> None:
    for number in found("phone", text, of="any"):
        assert sum(char.isdigit() for char in number) in (9, 10, 11, 12, 13)
