"""委員会報告 as a paper: the figures of a period, a chart beside the tables that a reader would want to see, and nothing of any citizen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from daemon.papers.dossier import Vocabulary
from daemon.papers.moments import day, minute
from daemon.papers.sheet import Bars, Block, Heading, Language, Pairs, Paper, Table, Words
from daemon.papers.tongue import Tongue, tongue
from daemon.wire.papers import PostSeen, ReportSeen, ReportTable

_TITLES: Mapping[str, tuple[str, str]] = {
    "posts": ("アカウント・種別・分野ごとの件数", "Drafts by account, kind and topic"),
    "months": ("月ごとの受付と発信", "Received and released by month"),
    "clauses": ("条文ごとの判定", "Judgements by clause"),
    "approvals": ("承認と、受付から承認までの時間（分）", "Approvals, and the minutes from arrival to approval"),
    "ways": ("承認の方法", "How approvals were given"),
    "exceptions": ("例外", "Exceptions"),
    "emergencies": ("緊急", "Emergencies"),
    "reviews": ("後閲", "Retrospective approvals"),
    "unknown": ("不明になった発信", "Releases of unknown end"),
    "corrections": ("訂正・削除", "Corrections and deletions"),
    "costs": ("媒体の費用（料金表による）", "What the platforms charge (by their lists)"),
    "stops": ("停止", "Stops"),
    "drills": ("停止の訓練", "Drills of the stop"),
    "duties": ("務め", "Duties"),
    "closures": ("閉庁日・臨時の開庁", "Closures and extra openings"),
    "acts": ("記録された扱い", "Acts on the record"),
}
_COLUMNS: Mapping[str, tuple[str, str]] = {
    "account": ("アカウント", "account"),
    "kind": ("種別", "kind"),
    "topic": ("分野", "topic"),
    "received": ("受付", "received"),
    "released": ("発信", "released"),
    "return": ("差戻し", "returned"),
    "withdraw": ("取下げ", "withdrawn"),
    "expire": ("期限切れ", "expired"),
    "month": ("月", "month"),
    "clause": ("条文", "clause"),
    "judged": ("判定で挙げた回数", "named in judgements"),
    "drafts": ("下書き", "drafts"),
    "block": ("要修正", "block"),
    "hold": ("要判断", "hold"),
    "warn": ("注意", "warn"),
    "info": ("参考", "info"),
    "lifted": ("例外で解除", "lifted"),
    "approvals": ("承認", "approvals"),
    "completed": ("承認済になったもの", "completed"),
    "alone": ("単独", "alone"),
    "deputy": ("代決", "by a deputy"),
    "median_minutes": ("中央値", "median"),
    "p90_minutes": ("9割", "90 %"),
    "longest_minutes": ("最長", "longest"),
    "rule": ("規則", "rule"),
    "exceptions": ("件数", "times"),
    "declared": ("宣言", "declared"),
    "in_time": ("期限内", "in time"),
    "late": ("遅れ", "late"),
    "missed": ("未了", "missed"),
    "unknown": ("不明", "unknown"),
    "not_released": ("未発信と決着", "settled as not out"),
    "scope": ("範囲", "scope"),
    "at": ("日時", "at"),
    "minutes": ("分", "minutes"),
    "confirmed": ("管理者の確認", "confirmed"),
    "outcome": ("結果", "outcome"),
    "latched_ms": ("止まるまで（ミリ秒）", "latched, ms"),
    "silent_ms": ("静かになるまで（ミリ秒）", "silent, ms"),
    "begun_after": ("その後に始まったもの", "begun after"),
    "act": ("扱い", "act"),
    "times": ("回数", "times"),
    "correction": ("訂正", "corrections"),
    "charged": ("何の", "for"),
    "dollars": ("米ドル", "US dollars"),
    "delete": ("削除", "deletions"),
    "duty": ("務め", "duty"),
    "done": ("実施", "done"),
    "due": ("期限", "due"),
    "day": ("日", "day"),
    "what": ("内容", "what"),
    "why": ("理由", "reason"),
    "basis": ("根拠", "basis"),
    "cite": ("条文", "clause"),
    "overdue": ("いま期限を過ぎている", "overdue now"),
    "console": ("操作卓", "console"),
    "mode": ("決裁モード", "decision mode"),
    "folder": ("決裁フォルダ", "folder"),
    "paper": ("紙", "paper"),
}
_DRAWN = {"posts": "received", "months": "released", "clauses": "drafts", "acts": "times"}
"""The tables that are drawn too, and by which column."""
_WORDED = {"scope": "scope", "act": "recorded", "outcome": "outcome", "kind": "kind", "confirmed": "confirmed"}
_MOST = 400
"""Rows of a table on paper; `--json` and the CSV have what there is."""


def report_paper(seen: ReportSeen, word: Vocabulary, language: Language = "ja", posts: Sequence[PostSeen] = ()) -> Paper:
    """The paper of a period; with `posts` it lists them at its end by their first lines."""
    t = tongue(language)
    accounts = "、".join(f"{seen.names.get(each, each)}（{each}）" for each in seen.accounts)
    blocks: list[Block] = [
        Pairs(
            (
                (t("期間", "period"), f"{day(seen.since)} – {day(seen.until)}"),
                (t("アカウント", "accounts"), accounts),
                (t("作成", "made"), minute(seen.made)),
            )
        )
    ]
    for table in seen.tables:
        blocks += _part(table, seen, word, t)
    if posts:
        head = (t("日時", "at"), t("アカウント", "account"), t("種別", "kind"), t("件名", "title"), "URL")
        rows = tuple((minute(p.at), seen.names.get(p.account, p.account), word("kind", p.kind), p.title, p.url) for p in posts)
        blocks.append(Table(t("発信したもの", "What was released"), head, rows))
    title = t(f"運用状況報告　{day(seen.since)}〜{day(seen.until)}", f"Report, {day(seen.since)} to {day(seen.until)}")
    foot = t(
        f"{seen.office}　記録の先頭 {seen.entries} 番 {seen.head}",
        f"{seen.office}; head of the record: {seen.entries} {seen.head}",
    )
    return Paper(title, tuple(blocks), language, foot)


def _part(table: ReportTable, seen: ReportSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    title = t(*_TITLES[table.id]) if table.id in _TITLES else table.id
    if not table.rows:
        yield Heading(title, 3)
        yield Words(t("ありません。", "None."))
        return
    head = tuple(t(*_COLUMNS[name]) if name in _COLUMNS else name for name in table.columns)
    numbers = tuple(i for i, cell in enumerate(table.rows[0]) if isinstance(cell, int))
    rows = tuple(_row(table, row, seen, word, t) for row in table.rows[:_MOST])
    shown = Table(title, head, rows, numbers)
    if table.id in _DRAWN:
        column = table.columns.index(_DRAWN[table.id])
        values = tuple(cell if isinstance(cell := row[column], int) else 0 for row in table.rows[:_MOST])
        yield Bars(shown, values, shown.head[column])
    else:
        yield shown
    if len(table.rows) > _MOST:
        left = len(table.rows) - _MOST
        yield Words(t(f"ほかに {left} 行あります（--format json）。", f"And {left} more rows (--format json)."), "note")


def _row(table: ReportTable, row: tuple[str | int, ...], seen: ReportSeen, word: Vocabulary, t: Tongue) -> tuple[str, ...]:
    return tuple(_cell(name, cell, seen, word, t) for name, cell in zip(table.columns, row, strict=True))


def _cell(name: str, cell: str | int, seen: ReportSeen, word: Vocabulary, t: Tongue) -> str:
    if isinstance(cell, int):
        return str(cell)
    if name == "account":
        return seen.names.get(cell, cell)
    if name == "clause":
        cite = seen.cites.get(cell)
        return f"{cell} {cite or t('庁内規則', 'office rule')}" if cite or cell.startswith("office/") else cell
    if name == "at":
        return minute(datetime.fromisoformat(cell))
    if name == "what":
        return t("閉庁", "closed") if cell == "closed" else t("臨時の開庁", "extra opening")
    if name == "confirmed":
        return t("確認済", "confirmed") if cell == "confirmed" else t("未確認", "not confirmed")
    return word(_WORDED[name], cell) if name in _WORDED else cell
