"""Policies made by hand for one rule at a time."""

from __future__ import annotations

import itertools

from daemon.rulebook.model import Clause, Policy, Rule, Version

_NUMBER = itertools.count()


def hand_made(*rules: Rule) -> Policy:
    """A policy of one clause, `north/1`, with these rules and a hash of its own."""
    clause = Clause(id="north/1", cite="第1条", class_="ASSIST", text="ことばを選ぶこと。")
    return Policy(
        id="north",
        title="北市運用方針",
        municipality="北市",
        platforms=("x",),
        versions=(Version(cite="施行", text=True),),
        clauses={clause.id: clause},
        rules=rules,
        hash=f"sha256:{next(_NUMBER)}",
        source="north.toml",
        manager=("広報課長",),
    )
