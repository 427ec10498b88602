"""The bytes of a pasted policy as text: UTF-8 with or without BOM, CP932 and EUC as offices save it, UTF-16, and the paragraphs of a docx."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree

LARGEST = 4 << 20
"""Bytes of a file, and of the text within a docx: a policy has a few thousand characters."""

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


class Unreadable(Exception):
    """A file that is no text; says why in both languages."""

    def __init__(self, message: str, message_en: str) -> None:
        self.message, self.message_en = message, message_en
        super().__init__(message_en)


def text_of(data: bytes) -> str:
    """The text, with LF, without what cannot be seen. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(f"大きすぎます（上限 {LARGEST:,} バイト）。", f"Too large (at most {LARGEST:,} bytes).")
    if data[:4] == b"%PDF":
        raise Unreadable(
            "PDF は読めません。PDF を開き、本文をコピーしてテキストファイルに貼り付けてください。",
            "A PDF cannot be read: open it, copy its text, and paste it into a text file.",
        )
    text = _docx(data) if data[:2] == b"PK" else _decoded(data)
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n")
    text = "".join(c for c in text if c in "\n\t\u3000" or c.isprintable())
    if not text.strip():
        raise Unreadable("本文がありません。", "There is no text in it.")
    return text


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "cp932", "euc_jp"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(
        "文字コードが分かりません。UTF-8 で保存し直してください。", "Its encoding is not known: save it again as UTF-8."
    )


def _docx(data: bytes) -> str:
    """The paragraphs of a Word document; numbers that Word itself makes are no text, and are not in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("word/document.xml") as part:
            source = part.read(LARGEST + 1)
        if len(source) > LARGEST or b"<!ENTITY" in source or b"<!DOCTYPE" in source:
            raise Unreadable(
                "この文書は大きすぎるか、読めない作りです。", "This document is too large, or made in a way that is not read."
            )
        root = ElementTree.fromstring(source)
    except (zipfile.BadZipFile, KeyError, OSError, ElementTree.ParseError, RuntimeError, EOFError):
        raise Unreadable("Word 文書（.docx）として読めません。", "It cannot be read as a Word document (.docx).") from None
    return "\n".join("".join(_piece(node) for node in paragraph.iter()) for paragraph in root.iter(f"{_W}p"))


def _piece(node: ElementTree.Element) -> str:
    if node.tag == f"{_W}t":
        return node.text or ""
    return {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n"}.get(node.tag, "")
