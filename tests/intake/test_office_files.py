"""Office files as drafts: what of a document and of a sheet becomes a draft, and what is said of those that cannot be read."""

from __future__ import annotations

import io
import zipfile
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from made_office import WORDS, cell, document, p, packed, row, table, workbook

from daemon.intake.frontmatter import read_item
from daemon.intake.office_files import Draft, read_office
from daemon.rulebook.item import Image, Item, Poll

HEAD = ("本文", "種別", "発信日時", "備考")
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))


def one(name: str, data: bytes) -> Item:
    (draft,) = read_office(name.encode(), data).drafts
    return draft.item


def codes(item: Item) -> list[str]:
    return [trouble.code for trouble in item.troubles]


def rows(data: bytes, name: str = "予定.xlsx") -> tuple[Draft, ...]:
    office = read_office(name.encode(), data)
    assert not office.whole
    return office.drafts


def csv(*lines: str) -> bytes:
    return "\r\n".join(lines).encode("cp932")


# A document


def test_a_document_is_the_words_that_its_author_sees() -> None:
    body = p("公園の", "花が咲きました。") + p() + p("ぜひ", "<w:r><w:tab/></w:r>", "<w:r><w:br/></w:r>", "お越しください。")
    assert one("花.docx", document(body)).text == "公園の花が咲きました。\n\nぜひ\t\nお越しください。"


def test_the_table_that_a_document_begins_with_is_its_front_matter() -> None:
    head = table(
        ("種別（必須）", "投稿"), ("分野", "区政情報"), ("発信日時", "2026年11月24日 9時"), ("緊急", "いいえ"), ("画像", "a.jpg")
    )
    item = one("花.docx", document(head + p("公園の花が咲きました。")))
    assert (item.text, item.kind, item.topic, item.release_at, item.images) == (
        "公園の花が咲きました。",
        "post",
        "区政情報",
        NINE,
        (Image("a.jpg"),),
    )
    assert item.troubles == ()


def test_any_other_table_is_text() -> None:
    item = one("花.docx", document(table(("日時", "24日"), ("会場", "公園")) + p("お待ちしています。")))
    assert item.text == "日時\t24日\n会場\t公園\nお待ちしています。"


def test_what_reads_as_a_draft_already_is_one() -> None:
    item = one("花.docx", document(p("+++") + p('topic = "区政情報"') + p("+++") + p("花が咲きました。")))
    assert (item.topic, item.text) == ("区政情報", "花が咲きました。")


def test_tracked_changes_are_read_as_they_would_be_accepted_and_asked_about() -> None:
    body = p("10時", "<w:del><w:r><w:delText>開演</w:delText></w:r></w:del>", "<w:ins><w:r><w:t>開場</w:t></w:r></w:ins>")
    item = one("花.docx", document(body))
    assert (item.text, codes(item)) == ("10時開場", ["document-left"])
    assert "変更履歴" in item.troubles[0].message


def test_furigana_hidden_words_and_boxes_are_no_text() -> None:
    ruby = "<w:r><w:ruby><w:rt><w:r><w:t>こうえん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>公園</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>秘密</w:t></w:r>"
    box = "<w:r><w:drawing><w:txbxContent>" + p("箱の中") + "</w:txbxContent></w:drawing></w:r>"
    item = one("花.docx", document(p(ruby, hidden, box, "の花")))
    assert (item.text, codes(item)) == ("公園の花", ["document-left"])


def test_lists_are_warned_of() -> None:
    item = one("花.docx", document(p("<w:pPr><w:numPr/></w:pPr>", "花壇")))
    assert (item.text, codes(item)) == ("花壇", ["document-list"])


ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'


