"""What a platform cannot do."""

from __future__ import annotations

import pytest

from daemon.rulebook.item import Image, Item, Poll
from daemon.rulebook.model import Platform
from daemon.screening.platform import check_platform


def refused(item: Item, *platforms: Platform) -> list[str]:
    return [hit.message for hit in check_platform(item, platforms or ("x",))]


def poll(*options: str, minutes: int = 1440, **front: object) -> Item:
    return Item(text="どちらがよいですか", kind="poll", poll=Poll(options=options, minutes=minutes), **front)  # type: ignore[arg-type]


IMAGES = tuple(Image(file=f"{number}.jpg", alt="花火") for number in range(5))


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (Item(text="どちらがよいですか", kind="poll"), "選択肢がありません"),
        (poll("はい"), "2〜4個"),
        (poll("一", "二", "三", "四", "五"), "2〜4個"),
        (poll("はい", "あ" * 26), "25字まで"),
        (poll("はい", " "), "空の選択肢"),
        (poll("はい", "はい"), "同じ選択肢"),
        (poll("はい", "いいえ", minutes=4), "5分〜10080分"),
        (poll("はい", "いいえ", minutes=10_081), "5分〜10080分"),
        (poll("はい", "いいえ", images=IMAGES[:1]), "投票と画像"),
        (Item(text="花火", images=IMAGES), "4点まで"),
        (Item(text="花火", images=(Image(file="a.jpg", alt="あ" * 1_001),)), "1000字まで"),
    ],
)
def test_what_x_does_not_take_is_said_before_anybody_tries(item: Item, said: str) -> None:
    (message,) = refused(item)
    assert said in message


@pytest.mark.parametrize(
    "item",
    [
        poll("はい", "いいえ"),
        poll("あ" * 25, "い" * 25, "う", "え", minutes=10_080),
        Item(text="花火", images=IMAGES[:4]),
        Item(text="図書館"),
        Item(text="", kind="follow"),
    ],
)
def test_what_x_takes_passes(item: Item) -> None:
    assert refused(item) == []


def test_line_neither_follows_nor_quotes_and_facebook_has_no_polls() -> None:
    assert "フォロー" in refused(Item(text="", kind="follow"), "line")[0]
    assert "投票" in refused(poll("はい", "いいえ"), "facebook")[0]
    assert refused(Item(text="花火", images=IMAGES), "facebook") == []


def test_where_several_platforms_are_possible_only_what_none_can_do_is_said() -> None:
    assert refused(poll("はい", "いいえ"), "facebook", "x") == []
    assert len(refused(poll("はい"), "facebook", "x")) == 2
    assert refused(Item(text="花火", images=IMAGES), "x", "facebook") == []


def test_of_a_platform_that_nobody_knows_nothing_is_said() -> None:
    assert refused(poll("はい"), "other") == []
