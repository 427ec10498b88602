"""北市, a city that does not exist: a small office with a policy of its own, which each test spoils in its own way."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

RULES = """\
[office]
name = "北市広報課"

[[accounts]]
id = "kita-x"
policy = "kita"
platform = "x"
handle = "kitacity"
name = "北市"
unit = "広報課"
topic = "防災"

[[operators]]
login = "tanaka"
name = "田中 一郎"
unit = "広報課"
role = "manager"
policies = ["kita"]
titles = ["広報課長"]
"""

POLICY = """\
[policy]
id = "kita"
title = "北市公式X運用方針"
municipality = "北市"
platforms = ["x"]
manager = ["広報課長"]
basis = "kita/9"

[[version]]
cite = "付則"
from = 2020-04-01
text = true

[[clause]]
id = "kita/1"
cite = "第1条"
class = "AUTO"
text = "運用時間は平日9時から17時までとする。ただし、広報課長が認める場合はこの限りでない。"

[[clause]]
id = "kita/2"
cite = "第2条"
class = "ASSIST"
text = "誹謗中傷をしない。"

[[clause]]
id = "kita/9"
cite = "第9条"
class = "HUMAN"
text = "必要な事項は広報課長が定める。"

[[rule]]
id = "hours"
check = "hours"
clause = "kita/1"
level = "hold"
lift = ["広報課長"]
open = 09:00:00
close = 17:00:00

[[rule]]
id = "topics"
check = "topics"
clause = "kita/1"
level = "hold"
topics = ["防災", "子育て"]
message = "分野を選んでください。"
message_en = "Choose a topic."

[[rule]]
id = "abuse"
check = "words"
clause = "kita/2"
level = "hold"
lift = ["@approver"]
lists = ["rude"]
terms = ["ばか"]
message = "第2条に当たるか確認してください。"
message_en = "Check against article 2."

[[rule]]
id = "approvers"
check = "approvers"
clause = "kita/9"
level = "hold"
titles = ["広報課長"]
"""


@dataclass(frozen=True)
class Kita:
    """The office of 北市: its folder, and ways to change its files."""

    folder: Path

    @property
    def rules(self) -> Path:
        return self.folder / "rules.toml"

    @property
    def policy(self) -> Path:
        return self.folder / "policies" / "kita.toml"

    @property
    def words(self) -> Path:
        return self.folder / "policies" / "words" / "rude.txt"

    def edit(self, path: Path, old: str, new: str) -> int:
        """Replace `old`, which is there, by `new`; the line (from 1) at which it stood."""
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {path.name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return text[: text.index(old)].count("\n") + 1

    def add(self, path: Path, more: str) -> int:
        """Append to a file; the line at which `more` begins."""
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "\n" + more, encoding="utf-8")
        return text.count("\n") + 2


def found(folder: Path) -> Kita:
    """Found the office in this folder, without any problem."""
    office = Kita(folder)
    office.words.parent.mkdir(parents=True)
    office.rules.write_text(RULES, encoding="utf-8")
    office.policy.write_text(POLICY, encoding="utf-8")
    office.words.write_text("# 北市の一覧\nあほ\n\nまぬけ\n", encoding="utf-8")
    return office
