"""Office files written for the tests, by hand: a Word document, a workbook."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

WORDS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
CELLS = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"


def packed(**parts: str) -> bytes:
    """A ZIP archive; `__` in a name stands for `/`, `_` for a dot."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in parts.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), words)
    return out.getvalue()


def document(body: str, head: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    """A Word document of this body (elements of `w:`)."""
    return packed(word__document_xml=f'{head}<w:document xmlns:w="{WORDS}"><w:body>{body}</w:body></w:document>')


def p(*words: str) -> str:
    """A paragraph; each string is a run, or, where it begins with `<`, as it stands."""
    return "<w:p>" + "".join(w if w.startswith("<") else f"<w:r><w:t>{escape(w)}</w:t></w:r>" for w in words) + "</w:p>"


def table(*rows: Sequence[str]) -> str:
    return (
        "<w:tbl>"
        + "".join("<w:tr>" + "".join(f"<w:tc>{p(cell)}</w:tc>" for cell in row) + "</w:tr>" for row in rows)
        + "</w:tbl>"
    )


def cell(place: str, value: object, extra: str = "") -> str:
    if isinstance(value, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c r="{place}"{extra}><v>{value}</v></c>'


def row(number: int, *values: object) -> str:
    """A row; None leaves a cell out, a string that begins with `<c` is a cell as it stands."""
    cells = [
        value if isinstance(value, str) and value.startswith("<c ") else cell(f"{chr(65 + n)}{number}", value)
        for n, value in enumerate(values)
        if value is not None
    ]
    return f'<row r="{number}">{"".join(cells)}</row>'


def workbook(*rows: str, more: str = "", after: str = "") -> bytes:
    """A workbook of one sheet with these rows; `more` are further sheets (name and rows), `after` stands behind the rows."""
    sheets = {"予定": "".join(rows)} | ({"別の予定": more} if more else {})
    names = "".join(f'<sheet name="{name}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(sheets, 1))
    links = "".join(
        f'<Relationship Id="rId{n}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    formats = f'<styleSheet xmlns="{CELLS}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>'
    style = f'<Relationship Id="rIdS" Type="{_DOCUMENT}/styles" Target="styles.xml"/>'
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_TYPES}"><Default Extension="xml" ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{CELLS}" xmlns:r="{_DOCUMENT}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">{links}{style}</Relationships>',
        "xl/styles.xml": formats,
    }
    for n, data in enumerate(sheets.values(), 1):
        parts[f"xl/worksheets/sheet{n}.xml"] = (
            f'<worksheet xmlns="{CELLS}"><sheetData>{data}</sheetData>{after if n == 1 else ""}</worksheet>'
        )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in parts.items():
            archive.writestr(name, words)
    return out.getvalue()