def packed_otherwise(data: bytes, *, flag: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The same archive, saying of its parts that they are locked (flag 1) or packed by a method that nobody reads."""
    odd = bytearray(data)
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := odd.find(mark, at + 1)) >= 0:
            odd[at + place] |= flag
            odd[at + place + 2 : at + place + 4] = method.to_bytes(2, "little")
    return bytes(odd)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "壊れている"),
        (packed_otherwise(document(p("花")), flag=1), "壊れている"),
        (packed_otherwise(document(p("花")), method=9), "壊れている"),
        (b"PK\x03\x04 and no more", "壊れている"),
        (packed(word__other_xml="<a/>"), "壊れている"),
        (packed(word__document_xml="<w:document"), "壊れている"),
        (document(p("花"))[:-40], "壊れている"),
        (document(p("&b;"), head=ENTITIES), "仕掛け"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "パスワード"),
    ],
)
def test_a_document_that_cannot_be_read_says_why(data: bytes, words: str) -> None:
    item = one("花.docx", data)
    assert (item.text, codes(item)) == ("", ["office-file"])
    assert words in item.troubles[0].message


def test_a_document_that_unpacks_to_a_hundred_million_bytes_is_not_followed() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("word/document.xml", "w") as file:
        file.write(f'<w:document xmlns:w="{WORDS}"><w:body>'.encode())
        for _ in range(100):
            file.write(b"<w:p></w:p>" * 100_000)
    assert len(out.getvalue()) < 1 << 20
    assert "異常に大きく" in one("花.docx", out.getvalue()).troubles[0].message


# Sheets


def test_each_row_of_a_sheet_is_a_draft() -> None:
    moment = '<c r="C2" s="1"><v>46350.375</v></c>'
    data = workbook(
        row(1, *HEAD), row(2, "花が咲きました。", "投稿", moment, "確認済"), row(4, "休館です。", None, "2026/11/24 9:00")
    )
    first, second = rows(data)
    assert [(d.item.text, d.item.kind, d.item.release_at, d.item.troubles) for d in (first, second)] == [
        ("花が咲きました。", "post", NINE, ()),
        ("休館です。", "post", NINE, ()),
    ]
    assert [d.item.origin.row for d in (first, second) if d.item.origin] == [2, 4]


def test_a_row_is_the_text_draft_that_it_means() -> None:
    (draft,) = rows(csv("番号,本文,分野,情報源", "7,花が咲きました。,区政情報,公園課"), "予定.csv")
    read = read_item(draft.data)
    assert (draft.number, read.text, read.topic, read.source) == ("7", "花が咲きました。", "区政情報", "公園課")


def test_csv_is_read_in_the_encodings_of_offices() -> None:
    lines = ("本文,種別", '"一行目\r\n二行目",投稿')
    for encoding in ("cp932", "utf-8-sig", "utf-16"):
        (draft,) = rows("\r\n".join(lines).encode(encoding), "予定.csv")
        assert draft.item.text == "一行目\n二行目"


def test_a_formula_counts_by_its_value_and_a_merged_cell_for_all_its_rows() -> None:
    formula = '<c r="A2" t="str"><f>A9&amp;B9</f><v>花が咲きました。</v></c>'
    after = '<mergeCells count="1"><mergeCell ref="B2:B3"/></mergeCells>'
    data = workbook(row(1, "本文", "分野"), row(2, formula, "区政情報"), row(3, "休館です。", None), after=after)
    assert [(d.item.text, d.item.topic) for d in rows(data)] == [("花が咲きました。", "区政情報"), ("休館です。", "区政情報")]


def test_a_text_merged_over_several_rows_is_one_draft() -> None:
    after = '<mergeCells count="1"><mergeCell ref="A2:A3"/></mergeCells>'
    data = workbook(row(1, "本文", "備考"), row(2, "花が咲きました。", "1"), row(3, None, "2"), after=after)
    assert [d.item.text for d in rows(data)] == ["花が咲きました。"]


def test_images_and_polls_of_a_row() -> None:
    (draft,) = rows(
        csv("本文,種別,画像,代替文,権利,選択肢,投票時間（分）", '花,投票,"a.jpg、b.jpg","花壇\n噴水",own,"赤\n白",60'), "予定.csv"
    )
    assert draft.item.images == (Image("a.jpg", "花壇", "own"), Image("b.jpg", "噴水", "own"))
    assert draft.item.poll == Poll(("赤", "白"), 60)


def test_what_a_row_says_wrongly_is_said_with_its_number_and_keeps_no_other_row_back() -> None:
    first, second = rows(csv("本文,種別,発信日時", "花が咲きました。,なぞ,あした", "休館です。,投稿,"), "予定.csv")
    assert codes(first.item) == ["front-matter", "front-matter"]
    assert all(trouble.message.startswith("2行目: 「") for trouble in first.item.troubles)
    assert all(trouble.message_en.startswith("Row 2: ") for trouble in first.item.troubles)
    assert second.item.troubles == ()


def test_a_heading_that_nobody_knows_is_asked_about() -> None:
    (draft,) = rows(csv("本文,発信日次", "花が咲きました。,2026-11-24 9:00"), "予定.csv")
    assert (codes(draft.item), "発信日次" in draft.item.troubles[0].message) == (["unknown-key"], True)


def test_a_number_given_twice_is_told_and_taken_once() -> None:
    first, second = rows(csv("番号,本文", "1,花です。", "1,休館です。"), "予定.csv")
    assert ([first.number, second.number], codes(second.item)) == (["1", ""], ["office-file"])


def test_every_sheet_with_a_column_of_texts_is_read() -> None:
    data = workbook(row(1, "本文"), row(2, "花です。"), more=row(1, "本文") + row(2, "休館です。"))
    assert [(d.item.text, d.item.origin.sheet if d.item.origin else "") for d in rows(data)] == [
        ("花です。", "予定"),
        ("休館です。", "別の予定"),
    ]


HUGE = workbook(row(1, "本文"), f'<row r="1048576">{cell("XFD1048576", 1)}</row>')


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.xlsx", b"PK\x03\x04 and no more", "壊れている"),
        ("a.xlsx", workbook(row(1, "本文"))[:-30], "壊れている"),
        ("a.xlsx", workbook(row(1, "件名"), row(2, "花")), "「本文」の列がありません"),
        ("a.csv", b"", "「本文」の列がありません"),
        ("a.csv", csv("本文", '"閉じない'), "near line 2"),
        ("a.csv", csv("本文", *["花です。"] * 1_001), "行か列が多すぎます"),
        ("a.csv", b"\x81\xff\xfe\x00" * 40, "壊れている"),
        ("a.csv", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "パスワード"),
    ],
)
def test_a_sheet_that_cannot_be_read_says_why(name: str, data: bytes, words: str) -> None:
    item = one(name, data)
    assert (item.text, codes(item)) == ("", ["office-file"])
    assert words in item.troubles[0].message + item.troubles[0].message_en


def test_a_sheet_with_a_cell_in_its_furthest_corner_is_refused_and_harms_nothing() -> None:
    assert codes(one("a.xlsx", HUGE)) == ["office-file"]
