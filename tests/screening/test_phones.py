"""Telephone numbers, and whose they are."""

from __future__ import annotations

import pytest
import re2
from detected import found
from hypothesis import given
from hypothesis import strategies as st

from daemon.screening.fold import fold
from daemon.screening.phones import MAY_HOLD_PHONE

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
    ("text", "number"),
    [
        ("連絡は〇九〇-一二三四-五六七八まで", "〇九〇-一二三四-五六七八"),
        ("電話は零九零一二三四五六七八です", "零九零一二三四五六七八"),
        ("０九０ー一２三四ー五６七８へ", "０九０ー一２三四ー五６七８"),
        ("〇八〇・㊀㊁㊂㊃・五六七八。", "〇八〇・㊀㊁㊂㊃・五六七八"),
        ("○九○　一二三四　五六七八", "○九○　一二三四　五六七八"),
        ("o9o-1234-5678だよ", "o9o-1234-5678"),
        ("090の1234の5678", "090の1234の5678"),
        ("090..1234..5678", "090..1234..5678"),
        ("090★1234★5678", "090★1234★5678"),
        ("0 9 0 1 2 3 4 5 6 7 8", "0 9 0 1 2 3 4 5 6 7 8"),
        ("0・9・0 - 1・2・3・4 - 5・6・7・8", "0・9・0 - 1・2・3・4 - 5・6・7・8"),
        ("〇の九の〇の一の二の三の四の五の六の七の八", "〇の九の〇の一の二の三の四の五の六の七の八"),
        ("0️⃣9️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣", "0️⃣9️⃣0️⃣1️⃣2️⃣3️⃣4️⃣5️⃣6️⃣7️⃣8️⃣"),
        ("①090-1234-5678（代表者）", "090-1234-5678"),
        ("⓪⑨⓪-①②③④-⑤⑥⑦⑧", "⓪⑨⓪-①②③④-⑤⑥⑦⑧"),
        ("連絡先一、090-1234-5678一同", "090-1234-5678"),
        ("田中さんの自宅は〇三-三五七八-二一一一", "〇三-三五七八-二一一一"),
        ("+819012345678", "+819012345678"),
        ("+81 九〇 一二三四 五六七八", "+81 九〇 一二三四 五六七八"),
    ],
)
def test_numerals_and_signs_between_hide_no_number(text: str, number: str) -> None:
    assert found("phone", text) == [number]
    assert re2.search(MAY_HOLD_PHONE, fold(text))


@pytest.mark.parametrize(
    "text",
    [
        "二〇二六年十一月二十一日、令和〇八年〇九月一〇日",
        "平成〇七年〇八月一二日から〇九月三〇日",
        "港区芝三丁目二番一号、芝公園一-五-二五",
        "民法第七〇九条、第一〇九〇条第一二三四項、附則〇九〇号",
        "第八〇〇〇一二三四五六七八号",
        "○○○-○○○○-○○○○、○月○日、○9月1日 ○10月2日",
        "〇一二〇-一二三-四五六、〇五七〇〇〇〇一二三",
        "〇・五から〇・八、九〇・一二三四",
        "0 5 0 1 2 3 4 5 6 7 8 9 10",
        "一〇九〇一二三四五六七八",
        "三、〇八〇、一二三四、五六七八円",
    ],
)
def test_dates_lots_articles_and_amounts_in_numerals_are_no_numbers(text: str) -> None:
    assert found("phone", text) == found("phone", text, of="any") == []


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


@given(st.text(alphabet="0123456789-() +−ー九零〇の・o年電話", max_size=40))
def test_whatever_the_digits_what_is_found_is_a_number(text: str) -> None:
    for number in found("phone", text, of="any"):
        assert sum(char.isdigit() or char in "九零〇o" for char in number) in (9, 10, 11, 12, 13)
        assert re2.search(MAY_HOLD_PHONE, fold(text))
