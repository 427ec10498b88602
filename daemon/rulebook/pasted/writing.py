"""The tree as a policy file: every clause with its words, versions, the page, and drafts of rules as comments, never as rules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import date

from daemon.rulebook.pasted.defects import Defect
from daemon.rulebook.pasted.suggesting import suggestions
from daemon.rulebook.pasted.tree import Leaf, Tree
from daemon.rulebook.pasted.years import days

_PLATFORMS = (
    ("x", re.compile(r"エックス|ツイッター|Twitter|(?<![A-Za-z])[XＸ](?![A-Za-z])|リポスト|ツイート")),
    ("facebook", re.compile(r"フェイスブック|Facebook", re.I)),
    ("line", re.compile(r"(?<![A-Za-z])LINE(?![A-Za-z])|ライン(?!ナップ)|ＬＩＮＥ")),
    ("instagram", re.compile(r"インスタグラム|Instagram", re.I)),
    ("youtube", re.compile(r"ユーチューブ|YouTube", re.I)),
    ("threads", re.compile(r"スレッズ|Threads")),
    ("tiktok", re.compile(r"ティックトック|TikTok", re.I)),
    ("bluesky", re.compile(r"ブルースカイ|Bluesky", re.I)),
)  # fmt: skip
_MANAGER = re.compile(
    r"(?:統括運用管理責任者|運営管理者|運用管理責任者|運用責任者|管理者|責任者)(?:は|とは|を|\s)、?([^、。\s]{2,30}?課?(?:長|部長|室長|所長|館長))(?:と|が|、|。|\s|$)"
)
_TOWN = re.compile(r"([^\s、。（）()「」○◯]{1,8}?[都道府県市区町村])(?:公式|民|立|役所|の|市民|職員|ホームページ|$)")
_AT_FIRST = re.compile(r"([^\s、。（）()「」]{1,6}?[都道府県市区町村])(?!内|議会)")
_IN_FORCE = re.compile(r"施行|適用")
ASK = "（要記入）"


def policy_file(tree: Tree, policy_id: str, defects: Sequence[Defect]) -> str:
    """The whole file. It lints and loads as it is; what the text does not say stands there as 要記入."""
    parts = [*_head(tree, policy_id, defects), *_versions(tree)]
    said: dict[str, list[Defect]] = {}
    for defect in defects:
        said.setdefault(defect.clause, []).append(defect)
    for leaf in tree.leaves:
        parts += ["", *_clause(leaf, policy_id, said.get(leaf.id, []))]
    page = "\n".join(_PLACE.sub(lambda found: f"{{{policy_id}/{found[1]}}}", row) for row in tree.page)
    parts += [
        "",
        "# 公表された本文の並び。{…} の場所に、上の条文の文が入る。",
        "[page]",
        f"text = {_string(page + chr(10), block=True)}",
    ]
    return "\n".join(parts) + "\n"


_PLACE = re.compile(r"\{([^{}\n]+)\}")


def _head(tree: Tree, policy_id: str, defects: Sequence[Defect]) -> Iterator[str]:
    text = "\n".join(line.text for line in tree.lines)
    platforms = [name for name, pattern in _PLATFORMS if pattern.search(text)]
    manager = _MANAGER.search(text)
    town = _AT_FIRST.match(tree.title) or _TOWN.search(tree.title) or _TOWN.search(text)
    yield f"# {tree.title}: 貼り付けた本文から kohoban policy import が作った下書きです。すべての条文が未対応（unmapped）です。"
    yield "# 規則の案は # の行にあります。案のままでは何も守られません。規則の書き方: docs/writing-policies.md"
    for defect in defects:
        yield f"# {defect.line}行目 {defect.clause}: {defect.message}"
    yield from ("", "[policy]", f"id = {_string(policy_id)}", f"title = {_string(tree.title or ASK)}")
    yield f"municipality = {_string(town[1] if town else ASK)}"
    yield f"platforms = {json.dumps(platforms or ['other'])}"
    yield f"manager = [{_string(manager[1] if manager else ASK)}]" + (
        "" if manager else "  # 本文に、管理者の職名が見当たりません"
    )


def _versions(tree: Tree) -> Iterator[str]:
    """The days on which the text says it came into force; the last has the wording in hand."""
    found: dict[date, str] = {}
    for leaf in tree.leaves:
        for each in days(leaf.text):
            behind = leaf.text[each.end : each.end + 12]
            said = _IN_FORCE.search(behind)
            if each.day is not None and said is not None and (leaf.id == "付則" or "から" in behind):
                found.setdefault(each.day, f"{re.sub(r'[ 　]', '', each.written)}{said[0]}")
    if not found:
        yield from ("", "[[version]]", 'cite = "施行日記載なし"', "text = true", 'note = "施行日記載なし"')
    for day, cite in sorted(found.items()):
        yield from ("", "[[version]]", f"cite = {_string(cite)}", f"from = {day.isoformat()}")
        yield "text = true" if day == max(found) else 'note = "本文は手元にない"'


def _clause(leaf: Leaf, policy_id: str, defects: Sequence[Defect]) -> Iterator[str]:
    yield "[[clause]]"
    yield f"id = {_string(f'{policy_id}/{leaf.id}')}"
    yield f"cite = {_string(leaf.cite)}"
    yield 'class = "HUMAN"  # AUTO 機械が守る、ASSIST 機械が示し人が決める、HUMAN 人が決める、DUTY 務め、INFO 見せるだけ'
    yield f"text = {_string(leaf.text)}"
    notes = [defect.message for defect in defects if defect.keep]
    if notes:
        yield f"note = {_string(' '.join(notes))}"
    yield from (f"# 案: {line}" for line in suggestions(leaf))


def _string(text: str, *, block: bool = False) -> str:
    """A TOML string: literal and over several lines where it has them, so that people can read and edit it."""
    if ("\n" in text or block) and "'''" not in text:
        return f"'''\n{text}'''"
    return json.dumps(text, ensure_ascii=False)
