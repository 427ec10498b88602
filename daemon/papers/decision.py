"""The two papers on which somebody decides about one draft: the sheet of the 決裁フォルダ, and the 決裁記録 that is stamped by hand.

Both show the same: where it would go, the text as it will appear, the findings with their clauses, what has changed since it was
returned, who wrote it, and the number by which paper, sheet and screen are compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.papers.html import Markup, boxes, element, fields, page, section
from daemon.wire.deciding import Change, ForDecision, check_number
from daemon.wire.seen import FindingSeen

APPROVE, RETURN = "承認", "差戻し"
"""The two folders inside a 決裁フォルダ, and what they do."""

PLATFORMS = {"x": "X（旧Twitter）", "facebook": "Facebook", "line": "LINE"}
KINDS = {
    "post": "投稿",
    "poll": "広聴（アンケート）",
    "reply": "返信",
    "repost": "リポスト",
    "quote": "引用",
    "follow": "フォロー",
    "profile": "プロフィールの変更",
    "correction": "訂正",
    "delete": "投稿の削除",
    "like": "いいね",
    "message": "メッセージ（DM）",
    "story": "ストーリー",
    "live": "ライブ配信",
}
FIELDS = {
    "topic": "分野",
    "organiser": "主催など",
    "source": "出典",
    "purpose": "目的",
    "reference": "決裁番号",
    "target": "相手",
    "emergency": "緊急",
    "poll": "選択肢",
}
"""What the front matter's keys are called on paper."""
_LEVELS = {"block": "直すまで出せません", "hold": "人の判断が要ります", "warn": "注意", "info": "参考"}
_TOKYO = ZoneInfo("Asia/Tokyo")
BOXES = ("決裁者", "係長", "作成者", "審査")
"""The boxes of the 決裁記録, to be stamped or signed."""


def sheet(facts: ForDecision, number: str, name: str, written: datetime) -> str:
    """The 決裁票 of one draft for one chief, to be moved. `number` is its own and never given twice; `name` is whose it is."""
    return page(
        f"決裁票　{facts.name}",
        *_warnings(facts),
        _how_to(),
        *_content(facts),
        _matters(facts, {"票番号": number, "決裁者": name, "この票を書いた時刻": _moment(written)}),
        foot=f"照合番号 {check_number(facts.hash)}　票番号 {number}　広報番",
    )


def record(facts: ForDecision, number: str, written: datetime) -> str:
    """The 決裁記録 of one draft on paper: boxes to be stamped, what is decided, and the numbers that the clerk enters afterwards."""
    decision = element("table", *_lines_to_fill(), class_="fields")
    return page(
        f"決裁記録　{facts.name}",
        boxes(BOXES),
        *_warnings(facts),
        section("決裁", decision),
        *_content(facts),
        _matters(facts, {"票番号": number, "印刷": _moment(written)}),
        foot=f"照合番号 {check_number(facts.hash)}　票番号 {number}　広報番。"
        "決裁のあと、担当者がこの紙の写しを添えて入力し、別の人が副署して初めて有効になります。",
    )


def _warnings(facts: ForDecision) -> Iterator[Markup]:
    if facts.stopped:
        yield element("p", "いまは停止中です。承認しても、再開までは発信されません。", class_="warn")
    if facts.exceptions:
        cites = "、".join(dict.fromkeys(each.cite for each in facts.findings if each.rule in facts.exceptions))
        words = f"承認しても、{cites}の例外を認めるまで出ません。例外は、理由を付けて決裁モードかコンソールで認めます（ここではできません）。"
        yield element("p", words, class_="warn")
    if facts.irreversible:
        yield element("p", "この媒体に出したものは取り消せません。", class_="warn")


