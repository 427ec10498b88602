"""For those who only have the share: the words of the verdict file beside a draft (`判定.txt`) and of `_広報番.txt`.

Pure functions over plain values, in Japanese (with one English line that says what the file is); `beside` puts them there. Text
from a draft is shown without any character that is invisible or steers a terminal. No sentence calls a draft a 違反.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from daemon.intake.beside import move_done, remove_notice, write_notice
from daemon.intake.names import display_name
from daemon.rulebook.verdict import Finding, Level, Missing, Verdict

__all__ = ["folder_text", "move_done", "refused_text", "remove_notice", "stray_text", "verdict_text", "write_notice"]

_TOKYO = ZoneInfo("Asia/Tokyo")
_EXCERPT = 60
"""Characters of a draft that are quoted for one finding at most."""
MOST_LINES = 30
"""Findings that are told of one draft, and lines of what it waits for: nobody reads more at once, and each edit shows the rest."""

_VERDICTS: Mapping[Verdict, str] = {
    "pass": "指摘なし",
    "info": "参考の指摘があります",
    "look": "確認してください",
    "warn": "注意してください",
    "hold": "人の判断が要ります",
    "act": "担当者の判断が要ります",
    "block": "直すまで出せません",
}
_LEVELS: Mapping[Level, str] = {
    "block": "要修正",
    "hold": "要判断",
    "act": "措置候補",
    "warn": "注意",
    "look": "確認",
    "info": "参考",
}
_GRAVITY = tuple(_LEVELS)
"""The levels, the gravest first."""
_TITLES = {"@approver": "承認者", "@unit-chief": "所属の課長"}
"""The rulebook's words for whoever holds a post, as people read them."""


def verdict_text(
    *,
    name: bytes,
    account: str,
    state: str,
    verdict: Verdict,
    revision: int,
    text: str,
    findings: Sequence[Finding],
    missing: Sequence[Missing],
    since: datetime,
    written: datetime,
    note: str = "",
) -> str:
    """The verdict file of one draft.

    `state` is the desk's word (承認待ち …), `since` when it came into it, `written` now, `note` the reason of a return or refusal.
    `text` is the judged body, into which the spans of the findings point.
    """
    lines = [
        *_head("この下書きの判定", written),
        f"下書き　　: {display_name(name)}",
        f"アカウント: {plain(account)}",
        f"状態　　　: {plain(state)}（{_moment(since)} から）",
        f"判定　　　: {_VERDICTS[verdict]}",
        f"版　　　　: 第{revision}版",
    ]
    if note:
        lines.append(f"連絡　　　: {plain(note)}")
    lines += ["", "■ まだ出ていない理由と、待っている相手"]
    lines += _numbered(_missing_lines(missing[:MOST_LINES])) + _rest(missing) or ["　ありません。"]
    lines += ["", "■ 条文に照らして確認すること"]
    lines += _numbered(_finding_lines(finding, text) for finding in _told(findings)) + _rest(findings) or ["　ありません。"]
    return "\n".join(lines) + "\n"


def refused_text(*, name: bytes, message: str, written: datetime) -> str:
    """The verdict file of a thing that cannot be read as a draft: `message` is intake's sentence about it."""
    return (
        "\n".join(
            [
                *_head("この下書きは読めません", written),
                f"名前: {display_name(name)}",
                f"理由: {plain(message)}",
                "",
                "どこにも出ません。",
            ]
        )
        + "\n"
    )


def stray_text(*, place: str, names: Sequence[bytes], accounts: Iterable[str], written: datetime) -> str:
    """The notice in a place of which nothing is read: `drafts/` itself, or (`place` is its name) a folder of no account.

    `names` are the things that lie there, `accounts` the names of the folders that are read.
    """
    where = (
        f"「{place}」というアカウントはないので、このフォルダー" if place else "アカウントのフォルダーに入っていないので、ここ"
    )
    shown = [f"　・{display_name(name)}" for name in names[:MOST_LINES]]
    if len(names) > MOST_LINES:
        shown.append(f"　　ほか {len(names) - MOST_LINES} 件")
    return "\n".join(
        [
            *_head("ここは読まれません", written),
            f"{where}にあるものは読まれず、どこにも出ません。",
            f"次のどれかのフォルダーに移してください: {plain('、'.join(accounts))}",
            "",
            "■ ここにあるもの",
            *(shown or ["　ありません。"]),
            "",
        ]
    )


