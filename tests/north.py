"""A small policy for tests that write rules of their own: 北市, one account, one clause."""

from __future__ import annotations


def north(clause: str, *, platforms: str = '["x"]', since: str = "2020-04-01", kind: str = "ASSIST") -> str:
    """The policy `kita` up to its rules: 第3条 (`kita/3`) says `clause`, in force since that day."""
    return f"""
[policy]
id = "kita"
title = "北市公式X運用方針"
municipality = "北市"
platforms = {platforms}
manager = ["広報課長"]

[[version]]
cite = "付則"
from = {since}
text = true

[[clause]]
id = "kita/3"
cite = "第3条"
class = "{kind}"
text = "{clause}"
"""
