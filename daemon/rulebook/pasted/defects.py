"""What is wrong, or may be, with a policy's own text: numbers that are missing or come twice, words that were mistyped, references into
the void, days that contradict each other, an exception that nobody may make. The text itself is never touched."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from daemon.rulebook.pasted.tree import Leaf, Node, Tree
from daemon.rulebook.pasted.years import days, number


@dataclass(frozen=True)
class Defect:
    """One defect: the line of the file, the clause (empty: the whole), what is wrong in both languages. `keep`: it belongs into the
    clause's note, because the clause is read otherwise than it is written."""

    line: int
    clause: str
    message: str
    message_en: str
    keep: bool = False


_CONFUSED = (
    (r"試行(?=、(?:信条|良心|宗教))", "思想"), (r"虚像(?=や|及び|または|又は|の|、)", "虚偽"), (r"現著作(?=者|物|権)", "原著作"),
    (r"意志(?=形成過程|決定)", "意思"), (r"恊働", "協働"), (r"誹膀|誹誇", "誹謗"), (r"中償", "中傷"), (r"公助良俗|公序良族", "公序良俗"),
    (r"猥雑な表現", "わいせつな表現"), (r"補償(?=するものではありません|しません)", "保証"), (r"免債", "免責"), (r"尊守|順主", "遵守"),
    (r"肖象権", "肖像権"), (r"個人情法", "個人情報"), (r"知的財産件|著作件", "知的財産権・著作権"), (r"撤低", "徹底"),
)  # fmt: skip
"""Words that legal phrases of these texts are mistaken for, by what stands around them."""
_OLD_AND_NEW = (("リツイート", "リポスト"), ("ツイート", "ポスト"), ("ツイッター", "エックス"))
_ROLES = ("統括運用管理責任者", "運用管理責任者", "運営管理者", "運用責任者", "運用担当者", "管理者")
_REFERENCE = re.compile(
    r"(?<![法令例則程綱領針])第\s*([0-9０-９一二三四五六七八九十]+)\s*条(?:の[0-9０-９]+)?(?:第\s*([0-9０-９一二三四五六七八九十]+)\s*項)?(?:第\s*([0-9０-９一二三四五六七八九十]+)\s*号)?"
)
_EXCEPTION = re.compile(r"この限りで|その限りで|ただし、|但し、")
_HOLDER = re.compile(r"(?:長|者|部|課|区|市|町|村)が(?:特に)?(?:必要|適当|認め|判断)")


def defects(tree: Tree) -> tuple[Defect, ...]:
    """Every defect, in the order of the lines."""
    found = [
        *_numbers(tree.top, "第{}条", [n for n in tree.top.below if n.kind == "article"]),
        *_numbers(tree.top, "{}", [n for n in tree.top.below if n.kind == "section"]),
        *_items(tree.top),
        *_assumed(tree),
        *_words(tree),
        *_mixed(tree),
        *_roles(tree),
        *_references(tree),
        *_twice(tree),
        *_dates(tree),
        *_exceptions(tree),
    ]
    return tuple(sorted(dict.fromkeys(found), key=lambda defect: (defect.line, defect.clause)))


def _line(node: Node) -> int:
    return node.lines[0][0].number if node.lines else (_line(node.below[0]) if node.below else 1)


def _numbers(top: Node, form: str, nodes: list[Node]) -> Iterator[Defect]:
    """Numbers that are skipped, come twice or go back."""
    seen = 0
    for node in nodes:
        if not node.label.isdigit():
            continue
        now, name = int(node.label), form.format(node.label)
        if node.assumed:
            seen = now
            continue
        if now == seen:
            yield Defect(_line(node), node.label, f"{name}が2回あります。", f"{name} comes twice.")
        elif now < seen:
            yield Defect(
                _line(node),
                node.label,
                f"{name}が、{form.format(seen)}の後にあります。",
                f"{name} comes after {form.format(seen)}.",
            )
        for missing in range(seen + 1, now):
            said = form.format(missing)
            yield Defect(_line(node), "", f"{said}がありません（{name}の前）。", f"{said} is missing (before {name}).")
        seen = max(seen, now)


def _items(node: Node) -> Iterator[Defect]:
    for kind, form in (("paragraph", "第{}項"), ("item", "({})"), ("circled", "{}番の丸数字")):
        nodes = [each for each in node.below if each.kind == kind]
        first = int(nodes[0].label) if nodes and nodes[0].label.isdigit() else 1
        if kind == "paragraph" and first == 2:  # the first paragraph has no number
            nodes = [Node(kind, "1", assumed=True), *nodes]
        yield from _numbers(node, form, nodes)
    for each in node.below:
        yield from _items(each)


def _assumed(tree: Tree) -> Iterator[Defect]:
    for leaf in tree.leaves:
        if leaf.assumed:
            yield Defect(
                leaf.line,
                leaf.id,
                f"公表された本文に第{leaf.id}条の見出しがありません。前の条の後の各号を第{leaf.id}条と推定しました。",
                f"The text has no heading of article {leaf.id}; the items after the article before are taken for it.",
                keep=True,
            )


def _words(tree: Tree) -> Iterator[Defect]:
    for leaf in tree.leaves:
        for pattern, meant in _CONFUSED:
            for hit in re.finditer(pattern, leaf.text):
                yield Defect(
                    leaf.line,
                    leaf.id,
                    f"「{hit[0]}」は「{meant}」の誤記とみられます。本文はそのままにしています。",
                    f"'{hit[0]}' looks like a slip for '{meant}'; the text is left as it is.",
                    keep=True,
                )


