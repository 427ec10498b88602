"""The words of a Word document (.docx) as its author sees them: insertions read, deletions and furigana not. For the process that decodes
(`apart_main`).

Only `word/document.xml` is unpacked, to a limit, and read by expat without entities of its own. Python's common reader for such files
(python-docx) leaves out what was inserted under tracked changes, which is on the author's screen (decision 0023).
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Mapping
from xml.parsers import expat

from daemon.intake.office_content import Document, Left

MOST_XML = 64 << 20
"""Bytes of the unpacked text; a novel has three million."""
MOST_TEXT = 200_000
"""Characters that are read: more than any platform takes."""
_MAIN = "word/document.xml"
_OLD = b"\xd0\xcf\x11\xe0"
_WORDS = (
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main|",
    "http://purl.oclc.org/ooxml/wordprocessingml/main|",
)
_FALLBACK = "http://schemas.openxmlformats.org/markup-compatibility/2006|Fallback"
_NOT_READ: Mapping[str, Left | None] = {
    "del": "tracked",
    "moveFrom": "tracked",
    "txbxContent": "boxes",
    "rt": None,
    "instrText": None,
}
_NOTED: Mapping[str, Left] = {
    "ins": "tracked",
    "moveTo": "tracked",
    "commentReference": "comments",
    "footnoteReference": "notes",
    "endnoteReference": "notes",
    "drawing": "pictures",
    "pict": "pictures",
    "object": "pictures",
}
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}


class _Entities(Exception):
    """The file declares entities of its own: no program for documents does."""


def read_document(data: bytes) -> Document:
    """The document in these bytes."""
    if data.startswith(_OLD):
        return Document(wrong="locked")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed, packed.open(_MAIN) as file:
            xml = file.read(MOST_XML + 1)
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error):
        return Document(wrong="broken")
    if len(xml) > MOST_XML:
        return Document(wrong="bomb")
    reader = _Reader()
    try:
        reader.read(xml)
    except _Entities:
        return Document(wrong="bomb")
    except expat.ExpatError:
        return Document(wrong="broken")
    return reader.document()


class _Reader:
    """Follows the elements of a document; what is inside an element that is not read is passed over."""

    def __init__(self) -> None:
        self._blocks: list[str] = []
        self._head: list[tuple[str, ...]] | None = None
        self._paragraph: list[str] = []
        self._row: list[str] = []
        self._table: list[tuple[str, ...]] = []
        self._cell: list[str] = []
        self._depth = 0
        self._passed = 0
        self._in_text = self._in_run_of_hidden = False
        self._left: dict[Left, None] = {}
        self._numbered = False
        self._length = 0

    def read(self, xml: bytes) -> None:
        """Read it all. Raises ExpatError, _Entities."""
        parser = expat.ParserCreate(namespace_separator="|")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = parser.StartDoctypeDeclHandler = _refuse
        parser.Parse(xml, True)

    def document(self) -> Document:
        """What was read."""
        head = self._head or []
        text = "\n".join(self._blocks)
        whole = "\n".join([*("\t".join(row) for row in head), text]) if head else text
        return Document(tuple(head), whole, text, tuple(self._left), self._numbered)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if self._passed or name == _FALLBACK or local in _NOT_READ:
            if not self._passed and (left := _NOT_READ.get(local)) is not None:
                self._left[left] = None
            self._passed += 1
            return
        if local in _NOTED:
            self._left[_NOTED[local]] = None
        if local == "p":
            self._paragraph = []
        elif local == "r":
            self._in_run_of_hidden = False
        elif local == "vanish" and not any(value in ("0", "false") for value in attributes.values()):
            self._in_run_of_hidden = True
            self._left["hidden"] = None
        elif local == "numPr":
            self._numbered = True
        elif local == "t":
            self._in_text = True
        elif local in _SIGNS:
            self._say(_SIGNS[local])
        elif local == "tbl":
            self._depth += 1
            if self._depth == 1:
                self._table = []
        elif local == "tr" and self._depth == 1:
            self._row = []
        elif local == "tc" and self._depth == 1:
            self._cell = []

    def _end(self, name: str) -> None:
        if self._passed:
            self._passed -= 1
            return
        local = _local(name)
        if local == "t":
            self._in_text = False
        elif local == "p":
            (self._cell if self._depth else self._blocks).append("".join(self._paragraph))
        elif local == "tc" and self._depth == 1:
            self._row.append("\n".join(self._cell))
        elif local == "tr" and self._depth == 1:
            self._table.append(tuple(self._row))
        elif local == "tbl":
            self._depth -= 1
            if not self._depth:
                self._end_table()

    def _end_table(self) -> None:
        if self._head is None and not any(block.strip() for block in self._blocks):
            self._head = self._table
        else:
            self._blocks += ("\t".join(row) for row in self._table)

    def _characters(self, words: str) -> None:
        if self._in_text and not self._passed:
            self._say(words)

    def _say(self, words: str) -> None:
        if not self._in_run_of_hidden and self._length < MOST_TEXT:
            self._paragraph.append(words)
            self._length += len(words)


def _local(name: str) -> str:
    """The name of an element of a document, or nothing for those of others."""
    return next((name[len(space) :] for space in _WORDS if name.startswith(space)), "")


def _refuse(*_: object) -> None:
    raise _Entities
