"""What people write over the columns of a sheet, or before a line of a form, and what it means in a front matter (CONTRACT, Files).

A heading is read without width, spaces, marks and what stands in brackets: 「発信日時（必須）」 is 発信日時.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from daemon.intake.office_content import Cell
from daemon.rulebook.item import KINDS, Kind

TEXT, NUMBER = "text", "number"
"""The column of the texts, and that of the office's own numbers."""
IMAGES, OPTIONS, MINUTES = "images", "options", "minutes"
"""Columns that become a part of a field: the names of image files, the options of a poll, how long it runs."""

_TOKYO = ZoneInfo("Asia/Tokyo")
_HEADINGS: Mapping[str, str] = {
    **dict.fromkeys(("本文", "文章", "投稿文", "投稿内容", "テキスト", "text", "body"), TEXT),
    **dict.fromkeys(("番号", "no", "no.", "管理番号", "整理番号", "id", "number"), NUMBER),
    **dict.fromkeys(("作成者", "起案者", "author"), "author"),
    **dict.fromkeys(("種別", "種類", "kind"), "kind"),
    **dict.fromkeys(("分野", "区分", "topic"), "topic"),
    **dict.fromkeys(("緊急", "緊急情報", "emergency"), "emergency"),
    **dict.fromkeys(("発信日時", "投稿日時", "発信予定日時", "発信予定", "公開日時", "release_at"), "release_at"),
    **dict.fromkeys(("主催", "主催・共催", "organiser"), "organiser"),
    **dict.fromkeys(("情報源", "出典", "source"), "source"),
    **dict.fromkeys(("目的", "purpose"), "purpose"),
    **dict.fromkeys(("決裁番号", "文書番号", "reference"), "reference"),
    **dict.fromkeys(("宛先", "対象", "元の投稿", "target"), "target"),
    **dict.fromkeys(("画像", "画像ファイル", "画像ファイル名", "images", "image"), IMAGES),
    **dict.fromkeys(("代替文", "代替テキスト", "画像の説明", "alt"), "alt"),
    **dict.fromkeys(("権利", "画像の権利", "rights"), "rights"),
    **dict.fromkeys(("承諾", "同意", "consent"), "consent"),
    **dict.fromkeys(("選択肢", "投票の選択肢", "options"), OPTIONS),
    **dict.fromkeys(("投票時間", "投票時間分", "minutes"), MINUTES),
}
_NOTES = frozenset(("備考", "メモ", "注", "担当課", "担当", "note", "notes", "memo", ""))
"""Columns for people, which nobody reads here."""
_KINDS: Mapping[str, Kind] = {
    "投稿": "post",
    "投票": "poll",
    "アンケート": "poll",
    "返信": "reply",
    "リポスト": "repost",
    "再投稿": "repost",
    "引用": "quote",
    "フォロー": "follow",
    "いいね": "like",
    "プロフィール": "profile",
    "訂正": "correction",
    "削除": "delete",
}
_YES, _NO = (
    frozenset(("はい", "緊急", "○", "〇", "◯", "✓", "1", "true", "yes")),
    frozenset(("いいえ", "×", "-", "0", "false", "no")),
)
_MOMENT = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?[ T]*(\d{1,2})[:時](\d{1,2})?(?:分|:\d\d)?")
_BRACKETS = re.compile(r"\(.*?\)|\[.*?\]|<.*?>|【.*?】|※.*|\*")
_SEVERAL = re.compile(r"[\n、,;]")


class Unread(ValueError):
    """A value that its column does not take; how it should be written."""

    def __init__(self, ja: str, en: str) -> None:
        self.ja, self.en = ja, en
        super().__init__(en)


class Heading(NamedTuple):
    """A heading and what it stands for: `field` is empty for a column of notes, None where nobody knows it."""

    written: str
    field: str | None


def heading(written: Cell) -> Heading:
    """What this heading stands for."""
    text = str(written).strip()
    plain = "".join(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)).lower().split())
    return Heading(text, "" if plain in _NOTES else _HEADINGS.get(plain))


def value_of(field: str, cell: Cell) -> object:
    """What a cell says of a field, as it stands in a front matter. Raises Unread, of which the value stays the words themselves."""
    if field in _VALUES:
        return _VALUES[field](cell)
    return str(cell).strip()


def several(cell: Cell) -> list[str]:
    """The words of a cell that may hold several, each on a line of its own or behind a comma."""
    return [part.strip() for part in _SEVERAL.split(str(cell)) if part.strip()]


def _kind(cell: Cell) -> str:
    said = unicodedata.normalize("NFKC", str(cell)).strip()
    if (kind := _KINDS.get(said, said.lower())) in KINDS:
        return kind
    raise Unread(f"{'、'.join(_KINDS)} のどれかで書いてください。", f"write one of {', '.join(KINDS)}.")


def _yes_or_no(cell: Cell) -> bool:
    said = unicodedata.normalize("NFKC", str(cell)).strip().lower()
    if said in _YES or said in _NO:
        return said in _YES
    raise Unread("「はい」か「いいえ」で書いてください。", "write はい or いいえ (yes or no).")


def _moment(cell: Cell) -> datetime:
    """A date with a time; without an offset it is meant as in the office."""
    advice = Unread("日付と時刻を「2026-11-24 9:00」のように書いてください。", "write date and time as 2026-11-24 9:00.")
    said = unicodedata.normalize("NFKC", str(cell)).strip()
    found = _MOMENT.fullmatch(said)
    try:
        if found is None:
            moment = datetime.fromisoformat(said)
            if len(said) <= len("2026-11-24"):
                raise advice
            return moment if moment.tzinfo is not None else moment.replace(tzinfo=_TOKYO)
        year, month, day, hour, minute = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, tzinfo=_TOKYO)
    except ValueError:
        raise advice from None


def _minutes(cell: Cell) -> int:
    try:
        return int(str(cell).strip())
    except ValueError:
        raise Unread("分の数で書いてください（1日は1440）。", "write a number of minutes (a day is 1440).") from None


_VALUES: Mapping[str, Callable[[Cell], object]] = {
    "kind": _kind,
    "emergency": _yes_or_no,
    "release_at": _moment,
    MINUTES: _minutes,
}