def _mixed(tree: Tree) -> Iterator[Defect]:
    text = "\n".join(leaf.text for leaf in tree.leaves)
    for old, new in _OLD_AND_NEW:
        without = re.sub(r"リツイート|リポスト", "", text) if len(old) < 5 else text
        if old in without and new in without:
            leaf = next((each for each in tree.leaves if old in each.text), None)
            if leaf is not None:
                yield Defect(
                    leaf.line,
                    leaf.id,
                    f"「{old}」と「{new}」が混ざっています。同じものとして読みます。",
                    f"'{old}' stands beside '{new}'; both are read as the same.",
                    keep=True,
                )


def _roles(tree: Tree) -> Iterator[Defect]:
    """Roles that the text speaks of and never says who they are."""
    text = "\n".join(line.text for line in tree.lines)
    bare = text
    for role in _ROLES:
        if role in bare and not re.search(
            rf"{role}\s*(?:は|とは|を|に)、?[^。\n]{{0,30}}(?:とする|とし|をいう|充てる|長)|{role}[ 　\]】]+\S*長|{role}[はを]\S*課長",
            text,
        ):
            leaf = next((each for each in tree.leaves if role in each.text), None)
            yield Defect(
                leaf.line if leaf else 1,
                leaf.id if leaf else "",
                f"「{role}」がだれかの定めが見当たりません。",
                f"The text does not say who the '{role}' is.",
            )
        bare = bare.replace(role, "")


def _references(tree: Tree) -> Iterator[Defect]:
    ids = {leaf.id for leaf in tree.leaves}
    articles = {re.split(r"[-(.]", each)[0] for each in ids}
    numbered = any(node.kind == "article" for node in tree.top.below)
    for leaf in tree.leaves:
        for hit in _REFERENCE.finditer(leaf.text) if numbered else ():
            if _of_another(leaf, hit.start()):
                continue
            article, paragraph, item = (str(number(part)) if part else "" for part in hit.groups())
            wanted = article + (f"-{paragraph}" if paragraph else "") + (f"({item})" if item else "")
            there = (
                article in articles
                if wanted == article
                else any(each == wanted or each.startswith((f"{wanted}(", f"{wanted}.")) for each in ids)
            )
            if not there and not (paragraph == "1" and not item and article in articles):
                yield Defect(leaf.line, leaf.id, f"「{hit[0]}」に当たる条文がありません。", f"There is no '{hit[0]}' here.")
    first = next((leaf for leaf in tree.leaves if leaf.id.split("-")[0].split("(")[0] == "1"), None)
    if first is not None and "前条" in first.text:
        yield Defect(
            first.line,
            first.id,
            "第1条に「前条」とありますが、前の条はありません。",
            "Article 1 refers to the article before it.",
        )


def _of_another(leaf: Leaf, at: int) -> bool:
    """Whether a reference is to another law: 地方公務員法（昭和25年法律第261号）第34条."""
    before = leaf.text[max(0, at - 40) : at]
    return bool(re.search(r"(?:法|法律|令|条例|規則|規程|要綱|要領|指針)(?:[（(][^（）()]*[）)])?$", before))


def _twice(tree: Tree) -> Iterator[Defect]:
    texts = Counter("".join(leaf.text.split()) for leaf in tree.leaves)
    for leaf in tree.leaves:
        if texts["".join(leaf.text.split())] > 1:
            yield Defect(leaf.line, leaf.id, "同じ文の条文がほかにもあります。", "Another clause has the same words.")


def _dates(tree: Tree) -> Iterator[Defect]:
    made = [d for leaf in tree.leaves if leaf.id in ("制定改正", "題名") for d in days(leaf.text) if d.day]
    force = []
    for leaf in tree.leaves:
        for day in days(leaf.text):
            if day.day is None:
                yield Defect(
                    leaf.line, leaf.id, f"「{day.written}」という日はありません。", f"There is no such day as '{day.written}'."
                )
            elif re.search("施行|適用", leaf.text[day.end : day.end + 12]):
                force.append((leaf, day))
    if not force:
        yield Defect(1, "", "施行日の記載がありません。", "The text does not say when it came into force.")
        return
    if made and (leaf_day := force[0])[1].day != made[0].day:
        leaf, day = leaf_day
        assert day.day is not None and made[0].day is not None
        when = "後" if day.day > made[0].day else "前"
        yield Defect(
            leaf.line,
            leaf.id,
            f"最初の施行日（{day.written}）が制定日（{made[0].written}）より{when}です。施行日を使います。",
            f"The first day in force ({day.day}) is not the day on which it was made ({made[0].day}); the former counts.",
        )
    order = [day.day for _, day in force if day.day]
    if order != sorted(order):
        leaf = force[0][0]
        yield Defect(leaf.line, leaf.id, "施行日が古い順に並んでいません。", "The days in force do not stand in order.")


def _exceptions(tree: Tree) -> Iterator[Defect]:
    """原則 and ただし書 that name nobody who may make the exception: that person has to be named before a rule can be lifted."""
    for leaf in tree.leaves:
        text = unicodedata.normalize("NFKC", leaf.text)
        principle = "原則" in text and not re.search("(?:の|運用|基本)原則は|原則は次", text)
        if (principle or _EXCEPTION.search(text)) and not _HOLDER.search(text):
            what = "原則" if principle else "ただし書"
            yield Defect(
                leaf.line,
                leaf.id,
                f"「{what}」の例外をだれが認めるかの定めがありません。",
                f"The text does not say who may make the exception to this {'principle' if principle else 'rule'}.",
            )
