"""What was found in the images, judged: each finding names the file, cites the policy's own clause where it has one, and says what to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from daemon.judge import Situation, judge
from daemon.rulebook.attached import Looked
from daemon.rulebook.item import Image, Item
from daemon.rulebook.model import Rulebook
from daemon.rulebook.verdict import Finding

TUESDAY = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


def found(office: Rulebook, account: str, **looked: Any) -> dict[str, Finding]:
    """The findings on an image of which this was found, by rule; only those that speak of images."""
    image = Looked(**{"file": "a.jpg", "format": "jpeg", "size": 80_000, "width": 640, "height": 480, **looked})
    item = Item(text="公園の花が咲きました。", images=(Image(image.file, "公園", "own", "人物なし"),), looked=(image,))
    findings = judge(item, Situation(now=TUESDAY, account=office.accounts[account]), office).findings
    return {finding.rule.removeprefix("office."): finding for finding in findings if "image-" in finding.rule}


@pytest.mark.parametrize(
    ("account", "clause"),
    [
        ("minato-x", "minato/7-2(6)"),
        ("shinagawa-koho", "shinagawa/5-2(3)"),
        ("saitama-cvc", "office/image-place"),
        ("taisho-chiiki", "office/image-place"),
    ],
)
def test_coordinates_hold_a_draft_back_under_the_clause_of_its_own_policy(office: Rulebook, account: str, clause: str) -> None:
    (finding,) = found(office, account, private=("gps",)).values()
    assert (finding.clause, finding.verdict) == (clause, "block")
    assert "「a.jpg」に、撮影場所" in finding.message
    assert "差し替えてください" in finding.message


def test_a_sound_image_is_found_nothing_about(office: Rulebook) -> None:
    assert found(office, "minato-x") == {}


@pytest.mark.parametrize(
    ("rule", "level", "looked"),
    [
        ("image-person", "warn", {"private": ("owner", "author")}),
        ("image-traces", "info", {"private": ("serial", "thumbnail")}),
        ("image-broken", "block", {"wrong": "bomb"}),
        ("image-broken", "block", {"wrong": "broken"}),
        ("image-broken", "block", {"wrong": "ended"}),
        ("image-broken", "block", {"wrong": "unknown", "format": ""}),
        ("image-unlooked", "warn", {"wrong": "unlooked", "format": ""}),
        ("image-name", "warn", {"file": "a.jpg", "format": "png"}),
        ("image-code", "info", {"codes": ("https://www.city.minato.tokyo.jp/",)}),
        ("image-size", "block", {"size": 6 << 20}),
        ("image-size", "block", {"file": "a.gif", "format": "gif", "frames": 351}),
        ("image-format", "block", {"file": "a.heic", "format": "heic"}),
    ],
)
def test_each_finding_on_an_image(office: Rulebook, rule: str, level: str, looked: dict[str, Any]) -> None:
    findings = found(office, "minato-x", **looked)
    assert {name: finding.verdict for name, finding in findings.items()} == {rule: level}
    assert looked.get("file", "a.jpg") in findings[rule].message
    assert looked.get("file", "a.jpg") in findings[rule].message_en


def test_a_platform_is_asked_for_what_it_takes_itself(office: Rulebook) -> None:
    webp = {"file": "a.webp", "format": "webp"}
    assert set(found(office, "minato-x", **webp)) == set()
    assert "LINE に出せるのは JPEG・PNG" in found(office, "minato-line", **webp)["image-format"].message
    assert set(found(office, "minato-x", file="a.gif", format="gif", frames=2, size=9 << 20)) == set()
    assert set(found(office, "minato-x", file="a.gif", format="gif", frames=2, size=16 << 20)) == {"image-size"}


def test_the_ending_may_be_written_in_several_ways(office: Rulebook) -> None:
    for file in ("a.JPG", "a.jpeg", "a.jpe"):
        assert found(office, "minato-x", file=file) == {}


def test_a_link_in_a_qr_code_is_judged_like_one_in_the_text(office: Rulebook) -> None:
    image = Looked("a.png", "png", 900, 200, 200, codes=("https://bit.ly/3abc",))
    item = Item(text="お申し込みは画像から。", images=(Image("a.png", "申込", "own"),), looked=(image,))
    findings = judge(item, Situation(now=TUESDAY, account=office.accounts["saitama-cvc"]), office).findings
    (short,) = [finding for finding in findings if finding.clause.startswith("saitama/5") and "bit.ly" in finding.message]
    assert short.message.startswith("画像「a.png」の QR コードの「")
    assert (short.start, short.end) == (0, 0)


def test_what_a_qr_code_says_cannot_steer_a_screen(office: Rulebook) -> None:
    said = found(office, "minato-x", codes=("\x1b[2Jhttps://www.city.minato.tokyo.jp/",))["image-code"].message
    assert said.isprintable()
