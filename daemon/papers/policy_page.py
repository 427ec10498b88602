"""The public page of a policy: its published text, word for word, and below it notes that say they are notes.

What an office enforces besides (its own rules, levels, patterns) is no business of the public page; `rules` puts it on, for paper
that stays in the office.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from daemon.papers.sheet import Block, Heading, Language, Lines, Paper, Run, Table, Words
from daemon.papers.tongue import Tongue, tongue
from daemon.rulebook.model import Policy, RuleBase, Version
from daemon.rulebook.page import has_page, pieces


def policy_page(
    policy: Policy, version: Version, *, language: Language = "ja", notes: bool = False, rules: bool = False
) -> Paper:
    """The page of the policy's text in the version named. With `notes` the defects of the source are explained under it, with `rules`
    what carries each clause out follows, and a mark that this page is not the public one."""
    t = tongue(language)
    blocks: list[Block] = [Lines(tuple(_lines(policy))), Words(_in_force(version, t), "note")]
    if not has_page(policy):
        blocks.append(
            Words(
                t(
                    "見出しと条番号の配置は要綱ファイルにないため、条文を引用の名とともに並べています。",
                    "The file does not say how headings and numbers stand: the clauses are listed under their citations.",
                ),
                "note",
            )
        )
    if notes:
        blocks += [Words(f"{c.cite}: {c.note}", "note") for c in policy.clauses.values() if c.note]
    if rules:
        blocks += [
            Heading(t("庁内規則（公表しない）", "Rules of the office (not for publication)")),
            Table("", _head(t), tuple(_rule(rule, t) for rule in policy.rules)),
        ]
    foot = f"{policy.id} {_day(version.from_, t)} {policy.hash}" if rules else ""
    return Paper(policy.title, tuple(blocks), language, foot, headed=False)


def _lines(policy: Policy) -> Iterator[tuple[Run, ...]]:
    """The text line by line; empty lines are kept, so that plain text looks as it was published."""
    line: list[Run] = []
    for piece in pieces(policy):
        first, *more = piece.text.split("\n")
        line.append(Run(first, piece.clause))
        for text in more:
            yield tuple(run for run in line if run.text)
            line = [Run(text, piece.clause)]
    if line:
        yield tuple(run for run in line if run.text)


def _in_force(version: Version, t: Tongue) -> str:
    if version.from_ is None:
        return t("施行日の記載はありません。", "The text states no day on which it came into force.")
    return t(
        f"この版: {version.cite}（{_day(version.from_, t)}から）", f"This version is in force from {version.from_.isoformat()}."
    )


def _day(day: date | None, t: Tongue) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if day and t("ja", "en") == "ja" else day.isoformat() if day else ""


def _head(t: Tongue) -> tuple[str, ...]:
    return (t("条文", "clause"), t("規則", "rule"), t("扱い", "level"), t("解除できる人", "lifted by"), t("案内", "message"))


def _rule(rule: RuleBase, t: Tongue) -> tuple[str, ...]:
    return (rule.clause, rule.id, rule.level, "、".join(rule.lift), t(rule.message, rule.message_en))
