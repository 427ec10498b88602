"""Office files as drafts: a Word document is one, each row of a sheet (.xlsx, .csv) is one.

What was read is written out as the text draft that it means (front matter, then the text): these are the bytes that are judged, approved
and released, and every part of the house reads them like any other draft's. The file's own bytes are kept beside them. So a row is
another revision only when that row says something else, whatever happens to the rows around it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import msgspec
import tomli_w
from msgspec.structs import replace

from daemon.intake.apart import Ended, decoded_apart
from daemon.intake.columns import IMAGES, MINUTES, NUMBER, OPTIONS, TEXT, Heading, Unread, heading, several, value_of
from daemon.intake.frontmatter import read_item
from daemon.intake.names import is_sheet
from daemon.intake.office_content import Cell, Document, Left, Line, Table, Tables
from daemon.rulebook.attached import Origin
from daemon.rulebook.item import OF_IMAGES, Item, Trouble

_document = msgspec.msgpack.Decoder(Document).decode
_tables = msgspec.msgpack.Decoder(Tables).decode

_WRONG = {
    "locked": (
        "パスワードが付いているか、古い形式（.doc、.xls）です。パスワードを外し、.docx か .xlsx として保存し直してください。",
        "has a password, or is of the old kind (.doc, .xls). Take the password off and save it as .docx or .xlsx.",
    ),
    "broken": (
        "壊れているか、名前どおりの種類のファイルではありません。開けることを確かめて、保存し直してください。",
        "is damaged, or not what its name says. See that it opens, and save it again.",
    ),
    "bomb": (
        "開くと異常に大きくなるか、仕掛けのあるファイルです。新しいファイルに本文だけを移してください。",
        "unpacks to far more than a text, or holds entities of its own. Move the words alone into a new file.",
    ),
    "huge": (
        "行か列が多すぎます（1,000 行、64 列まで）。分けて保存してください。",
        "has too many rows or columns (1,000 and 64 at most). Divide it.",
    ),
    "no-text": (
        "「本文」の列がありません。1行目に見出し（本文、種別、発信日時など）を書いてください。",
        "has no column 本文 (text). Write headings (本文, 種別, 発信日時 …) into its first row.",
    ),
    "died": (
        "読み取りの途中で止まりました（中身が大きすぎるか、壊れています）。本文だけを新しいファイルに移してください。",
        "made its reader stop (too large inside, or damaged). Move the words alone into a new file.",
    ),
    "late": (
        "時間内に読み終わりませんでした。分けるか、本文だけを新しいファイルに移してください。",
        "could not be read in time. Divide it, or move the words alone into a new file.",
    ),
    "unstarted": (
        "読み取るためのプロセスを始められませんでした。少し待ってから、もう一度保存してください。",
        "could not be read: no process could be started for it. Save it again in a while.",
    ),
}
_LEFT: dict[Left, tuple[str, str]] = {
    "tracked": (
        "変更履歴（消した語は入れず、足した語は入れました）",
        "tracked changes (what was inserted is read, what was deleted is not)",
    ),
    "comments": ("コメント", "comments"),
    "pictures": ("文書に貼った画像（投稿には付きません）", "pictures in the document (they go out with nothing)"),
    "boxes": ("テキストボックスの中の文", "words in text boxes"),
    "notes": ("脚注", "footnotes"),
    "hidden": ("隠し文字", "hidden text"),
}


class Draft(NamedTuple):
    """One draft of an office file: the bytes of the text draft that it means, what they say, and of a row the office's own number (empty
    where it has none)."""

    data: bytes
    item: Item
    number: str = ""


class Office(NamedTuple):
    """The drafts of an office file. `whole` says that the file as such is the draft: a document, or a sheet that could not be read."""

    drafts: tuple[Draft, ...]
    whole: bool


def read_office(name: bytes, data: bytes) -> Office:
    """The drafts in this file. Never raises: what cannot be read is one draft with a trouble that says so."""
    origin = Origin(hashlib.sha256(data).hexdigest())
    try:
        if is_sheet(name):
            return _sheets(_tables(decoded_apart("sheet", data)), origin)
        return _text(_document(decoded_apart("document", data)), origin)
    except Ended as ended:
        return _broken("late" if ended.late else "died", origin)
    except msgspec.MsgspecError:
        return _broken("died", origin)
    except OSError:
        return _broken("unstarted", origin)


def _broken(why: str, origin: Origin, line: int = 0) -> Office:
    ja, en = _WRONG[why]
    place, place_en = (f"{line}行目の辺りで、", f"near line {line}: ") if line else ("", "")
    trouble = Trouble("office-file", f"このファイルは、{place}{ja}", f"{place_en}This file {en}")
    words = f"+++\n# {origin.hash}\n+++\n".encode()  # no text, and another one for each file
    return Office((Draft(words, Item(text="", troubles=(trouble,), origin=origin)),), whole=True)


# A document


def _text(document: Document, origin: Origin) -> Office:
    if document.wrong:
        return _broken(document.wrong, origin)
    known = [(heading(row[0]), row[1]) for row in document.head if len(row) == 2]
    is_front = len(known) == len(document.head) and all(head.field for head, _ in known) and bool(known)
    body = document.text if is_front else document.whole
    draft = _draft(known if is_front else (), body, origin, written=body.lstrip("\n").startswith("+++"))
    troubles = list(draft.item.troubles)
    if document.left:
        left = [_LEFT[what] for what in document.left]
        troubles.append(
            Trouble(
                "document-left",
                f"文書に、投稿の文に入らないものがあります: {'、'.join(ja for ja, _ in left)}。要らなければ消し、要るものは本文か images に移してください。",
                f"The document holds what is no part of the post: {', '.join(en for _, en in left)}. Remove it, or move it into the text.",
            )
        )
    if document.numbered:
        troubles.append(
            Trouble(
                "document-list",
                "箇条書きの記号や番号は Word が自動で付けたもので、投稿の文には入りません。要るときは文字として書いてください。",
                "The dots and numbers of lists are drawn by Word and are no part of the text. Write them as characters where they matter.",
            )
        )
    return Office((draft._replace(item=replace(draft.item, troubles=tuple(troubles))),), whole=True)


# Sheets


def _sheets(read: Tables, origin: Origin) -> Office:
    if read.wrong:
        return _broken(read.wrong, origin, read.at)
    with_texts = [(table, heads) for table in read.tables if (heads := _headings(table)) is not None]
    if not with_texts:
        return _broken("no-text", origin)
    drafts: list[Draft] = []
    numbers: set[str] = set()
    for table, heads in with_texts:
        for line in table.lines[1:]:
            if (draft := _row(line, heads, table.name if len(with_texts) > 1 else "", origin, numbers)) is not None:
                drafts.append(draft)
    return Office(tuple(drafts), whole=False)


def _headings(table: Table) -> list[Heading] | None:
    """The headings of a sheet of drafts; None for a sheet of anything else."""
    if not table.lines:
        return None
    heads = [heading(cell) for cell in table.lines[0].cells]
    return heads if any(head.field == TEXT for head in heads) else None


def _row(line: Line, heads: Sequence[Heading], sheet: str, origin: Origin, numbers: set[str]) -> Draft | None:
    """The draft of a row; None for one that only goes on with a text that was merged over several."""
    cells = [(head, cell, n in line.merged) for n, (head, cell) in enumerate(zip(heads, line.cells, strict=False))]
    if any(head.field == TEXT and merged for head, _, merged in cells):
        return None
    place = f"シート「{sheet}」の{line.number}行目" if sheet else f"{line.number}行目"
    place_en = f"Sheet “{sheet}”, row {line.number}" if sheet else f"Row {line.number}"
    text = next((str(cell) for head, cell, _ in cells if head.field == TEXT and cell != ""), "")
    number = next((str(cell).strip() for head, cell, merged in cells if head.field == NUMBER and not merged), "")
    values = [(head, cell) for head, cell, _ in cells if head.field not in (TEXT, NUMBER) and str(cell).strip()]
    draft = _draft(values, text, replace(origin, sheet=sheet, row=line.number))
    found = list(draft.item.troubles)
    if number and number in numbers:
        found.append(
            Trouble(
                "office-file", f"番号「{number}」が前の行と重なっています。", f"The number “{number}” is taken by an earlier row."
            )
        )
        number = ""
    numbers.add(number)
    troubles = tuple(replace(t, message=f"{place}: {t.message}", message_en=f"{place_en}: {t.message_en}") for t in found)
    return Draft(draft.data, replace(draft.item, troubles=troubles), number)


# Both


def _draft(values: Iterable[tuple[Heading, Cell]], text: str, origin: Origin, *, written: bool = False) -> Draft:
    """The text draft that these values and this text mean; a text that is `written` as one (with its own +++ lines) stays as it is."""
    front, troubles = _front(values)
    body = text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")
    words = body if written else f"+++\n{tomli_w.dumps(front)}+++\n{body}"
    data = words.encode("utf-8", "replace")
    item = read_item(data)
    if troubles:  # said with the heading that people wrote, and not with a line of a front matter that nobody has seen
        troubles += [trouble for trouble in item.troubles if trouble.code != "front-matter"]
        item = replace(item, troubles=tuple(troubles))
    return Draft(data, replace(item, origin=origin))


def _front(values: Iterable[tuple[Heading, Cell]]) -> tuple[dict[str, Any], list[Trouble]]:
    """The front matter of these values, and what of them cannot be read: that stays in it as it was written, for no reader to take."""
    front: dict[str, Any] = {}
    parts: dict[str, list[str]] = {}
    minutes: object = None
    troubles: list[Trouble] = []
    for head, cell in values:
        if head.field is None:
            troubles.append(_unknown(head))
        elif head.field in (IMAGES, OPTIONS, *OF_IMAGES):
            parts[head.field] = several(cell) if head.field in (IMAGES, OPTIONS) else [*filter(None, str(cell).split("\n"))]
        elif head.field:
            try:
                value = value_of(head.field, cell)
            except Unread as unread:
                value = str(cell)
                troubles.append(_unread(head, unread))
            if head.field == MINUTES:
                minutes = value
            else:
                front[head.field] = value
    if IMAGES in parts:
        front[IMAGES] = list(_images(parts))
    if OPTIONS in parts:
        front["poll"] = {"options": parts[OPTIONS], **({} if minutes is None else {"minutes": minutes})}
    return front, troubles


def _images(parts: dict[str, list[str]]) -> Iterator[dict[str, str]]:
    """Each image with its words: those on the same line of their cell, or the only ones for all."""
    files = parts[IMAGES]
    for n, file in enumerate(files):
        image = {"file": file}
        for what in OF_IMAGES:
            said = parts.get(what, [])
            if said and (n < len(said) or len(said) == 1):
                image[what] = said[min(n, len(said) - 1)]
        yield image


def _unknown(head: Heading) -> Trouble:
    return Trouble(
        "unknown-key",
        f"「{head.written[:40]}」という見出しは分かりません。本文、種別、分野、発信日時などに直すか、覚え書きなら「備考」としてください。",
        f"The heading “{head.written[:40]}” is not known. Use 本文, 種別, 分野, 発信日時 …, or 備考 for notes.",
    )


def _unread(head: Heading, unread: Unread) -> Trouble:
    return Trouble(
        "front-matter", f"「{head.written[:40]}」を読めません。{unread.ja}", f"“{head.written[:40]}” cannot be read: {unread.en}"
    )
