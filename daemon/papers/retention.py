"""保存年限 as a paper: the office's classes, their periods, what is past them and what the office's regulation says to do with it."""

from __future__ import annotations

from daemon.papers.moments import day, minute
from daemon.papers.sheet import Block, Heading, Language, Paper, Table, Words
from daemon.papers.tongue import tongue
from daemon.wire.papers import KeptList

_THEN = {"erase": ("廃棄（消去）", "erase"), "transfer": ("移管", "transfer"), "keep": ("引き続き保存", "keep on")}


def retention_paper(seen: KeptList, language: Language = "ja") -> Paper:
    """The paper."""
    t = tongue(language)
    head = (
        t("区分", "class"), t("保存年限", "years"), t("根拠", "basis"), t("過ぎたら", "then"), t("この日より前", "before"),
        t("期限を過ぎた文", "past"),
    )  # fmt: skip
    rows = tuple(
        (
            t(c.title, c.title_en),
            t(f"{c.years}年", str(c.years)),
            c.basis or t("根拠規定なし", "none"),
            t(*_THEN[c.then]),
            day(c.before),
            str(c.past),
        )
        for c in seen.classes
    )
    blocks: list[Block] = [Table("", head, rows, (1, 5))]
    if not seen.classes:
        blocks = [Words(t("rules.toml に [[retention]] がありません。", "rules.toml has no [[retention]]."))]
    for each in seen.classes:
        if each.due:
            blocks += [Heading(t(each.title, each.title_en)), Words("  ".join(each.due))]
            if each.past > len(each.due):
                more = each.past - len(each.due)
                blocks.append(Words(t(f"ほかに {more} 件", f"and {more} more"), "note"))
    blocks.append(
        Words(
            t(
                "ひとりでに消えるものはありません。消去は管理者が行い（kohoban audit erase）、記録の鎖とハッシュは残ります。",
                "Nothing goes by itself. A manager erases (kohoban audit erase); the chain and the hashes stay.",
            ),
            "note",
        )
    )
    return Paper(t("記録の保存年限", "Retention"), tuple(blocks), language, minute(seen.made))
