"""Bytes become text, whatever wrote them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon.intake.encodings import decode, tidy

NOTICE = "【休館のお知らせ】\n中央図書館は、１１月２４日（火）に設備点検のため休館します。\n問合せ：図書館 ℡03-1234-5678\n"
ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8-sig",
    "cp932": "cp932",
    "euc_jp": "euc_jp",
    "iso2022_jp": "iso2022_jp",
    "utf-16-le": "utf-16-le",
    "utf-16-be": "utf-16-be",
    "utf-32-le": "utf-32-le",
    "utf-32-be": "utf-32-be",
}
REAL = {
    "CP932": {"cp932"},
    "SHIFT_JIS": {"cp932"},
    "EUC-JP": {"euc_jp"},
    "UTF-16": {"utf-16-le", "utf-16-be"},
    "UTF-16BE": {"utf-16-be"},
    "UTF-16LE": {"utf-16-le"},
    "UTF-32": {"utf-32-le", "utf-32-be"},
    "UTF-32BE": {"utf-32-be"},
    "UTF-32LE": {"utf-32-le"},
    "iso-2022-jp": {"iso2022_jp"},
    "utf-8": {"utf-8"},
    "utf-8-sig": {"utf-8-sig"},
}


@pytest.mark.parametrize("codec", ENCODINGS)
def test_a_notice_reads_the_same_in_every_encoding_of_the_office(codec: str) -> None:
    text = NOTICE if codec not in ("euc_jp", "iso2022_jp") else NOTICE.replace("℡", "電話")
    decoded = decode(text.encode(codec))
    assert (decoded.text, decoded.encoding, decoded.trouble) == (text, ENCODINGS[codec], None)


@pytest.mark.parametrize(
    ("mark", "codec"), [(b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe\0\0", "utf-32-le")]
)
def test_a_byte_order_mark_decides_and_is_no_part_of_the_text(mark: bytes, codec: str) -> None:
    assert decode(mark + "開庁".encode(codec)).text == "開庁"


@pytest.mark.parametrize("folder", REAL)
def test_every_real_file_is_read_in_its_own_encoding(shared: Path, folder: str) -> None:
    files = sorted((shared / "data/adversarial/encodings" / folder).iterdir())
    assert files
    for file in files:
        decoded = decode(file.read_bytes())
        assert decoded.encoding in REAL[folder], file.name
        assert decoded.trouble is None, file.name
        assert "\ufffd" not in decoded.text, file.name


@pytest.mark.parametrize("text", ["①②③㈱髙﨑", "ﾊﾝｶｸ", "ﾃﾞｰﾀ｡ ｶﾞﾂ 12", "市長選挙", "台風十号接近中", "開庁時間変更", "あ"])
def test_short_cp932_text_is_not_taken_for_something_else(text: str) -> None:
    assert decode(text.encode("cp932")).text == text


@pytest.mark.parametrize("text", ["会議", "令和8年", "、", "市長選挙", "避難指示発令", "期日前投票のお知らせ", "カタカナ"])
def test_short_euc_text_is_not_taken_for_half_width_kana(text: str) -> None:
    assert decode(text.encode("euc_jp")).text == text


def test_mail_in_jis_may_hold_the_vendors_characters_and_half_width_kana() -> None:
    rows = bytes(byte & 0x7F for byte in "①㈱".encode("euc_jis_2004"))
    kana = bytes(byte & 0x7F for byte in "ﾊﾝ".encode("cp932"))
    assert decode(b"A \x1b$B" + rows + b"\x1b(I" + kana + b"\x1b(B Z").text == "A ①㈱ﾊﾝ Z"


def test_terminal_escapes_in_utf_8_are_not_taken_for_jis() -> None:
    assert decode("\x1b[31m赤\x1b$B".encode()).text == "\x1b[31m赤\x1b$B"


def test_line_ends_of_every_system_become_one() -> None:
    assert decode(b"a\r\nb\rc\n").text == "a\nb\nc\n"


def test_a_lone_surrogate_in_given_text_is_replaced() -> None:
    assert tidy("a\ud800b") == "a\ufffdb"


def test_bytes_that_no_decoder_reads_are_replaced_and_told_with_their_line() -> None:
    decoded = decode("お知らせ\n休館".encode() + b"\xff\xfe\xfd" + "です".encode())
    assert decoded.text == "お知らせ\n休館\ufffd\ufffd\ufffdです"
    assert decoded.trouble is not None
    assert decoded.trouble.code == "encoding"
    assert "2行目" in decoded.trouble.message
    assert decoded.text[decoded.trouble.start : decoded.trouble.end] == "\ufffd\ufffd\ufffd"


def test_an_upload_cut_off_in_the_middle_of_a_character_is_told() -> None:
    decoded = decode("避難".encode()[:-1])
    assert decoded.text == "避\ufffd"
    assert decoded.trouble is not None


def test_a_bad_byte_does_not_make_utf_8_into_nonsense_of_another_encoding() -> None:
    data = "大雨に関する避難指示".encode()
    decoded = decode(data[:9] + data[10:])  # a transfer has lost one byte
    assert decoded.encoding == "utf-8"
    assert decoded.text.startswith("大雨に")
    assert decoded.trouble is not None


def test_half_a_utf_16_character_at_the_end_is_told() -> None:
    decoded = decode(b"\xff\xfe" + "開庁".encode("utf-16-le")[:-1])
    assert decoded.trouble is not None
    assert decoded.text.startswith("開")


@given(st.binary(max_size=200))
def test_no_bytes_at_all_make_it_fail_or_let_a_surrogate_through(data: bytes) -> None:
    decoded = decode(data)
    decoded.text.encode()
    assert "\r" not in decoded.text
    assert (decoded.trouble is None) or decoded.trouble.end <= len(decoded.text)


@given(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\0\x1b\ufeff"), min_size=1, max_size=80))
def test_utf_8_is_always_read_as_what_was_written(text: str) -> None:
    assert decode(text.encode()).text == text
