"""Links that hide where they lead."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from detected import NASTY, found, hits
from hypothesis import given
from hypothesis import strategies as st

from daemon.rulebook.lint.rules import LINK_CHECKS
from daemon.screening.links import CHECKS

OFFICIAL = ("city.minato.tokyo.jp", "city.saitama.lg.jp", "city.osaka.lg.jp", "city.shinagawa.tokyo.jp")
DECEIT = ("credentials", "look-alike", "mixed")


def deceits(text: str) -> list[str]:
    return found("links", text, of=DECEIT, official=OFFICIAL, trusted=("transer.com",))


def test_a_rule_may_ask_for_just_what_there_is() -> None:
    assert set(LINK_CHECKS) == set(CHECKS)


@pytest.mark.parametrize(
    "link",
    [
        "https://city.minat0.tokyo.jp/",
        "https://city.mimato.tokyo.jp/a",
        "https://city.minto.tokyo.jp/",
        "https://city.miantо.tokyo.jp/",
        "https://city.minаto.tokyo.jp/",
        "https://citý.minato.tokyo.jp/",
        "https://city.minạto.tokyo.jp/",
        "https://city.mínato.tokyo.jp/",
        "https://city.minato.tokyo.jp.example.com/login",
        "city-minato-tokyo-jp.example.com/a",
        "https://www.city.sapporo.lg.jp.example.com/",
        "https://mynumber.soumu-go.jp/",
        "https://www.city.minato.tokyo.jp@example.com/",
        "https://user:pass@city.minato.tokyo.jp/",
        "https://xn--80ak6aa92e.com/",
        "https://ｃｉｔｙ.ｍｉｎａｔ０.tokyo.jp/",
    ],
)
def test_what_passes_itself_off_as_an_official_site_is_found(link: str) -> None:
    assert deceits(f"手続きは{link} から") == [link]


@pytest.mark.parametrize(
    "text",
    [
        "https://www.city.minato.tokyo.jp/kouhou/index.html",
        "https://www.city.kita.tokyo.jp/ https://www.city.mitaka.lg.jp/",
        "https://www.city.saitama.lg.jp.e.qb.hp.transer.com/",
        "https://www.example.com/city.minato.tokyo.jp",
        "https://日本語.jp/",
        "https://café.example.com/ https://münchen.de/",
        "https://www.jma.go.jp/ ver.2.0 約3.14倍 12.5km",
        "koho@city.minat0.tokyo.jp",
        "",
    ],
)
def test_an_official_site_and_any_other_name_is_not(text: str) -> None:
    assert deceits(text) == []


def test_no_municipality_of_japan_is_taken_for_a_copy_of_another(shared: Path) -> None:
    with (shared / "data/localgov-list/localgovjp-utf8.csv").open(encoding="utf-8-sig", newline="") as file:
        sites = [row["url"] for row in csv.DictReader(file)]
    assert len(sites) > 1_900
    assert [site for site in sites if urlsplit(site).hostname and deceits(site)] == []


def test_the_offices_own_domain_is_official_without_any_list() -> None:
    public = ("https://www.town.kawabe.example/",)
    assert found("links", "https://town.kawabc.example/", of=DECEIT, public=public) == ["https://town.kawabc.example/"]
    assert found("links", "https://www.town.kawabe.example/a", of=DECEIT, public=public) == []


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("https://bit.ly/3abcDEF", "https://bit.ly/3abcDEF"),
        ("詳しくはbit.ly/3abcへ", "bit.ly/3abc"),
        ("ＨＴＴＰＳ://Bit.ly/a です", "ＨＴＴＰＳ://Bit.ly/a"),
    ],
)
def test_a_shortened_link_is_found_bare_and_with_its_scheme(text: str, link: str) -> None:
    assert found("links", text, of=("shortened",), hosts=("bit.ly", "t.co")) == [link]


@pytest.mark.parametrize(
    "text", ["chat.co/abc", "https://bit.ly", "https://bit.ly.example.com/a", "https://example.com/bit.ly/a"]
)
def test_a_name_that_only_ends_like_a_shortener_is_none(text: str) -> None:
    assert found("links", text, of=("shortened",), hosts=("bit.ly", "t.co")) == []


@pytest.mark.parametrize(
    "link",
    ["https://192.168.0.1/a", "http://[::1]/", "http://3232235521/", "https://example.com/setup.exe", "example.com/a.apk?x=1"],
)
def test_a_bare_number_and_a_program_are_found(link: str) -> None:
    assert found("links", f"これ {link} いいよ", of=("ip", "program")) == [link]


@pytest.mark.parametrize("text", ["https://example.com/a.pdf", "バージョン 1.2.3.4", "https://example.com/exe", "example.com"])
def test_a_version_and_a_document_are_not(text: str) -> None:
    assert found("links", text, of=("ip", "program")) == []


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/?token=abcdef123456",
        "https://example.com/reset?id=3&access_token=ab12cd34",
        "https://example.com/?Password=himitsu",
        "https://example.com/a#session-id=0123abcd",
        "https://example.com/a;jsessionid=0123ABCDEF",
    ],
)
def test_a_password_or_a_key_in_an_address_is_found(link: str) -> None:
    assert found("links", f"申込みは {link} から", of=("secret",)) == [link]


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com/?q=token",
        "https://example.com/?token=",
        "https://example.com/cal?key=1&mode=token",
        "https://example.com/password/",
        "token=abcdef123456",
    ],
)
def test_an_address_that_only_speaks_of_keys_holds_none(text: str) -> None:
    assert found("links", text, of=("secret",)) == []


def test_http_is_mended_to_https() -> None:
    (hit,) = hits("links", "http://example.com/a を", of=("http",))
    assert hit.fix == "https://example.com/a"
    assert found("links", "https://example.com/a", of=("http",)) == []


@given(st.lists(st.sampled_from(NASTY) | st.characters(), max_size=30).map("".join))
def test_whatever_the_text_its_links_are_read(text: str) -> None:
    assert all(found("links", text, of=tuple(CHECKS), official=OFFICIAL, hosts=("bit.ly",)))


@pytest.mark.parametrize(
    "text", ["a." * 20_000, "https://" * 5_000 + ".", "あ" * 30_000 + ".", "https://" + "あ." * 10_000, "xn--" * 5_000 + ".com"]
)
def test_a_hostile_text_is_read_like_any_other(text: str) -> None:
    assert isinstance(found("links", text, of=tuple(CHECKS), official=OFFICIAL), list)
