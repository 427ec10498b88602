"""What is printed: everything escaped, nothing invisible, nothing that runs or fetches, A4."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.papers import boxes, element, fields, page, section, table, visible, words


class Reader(HTMLParser):
    """What a reader of the page would find: tags with their attributes, and the text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


HOSTILE = (
    "<script>alert(1)</script>",
    "<img src=//example.org/x onerror=alert(1)>",
    "</style><style>@import url(//example.org)",
    "\"><a href='javascript:alert(1)'>",
    "<!-- -->]]><?xml ?>",
    "&lt;b&gt; &#60;",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_anybody_writes_stays_text_wherever_it_stands(text: str) -> None:
    html = page(text, section(text, text), fields({text: text}), table([text], [[text]], caption=text), boxes([text]), foot=text)
    found = read(html)
    assert {tag for tag, _ in found.tags} <= set(
        [
            "html",
            "head",
            "meta",
            "title",
            "style",
            "body",
            "h1",
            "h2",
            "section",
            "table",
            "caption",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "footer",
        ]
    )
    assert not {name for _, attributes in found.tags for name in attributes} & {"src", "href", "style", "onerror", "srcset"}
    assert found.text.count(text) >= 8


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_text_makes_a_tag_or_cannot_be_written(text: str) -> None:
    html = element("p", text).html
    html.encode("utf-8")
    assert {tag for tag, _ in read(html).tags} <= {"p", "b"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("明日\u202eりま始\u202c", "明日⟦RLO⟧りま始⟦PDF⟧"),
        ("死\u200bね", "死⟦U+200B⟧ね"),
        ("\x1b[2J消す\x00", "⟦U+001B⟧[2J消す⟦U+0000⟧"),
        ("外字\ue000", "外字⟦U+E000⟧"),
        ("片割れ\ud800", "片割れ⟦U+D800⟧"),
        ("ㅤ", "⟦U+3164⟧"),
        ("a" + "\u0301" * 4, "a\u0301\u0301⟦U+0301⟧⟦U+0301⟧"),
        ("👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽 葛\U000e0100城", "👨\u200d👩\u200d👧 ❤\ufe0f 👍🏽 葛\U000e0100城"),
        ("一行\r\n二行", "一行\n二行"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_name_and_emoji_stay_whole(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_the_page_allows_itself_nothing_and_prints_on_a4() -> None:
    html = page("決裁記録", "本文", foot="照合番号 abc")
    assert "default-src 'none'" in html
    assert "@page { size: A4" in html
    assert "url(" not in html
    assert "http" not in html.replace("http-equiv", "")


def test_an_attribute_that_is_not_on_the_list_is_no_attribute() -> None:
    with pytest.raises(ValueError, match="onclick"):
        element("p", "x", onclick="alert(1)")


def test_a_made_piece_is_not_escaped_twice() -> None:
    assert element("p", words("<&>")).html == "<p>&lt;&amp;&gt;</p>"
