"""Altered copies of our own posts."""

from __future__ import annotations

import pytest
from detected import NASTY, found, hits
from hypothesis import given
from hypothesis import strategies as st

POST = "図書館は11月21日から23日まで休館します。返却は正面のポストへお願いします。"
POSTS = (POST, "市民活動フェスタは11月28日(土)10時から、サポートセンターで開きます。どなたでもどうぞ。")


@pytest.mark.parametrize(
    ("comment", "place"),
    [
        (POST.replace("23日", "30日"), "30"),
        (POST.replace("休館します", "休館しません"), "せん"),
        (POST.replace("２", "2").replace("正面", "裏口"), "裏口"),
        ("【拡散】" + POST.replace("11月", "12月") + "だそうです", "2"),
        (POSTS[1].replace("どなたでも", "会員だけ"), "会員だけ"),
        ("図書館は１１月２１日から３０日まで 休館します。", "３０"),
    ],
)
def test_what_was_changed_in_a_copy_is_pointed_at(comment: str, place: str) -> None:
    assert found("altered", comment, posts=POSTS) == [place]


def test_it_says_what_the_post_says_there() -> None:
    (hit,) = hits("altered", POST.replace("23日", "30日"), posts=POSTS)
    assert "「23」" in hit.message


@pytest.mark.parametrize(
    "comment",
    [
        POST,
        POST[:22],
        "「" + POST + "」って、返却だけでもできませんか",
        "図書館は11月21日から23日まで休館します。ええっ！返却は正面のポストへお願いします。",
        POST.replace("。", "！"),
        POST.replace(" ", "").upper(),
        "図書館好きです。23日まで休館は長いですね",
        "休館します",
        "",
    ],
)
def test_a_quotation_a_remark_and_words_of_ones_own_are_not(comment: str) -> None:
    assert found("altered", comment, posts=POSTS) == []


def test_without_our_posts_nothing_is_said() -> None:
    assert found("altered", POST.replace("23日", "30日")) == []


@given(
    st.lists(st.sampled_from(NASTY) | st.sampled_from(POST), max_size=60).map("".join),
    st.lists(st.text(max_size=40) | st.just(POST), max_size=3).map(tuple),
)
def test_whatever_the_comment_it_is_held_against_ours(text: str, posts: tuple[str, ...]) -> None:
    assert all(found("altered", text, posts=posts))


def test_a_hostile_comment_is_read_like_any_other() -> None:
    long = "".join(chr(0x4E00 + number % 300) for number in range(20_000))
    assert isinstance(found("altered", long, posts=(long[::-1], long[5:] + "x")), list)
