"""The page that answers 「なぜ私のコメントは消されたのか」: what it quotes, what it never says, and that nothing on it becomes markup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from daemon.papers.as_html import as_html
from daemon.papers.as_markdown import as_markdown
from daemon.papers.as_text import as_text
from daemon.papers.why import public_facts, why_paper
from daemon.wire.bench import MeasureSeen, WhySeen
from tests.papers.reading import folded, read_page

AT = datetime(2026, 11, 2, 0, 30, tzinfo=UTC)
MARKUP = "<script>alert(1)</script>\x1b[2J\u202e"


def word(table: str, value: str) -> str:
    return {"delete": "削除", "hide": "非表示", "block": "ブロック", "x": "X"}.get(value, value)


def measure(asked: str, really: str, state: str = "done", **more: Any) -> MeasureSeen:
    return MeasureSeen(
        id=1,
        comment=1,
        account="saitama-cvc",
        platform="x",
        asked=asked,
        really=really,
        reverses=None,
        handle="hidoi_hito",
        url="https://x.com/hidoi_hito/status/1",
        clause="saitama/7(2)",
        state=state,
        at=AT,
        done_by="omiya",
        holder="omiya",
        done_at=AT,
        proof="内部の証拠",
        **more,
    )


SEEN = WhySeen(
    comment=1,
    municipality="さいたま市",
    account="市民協働推進課",
    handle="SaitamaCvcCoop",
    platform="x",
    policy="運用方針",
    policy_url="https://www.city.example/policy",
    version="令和4年12月7日適用",
    posted_at=AT,
    judged_at=AT,
    judge="市民協働推進課長",
    cite="7 禁止事項 (2)",
    words="特定の個人・団体等を誹謗中傷するもの",
    power_cite="7 禁止事項 柱書",
    power="削除します。",
    measures=(measure("delete", "hide"), measure("block", "block", "due")),
    contact="市民協働推進課 048-000-0000",
    undone=False,
)


def test_it_quotes_the_clause_and_says_what_was_really_done() -> None:
    page = folded("".join(read_page(as_html(why_paper(SEEN, word))).text))
    for said in (
        SEEN.words,
        SEEN.power,
        SEEN.judge,
        "2026-11-0209:30",
        SEEN.contact,
        SEEN.policy_url,
        "非表示",
        "消えてはいません",
    ):
        assert folded(said) in page, said
    assert "取り消しました" not in page


def test_it_says_nothing_of_the_inside_and_nothing_of_its_author() -> None:
    for page in (*(write(why_paper(SEEN, word)) for write in (as_html, as_text, as_markdown)), repr(public_facts(SEEN))):
        for inside in ("内部の証拠", "omiya", "hidoi_hito"):
            assert inside not in page, inside


def test_a_decision_that_was_taken_back_and_one_without_a_measure_are_said() -> None:
    assert "取り消しました" in as_text(why_paper(replace(SEEN, undone=True), word))
    left = as_text(why_paper(replace(SEEN, measures=(), cite="", words="", power="", power_cite=""), word))
    assert "措置は行っていません" in left and "なぜか" not in left


def test_what_a_platform_cannot_do_is_not_said_to_have_been_done() -> None:
    seen = replace(SEEN, measures=(measure("delete", "", "impossible", until=None),))
    text = as_text(why_paper(seen, word))
    assert (
        "この媒体ではできません" in text and "行っていません" in text and "2026-11-02 09:30\n" not in text.split("何をしたか")[1]
    )


def test_no_words_of_anybody_become_markup_and_the_terminal_gets_none_raw() -> None:
    hostile = replace(SEEN, words=MARKUP, power=MARKUP, contact=MARKUP, account=MARKUP, policy=MARKUP, handle=MARKUP)
    html = as_html(why_paper(hostile, word))
    assert "script" not in read_page(html).tags
    for page in (html, as_text(why_paper(hostile, word)), as_markdown(why_paper(hostile, word))):
        assert "\x1b" not in page and "\u202e" not in page


def test_what_the_office_has_to_add_is_a_note_and_english_has_every_sentence() -> None:
    bare = replace(SEEN, contact="", policy_url="")
    assert "rules.toml" in "".join(read_page(as_html(why_paper(bare, word))).notes)
    english = as_text(why_paper(bare, lambda table, value: value, "en"))
    assert "About your comment" in english and "お問い合わせ" not in english
