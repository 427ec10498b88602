"""The channel to X against the fake: what a job becomes there, and what is reported of it."""

from __future__ import annotations

from daemon.gate import Gate
from daemon.release.hand import Hand
from tests.release.live_x import HANDLE, AtX


def test_a_post_arrives_once_and_its_address_comes_back(at_x: AtX) -> None:
    report = Hand(at_x.state).carry_out(at_x.job(1, "あすの防災訓練は https://www.city.minato.tokyo.jp/a へ <9時>\n"))
    assert report.outcome == "released", report.why_en
    (post,) = at_x.fake.posts(HANDLE)
    assert report.url == f"https://x.com/{HANDLE}/status/{post['id']}"
    assert post["text"] == "あすの防災訓練は https://www.city.minato.tokyo.jp/a へ <9時>"


def test_after_a_stop_nothing_arrives(at_x: AtX) -> None:
    Gate(at_x.state).shut("minato-x")
    assert Hand(at_x.state).carry_out(at_x.job()).outcome == "prevented"
    assert at_x.texts == []
    assert at_x.fake.log("POST", "/2/tweets") == []
