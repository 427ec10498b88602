"""What a rule for a clause could look like: hints for whoever writes the rules, as comments. None of them is in force."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from daemon.rulebook.pasted.tree import Leaf

_HOURS = re.compile(r"(\d{1,2})時(?:(\d{1,2})分|(半))?\s*(?:から|[~〜～\-－])\s*(\d{1,2})時(?:(\d{1,2})分|(半))?")
_KINDS = (
    ("reply", re.compile("返信|リプライ|再投稿")),
    ("follow", re.compile("フォロー(?!ア)")),
    ("repost", re.compile("リポスト|リツイート|シェア")),
    ("like", re.compile("いいね")),
    ("message", re.compile("ダイレクトメッセージ|DM|個別のメッセージ")),
    ("story", re.compile("ストーリー")),
    ("live", re.compile("ライブ配信|生配信")),
    ("poll", re.compile("アンケート|投票機能")),
)
_NOT = re.compile("(?:行|し)(?:わない|いません|いたしません|ない|ません)|行わないこと|しないこと|禁止")
_PRINCIPLE = re.compile("原則(?:として)?")
_EXCEPTION = re.compile("ただし|但し|この限りで|その限りで|除き|除く")
_WHO = re.compile(r"([^、。\s]{2,12}?(?:長|者|部|課))が(?:特に)?(?:必要(?:がある)?と|適当と)?(?:認め|判断)")
_HANDLE = re.compile(r"(?:ユーザー名|アカウント名|ID)[^A-Za-z0-9@]{0,12}@?([A-Za-z0-9_.]{4,30})")
_DUTY = re.compile("定期的に|適宜|報告する|報告すること|明示する|明示すること|見直し|変更する(?:こと|ものとする)|留意し")


def suggestions(leaf: Leaf) -> Iterator[str]:
    """The hints for one clause."""
    text = unicodedata.normalize("NFKC", leaf.text)
    if (found := _HOURS.search(text)) is not None:
        start, end = _time(*found.group(1, 2, 3)), _time(*found.group(4, 5, 6))
        days = "weekdays" if "平日" in text else "every day"
        yield f'check = "hours"、open = {start}、close = {end}、days = "{days}"、level = "hold"'
    kinds = [f'"{kind}"' for kind, pattern in _KINDS if pattern.search(text)]
    if kinds and _NOT.search(text):
        yield f'check = "kinds"、kinds = [{", ".join(kinds)}]、level = "{"hold" if _PRINCIPLE.search(text) else "block"}"'
    if (handle := _HANDLE.search(text)) is not None:
        yield f'check = "handle"、handles に "{handle[1]}"'
    if _PRINCIPLE.search(text) or _EXCEPTION.search(text):
        who = _WHO.search(text)
        holder = f"条文では「{who[1]}」" if who else "条文に、認める人の定めがありません"
        yield f"例外を認める人を lift に（{holder}）"
    if _DUTY.search(text):
        yield "務め [[duty]]（間隔は rules.toml に）"


def _time(hour: str, minute: str | None, half: str | None) -> str:
    return f"{int(hour):02}:{30 if half else int(minute or 0):02}:00"