def _how_to() -> Markup:
    return section(
        "決め方",
        element(
            "ul",
            element("li", f"承認するとき: このファイルを「{APPROVE}」フォルダへ移します。"),
            element(
                "li",
                f"差し戻すとき: このファイルの名前の最後に「＿理由」を付けて（例: …＿日付を確かめること.html）「{RETURN}」フォルダへ移します。"
                "長い理由は、先に「このファイルの名前.理由.txt」を「差戻し」フォルダに置いてください。",
            ),
            element(
                "li",
                "予定の時刻を過ぎたものを承認するとき: 同じように、名前の最後に「＿今からでも出す理由」を付けてください。",
            ),
            element("li", "あとで決めるとき: そのままにします。"),
            element(
                "li",
                "中を書き換えたもの、すでに使った決裁票の写し、古くなったものは受け付けません。理由を書いた .txt が横に置かれます。",
            ),
        ),
    )


def _content(facts: ForDecision) -> Iterator[Markup]:
    yield section(
        "どこに出るか",
        fields(
            {
                "自治体": facts.municipality,
                "媒体": PLATFORMS.get(facts.platform, facts.platform),
                "アカウント": f"{facts.name}　@{facts.handle.removeprefix('@')}",
                "種別": KINDS.get(facts.kind, facts.kind),
                **{FIELDS.get(key, key): value for key, value in facts.front.items()},
                "出したあと": "取り消せません" if facts.irreversible else "削除はできますが、完全には消せません",
                "予定": _moment(facts.release_at) if facts.release_at else "承認がそろい、開庁していれば、すぐ",
            }
        ),
    )
    images = (element("p", f"画像: {'、'.join(facts.images)}"),) if facts.images else ()
    yield section("本文（このとおりに出ます）", element("div", facts.text.strip("\r\n"), class_="said"), *images)
    yield section("条文に照らして確認すること", *_findings(facts.findings))
    if facts.returned is not None:
        yield section("前の差戻しから変わったところ", *_changed(facts))


def _findings(findings: tuple[FindingSeen, ...]) -> Iterator[Markup]:
    if not findings:
        yield element("p", "指摘はありません。")
    for each in findings:
        settled = "（例外として認められています）" if each.lifted else ""
        yield element("h3", f"［{_LEVELS.get(each.verdict, each.verdict)}］{settled}{each.message}")
        yield element("p", f"{each.cite}（{each.clause}）", class_="small")
        if each.text:
            yield element("div", each.text, class_="clause")


def _changed(facts: ForDecision) -> Iterator[Markup]:
    assert facts.returned is not None
    back = facts.returned
    yield element("p", f"{_moment(back.at)} に {back.by} さんが差し戻しました。理由: {back.reason}")
    if facts.changes:
        yield element("ul", *(_change(change) for change in facts.changes), class_="changes")
    else:
        yield element("p", "本文は変わっていません。")


def _change(change: Change) -> Markup:
    mark = {"add": "＋ ", "del": "－ "}.get(change.op, "　 ")
    if change.op == "same":
        return element("li", mark + change.text)
    return element("li", mark, element("ins" if change.op == "add" else "del", change.text))


def _matters(facts: ForDecision, more: dict[str, str]) -> Markup:
    others = [line for line in facts.waiting if line.act != "approve"]
    pairs = {
        "作成者": facts.author + ("" if facts.author_verified else "（前書きの記載。確認されていません）"),
        "要綱": facts.policy,
        "版": f"第{facts.revision}版",
        "照合番号": check_number(facts.hash),
        "承認済の人": "、".join(facts.approved) or "まだいません",
    }
    if others:
        pairs["ほかに待っているもの"] = "\n".join(f"{line.what}（{line.who}）" for line in others)
    return section("この下書きについて", fields({**pairs, **more}))


def _lines_to_fill() -> Iterator[Markup]:
    for name, what in (
        ("決裁", "□ 承認　　□ 差戻し"),
        ("差戻しの理由", ""),
        ("決裁番号", ""),
        ("決裁日", "　　　　年　　月　　日"),
    ):
        yield element("tr", element("th", name), element("td", what))


def _moment(at: datetime) -> str:
    return f"{at.astimezone(_TOKYO):%Y-%m-%d %H:%M}"
