"""A post as X gives it back is recognised by what was written, and by nothing that only resembles it."""

from __future__ import annotations

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.release.hand import Hand
from daemon.release.jobs import Attached, Ballot, look_for
from daemon.release.x.seen import says, seen, shown
from tests.platforms import faults
from tests.release.live_x import HANDLE, AtX


def post(text: str, *links: dict[str, str], **more: Any) -> Any:
    found = seen({"id": "1900000000000000000", "text": text, "entities": {"urls": [*links]}, **more})
    assert found is not None
    return found


def link(short: str, long: str, **more: str) -> dict[str, str]:
    return {"url": f"https://t.co/{short}", "expanded_url": long, **more}


A = link("aaa", "https://www.city.minato.tokyo.jp/a?b=1&c=2")
B = link("bbb", "http://example.jp/")


@pytest.mark.parametrize(
    ("given_back", "written"),
    [
        (post("あす9時から"), "あす9時から"),
        (post("あす9時から\n\n訓練"), "あす9時から\r\n\r\n訓練\n"),
        (post("1 &lt; 2 &amp;amp; 3 &gt; 2"), "1 < 2 &amp; 3 > 2"),
        (post("が"), "か\u3099"),
        (post("詳しくは https://t.co/aaa へ", A), "詳しくは https://www.city.minato.tokyo.jp/a?b=1&c=2 へ"),
        (post("詳しくはhttps://t.co/bbbへ", B), "詳しくはexample.jpへ"),
        (post("https://t.co/bbb と https://t.co/aaa", A, B), "http://EXAMPLE.jp/ と https://www.city.minato.tokyo.jp/a?b=1&c=2"),
        (post("https://t.co/bbb https://t.co/bbb", B), "example.jp https://t.co/bbb"),
        (post("図 https://t.co/ppp", link("ppp", "https://x.com/a/status/1/photo/1", media_key="3_1")), "図"),
        (
            post("https://t.co/aaa https://t.co/ppp", A, link("ppp", "https://x.com/a/status/1/photo/1")),
            "https://www.city.minato.tokyo.jp/a?b=1&c=2",
        ),
        (post("https://t.co/ccc", link("ccc", "https://example.jp/%E5%8C%BA")), "https://example.jp/区"),
        (
            post("https://t.co/ddd", link("ddd", "https://bit.example/1", unwound_url="https://example.jp/x")),
            "https://bit.example/1",
        ),
        (post("@shimin 9時からです", referenced_posts=[{"type": "replied_to", "id": "5"}]), "9時からです"),
        (post("@shimin 9時からです", referenced_posts=[{"type": "replied_to", "id": "5"}]), "@shimin 9時からです"),
    ],
)
def test_what_was_written_is_recognised(given_back: Any, written: str) -> None:
    assert says(given_back, written)


@pytest.mark.parametrize(
    ("given_back", "written"),
    [
        (post("あす9時から"), "あす10時から"),
        (post("あす9時から"), "あす9時から訓練"),
        (post("あす9時から訓練"), "あす9時から"),
        (post("https://t.co/aaa", A), "https://www.city.minato.tokyo.jp/a?b=1&c=3"),
        (post("https://t.co/aaa", A), "https://www.city.minato.tokyo.jp/A?b=1&c=2"),
        (post("https://t.co/aaa", A), ""),
        (post("x https://t.co/aaa", A), "x"),
        (post(".*"), "なんでも"),
        (post("@shimin 9時からです"), "9時からです"),
        (post(""), "a"),
    ],
)
def test_what_only_resembles_it_is_not(given_back: Any, written: str) -> None:
    assert not says(given_back, written)


def test_people_see_the_link_that_was_written_and_no_link_of_an_image() -> None:
    found = post("1 &lt; 2 https://t.co/aaa https://t.co/ppp", A, link("ppp", "https://x.com/a/status/1/video/1"))
    assert shown(found) == "1 < 2 https://www.city.minato.tokyo.jp/a?b=1&c=2"


@settings(max_examples=200, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(
    st.sampled_from(["id", "text", "entities", "urls", "url", "expanded_url", "attachments", "media_keys", "referenced_posts", "type", "created_at"]), inner
), max_leaves=20))  # fmt: skip
def test_whatever_a_platform_sends_instead_of_a_post_breaks_nothing(odd: object) -> None:
    for found in (seen(odd), seen({"id": "12", "text": "本文", "entities": odd, "attachments": odd, "referenced_posts": odd})):
        if found is not None:
            shown(found)
            says(found, "本文")


WORDS = (
    "詳しくは https://www.city.minato.tokyo.jp/a?b=1&c=2 または www.city.saitama.lg.jp/x へ。<重要> \"引用\" 'と' ＆",
    "#防災 @tokyo_bousai が\u3099 改行\n\n\nと　全角の空白   半角の空白",
    "https://example.com/区役所?x=あ#節 を見てください",
    "ｶﾞ ㈱ １２３ \u2600\ufe0f 👨‍👩‍👧‍👦",
)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("images", [0, 2])
def test_whatever_was_posted_is_found_again_on_the_timeline(at_x: AtX, tmp_path: Any, words: str, images: int) -> None:
    attached = []
    for number in range(images):
        (tmp_path / f"{number}.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes([number]))
        attached.append(Attached(path=str(tmp_path / f"{number}.png")))
    hand, since = Hand(at_x.state), time.time() - 1
    job = at_x.job(1, words, images=tuple(attached))
    at_x.fake.fault(faults.drop_after().on("POST", "/2/tweets"))
    assert hand.carry_out(job).outcome == "unknown"
    assert hand.look(look_for(job, since)).outcome == "released"
    hand._steps.begins("2")
    assert hand.look(look_for(at_x.job(2, words + "。", images=tuple(attached)), since)).outcome == "unknown"


def test_a_post_is_no_trace_of_a_poll_an_image_or_a_reply_with_its_words(at_x: AtX, tmp_path: Any) -> None:
    hand, since = Hand(at_x.state), time.time() - 1
    asked = at_x.fake.post("shimin", f"@{HANDLE} ？")
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    job = at_x.job(1, "おなじ文")
    assert hand.carry_out(job).outcome == "released"
    hand._steps.begins("2")
    for other in (
        at_x.job(2, "おなじ文", kind="poll", poll=Ballot(options=("一", "二"), minutes=60)),
        at_x.job(2, "おなじ文", images=(Attached(path=str(tmp_path / "a.png")),)),
        at_x.job(2, "おなじ文", kind="reply", target=f"https://x.com/shimin/status/{asked}"),
        at_x.job(2, "", kind="repost", target=f"https://x.com/shimin/status/{asked}"),
    ):
        assert hand.look(look_for(other, since)).outcome == "unknown", other.kind
    assert hand.look(look_for(at_x.job(2, "おなじ文"), since)).outcome == "released"


def test_of_the_same_words_twice_the_one_since_the_beginning_is_meant(at_x: AtX) -> None:
    at_x.fake.post(HANDLE, "毎日のお知らせ")
    time.sleep(1.2)
    since = time.time()
    hand, job = Hand(at_x.state), at_x.job(1, "毎日のお知らせ")
    hand._steps.begins("1")
    assert hand.look(look_for(job, since)).outcome == "unknown"
    number = at_x.fake.post(HANDLE, "毎日のお知らせ")
    assert hand.look(look_for(job, since)).url.endswith(number)