def folder_text(
    *,
    account: str,
    running: bool,
    stopped: bool | None,
    why: str,
    looked: datetime | None,
    written: datetime,
    counts: Mapping[str, int],
    alarms: Iterable[str] = (),
) -> str:
    """`_広報番.txt` of one account's folder.

    `running` is False in the last notice before the daemon ends. `stopped` is the gate (None: cannot be told, which counts as
    stopped) and `why` its sentence; `looked` is when this folder was last seen whole; `counts` numbers the drafts by state (the
    desk's words).
    """
    if not running:
        work = "終了（下書きは読まれていません）"
    elif stopped is None:
        work = f"停止中とみなしています（状態を確かめられません）{_because(why)}"
    elif stopped:
        work = f"停止（何も発信されません）{_because(why)}"
    else:
        work = "稼働"
    lines = [
        *_head("このフォルダーの状況", written),
        f"アカウント　　: {plain(account)}",
        f"広報番　　　　: {work}",
        f"最後に見た時刻: {_moment(looked) if looked is not None else 'まだ見ていません'}",
        "この時刻から1分以上たっていたら、広報番は動いていません。担当者に知らせてください。",
        "",
        "■ 下書きの数",
    ]
    lines += [f"　{plain(state)}: {count}件" for state, count in counts.items() if count] or ["　ありません。"]
    said = [f"　・{plain(alarm)}" for alarm in alarms]
    if said:
        lines += ["", "■ 直していただきたいこと", *said]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """A text as one line that any editor may be given: line ends as ⏎, what is invisible or steers a terminal as an escape."""
    return "".join(_plain(character) for character in text)


def _plain(character: str) -> str:
    if character == "\n":
        return "⏎"
    if character.isprintable() or character == "\u3000":
        return character
    return character.encode("unicode_escape").decode("ascii")


def _head(title: str, written: datetime) -> list[str]:
    return [
        f"【広報番】{title}　{_moment(written)} 現在",
        "（広報番が書き換えるファイルです。ここを直しても何も変わりません。 Written by Kohoban; editing it changes nothing.）",
        "",
    ]


def _moment(at: datetime) -> str:
    return at.astimezone(_TOKYO).strftime("%Y-%m-%d %H:%M:%S")


def _because(why: str) -> str:
    return f"：{plain(why)}" if why else ""


def _numbered(entries: Iterable[Sequence[str]]) -> list[str]:
    lines = []
    for number, (first, *rest) in enumerate(entries, 1):
        lines.append(f"{number:>2}. {first}")
        lines += [f"    {line}" for line in rest]
    return lines


def _told(findings: Sequence[Finding]) -> Sequence[Finding]:
    """The findings that are told, in the order of the text: the gravest where there are too many."""
    if len(findings) <= MOST_LINES:
        return findings
    gravest = sorted(range(len(findings)), key=lambda n: (findings[n].lifted, _GRAVITY.index(findings[n].verdict)))
    return [findings[n] for n in sorted(gravest[:MOST_LINES])]


def _rest(entries: Sequence[object]) -> list[str]:
    more = len(entries) - MOST_LINES
    return [f"　ほかに {more} 件あります。直して保存すると、残りが出ます。"] if more > 0 else []


def _missing_lines(missing: Iterable[Missing]) -> Iterable[Sequence[str]]:
    for line in missing:
        clause = f"（{plain(line.clause)}）" if line.clause else ""
        yield [f"{plain(line.what)}{clause}", f"待っている相手: {plain(line.who)}"]


def _finding_lines(finding: Finding, text: str) -> Sequence[str]:
    settled = "（解除済み）" if finding.lifted else ""
    lines = [f"［{_LEVELS[finding.verdict]}］{settled}{plain(finding.message)}"]
    if finding.end > finding.start:
        lines.append(f"箇所: 「{_excerpt(text, finding)}」（{_place(text, finding)}）")
    lines.append(f"条文: {plain(_cited(finding))}　{plain(finding.text)}")
    if finding.fix is not None:
        lines.append(f"直し方の例: 「{plain(finding.fix)}」")
    if finding.lift and not finding.lifted:
        lines.append(f"解除できる人: {plain('、'.join(_TITLES.get(title, title) for title in finding.lift))}")
    return lines


def _cited(finding: Finding) -> str:
    """The article; for a rule of the office's own, that it is one, and on which clause it rests."""
    if not finding.clause.startswith("office/"):
        return finding.cite
    rule = finding.clause.removeprefix("office/")
    return f"庁内規則 {rule}（根拠: {finding.basis}）" if finding.basis else f"庁内規則 {rule}（根拠規定なし）"


def _excerpt(text: str, finding: Finding) -> str:
    span = text[finding.start : finding.end]
    return plain(span if len(span) <= _EXCERPT else span[: _EXCERPT - 1] + "…")


def _place(text: str, finding: Finding) -> str:
    line = text.count("\n", 0, finding.start) + 1
    column = finding.start - (text.rfind("\n", 0, finding.start) + 1) + 1
    return f"本文{line}行目の{column}文字目から"
