"""What people read in a 決裁フォルダ besides the sheets: names of files, why a thing was not taken, how things stand."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime

from daemon.intake.names import display_name
from daemon.intake.sheet_folder import APPROVE, RETURN, SUFFIX
from daemon.store import from_db

WRONG: dict[str, str] = {
    "link": ("リンク（ショートカット）です。決裁票そのものを移してください。"),
    "kind": ("ふつうのファイルではありません。決裁票そのものを移してください。"),
    "links": ("同じファイルに名前が二つ以上あります（ハードリンク）。決裁票そのものを移してください。"),
    "owner": ("本人でも広報番でもない人のファイルです。だれが置いたかを確かめ、担当者に知らせてください。"),
    "large": ("大きすぎます。広報番が書いた決裁票ではありません。"),
    "unreadable": ("読めません。担当者に知らせてください。"),
    "other": ("ほかの人の決裁票です。その人のフォルダで決裁してください。"),
    "edited": ("広報番が書いた決裁票と一字一句同じではありません（書き換えられているか、別のファイルです）。決裁票は開いて読むだけにし、"
        "保存し直さずに移してください。正しい決裁票が決裁フォルダに置き直されます。"),
}  # fmt: skip
"""Why a thing that lies in 承認 or 差戻し is not taken."""

_TITLE = 24
_ACTS = {"approve": APPROVE, "return": RETURN}


def sheet_name(draft: int, revision: int, title: str) -> bytes:
    """The name of a sheet's file: number, revision and the head of the text, of letters that every file server takes."""
    kept = "".join(c for c in unicodedata.normalize("NFC", title) if unicodedata.category(c)[0] in "LN" or c in "ー・")[:_TITLE]
    return f"{draft:04}-{revision} {kept}".strip().encode() + SUFFIX


def refused_text(name: bytes, why: str, at: datetime) -> bytes:
    """The file beside a thing that was not taken, as Windows' editor reads it."""
    lines = (
        f"【広報番】決裁票を受け付けられません　{at:%Y-%m-%d %H:%M}",
        "",
        f"ファイル: {display_name(name)}",
        f"理由　　: {why}",
        "",
        "何も決裁されていません。上の名前のファイルとこのファイルは、消してかまいません。",
        "まだ決裁が要るものは、決裁フォルダに決裁票があります。",
        "",
    )
    return _as_file(lines)


def folder_text(name: str, waiting: int, lately: Sequence[tuple[int, int, str, bytes]], at: datetime, *, stopped: bool) -> bytes:
    """`_広報番.txt`: whether the folder is attended to, what waits, and what was last decided by it."""
    state = "停止中（承認しても、再開までは発信されません）" if stopped else "稼働"
    lines = [
        f"【広報番】{name}さんの決裁フォルダ　{at:%Y-%m-%d %H:%M} 現在",
        "（広報番が書き換えるファイルです。ここを直しても何も変わりません。 Written by Kohoban; editing it changes nothing.）",
        "",
        f"広報番　　: {state}",
        f"待っている: {waiting} 件",
        f"決め方　　: 決裁票（.html）を開いて読み、「{APPROVE}」か「{RETURN}」のフォルダへ移します。",
        "",
        "■ このフォルダで最近決裁したもの",
    ]
    lines += [
        f"　{from_db(ended).astimezone(at.tzinfo):%m/%d %H:%M}　{_ACTS.get(decision, decision)}　{display_name(file)}"
        for ended, _, decision, file in lately
    ] or ["　ありません。"]
    return _as_file([*lines, ""])


def _as_file(lines: Sequence[str]) -> bytes:
    return "\r\n".join(lines).encode("utf-8-sig")
