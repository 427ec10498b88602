"""The forms in which `check` answers other programs: JSON, SARIF 2.1.0 and textlint's JSON."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from console.cite import finding_words
from console.cli.answers import Answer, FindingSaid, Trouble
from console.cli.terminal import SCHEMA
from console.fixes import has_fix
from console.words import choose

_SARIF_LEVEL = {"block": "error", "act": "error", "hold": "error", "warn": "warning", "look": "warning", "info": "note"}
_TEXTLINT_SEVERITY = {"block": 2, "act": 2, "hold": 2, "warn": 1, "look": 1, "info": 3}


class Page(NamedTuple):
    """A judged text in its file: `whole` is the decoded file with `\\n` line ends, `body` where the judged text begins in it, `returns` where
    in `whole` the line ends stand that are `\\r\\n` in the file."""

    whole: str
    body: int = 0
    returns: tuple[int, ...] = ()

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column in the file, both from 1, of a code point of the judged text."""
        before = self.whole[: self.body + offset]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class Judged(NamedTuple):
    """One item's answer, the text it speaks of, and the file it was read from."""

    answer: Answer
    page: Page
    place: Path | None = None


Result = Judged | Trouble


def as_json(results: Iterable[Result]) -> dict[str, Any]:
    """The contract's answers in one document."""
    return {"schema": SCHEMA, "results": [r.answer if isinstance(r, Judged) else r for r in results]}


def as_textlint(results: Iterable[Result]) -> list[dict[str, Any]]:
    """What textlint's editors read: a list of files, offsets in UTF-16 units as JavaScript counts them."""
    return [
        {"filePath": r.answer.id, "messages": [_textlint_message(f, r.page) for f in r.answer.findings]}
        if isinstance(r, Judged)
        else {"filePath": r.id or "", "messages": [_textlint_trouble(r)]}
        for r in results
    ]


def _textlint_message(finding: FindingSaid, page: Page) -> dict[str, Any]:
    start, end = (_utf16_at(page, offset) for offset in (finding.start, finding.end))
    first, last = (_utf16_place(page, offset) for offset in (finding.start, finding.end))
    message: dict[str, Any] = {
        "type": "lint",
        "ruleId": finding.rule,
        "message": _message(finding),
        "index": start,
        **first,
        "range": [start, end],
        "loc": {"start": first, "end": last},
        "severity": _TEXTLINT_SEVERITY[finding.verdict],
    }
    if has_fix(finding):
        message["fix"] = {"range": [start, end], "text": finding.fix}
    return message


def _utf16_at(page: Page, offset: int) -> int:
    """Where a code point of the judged text stands in the file as JavaScript has it: UTF-16 units, `\\r` counted, no byte order mark."""
    at = page.body + offset
    return _utf16(page.whole[:at]) + bisect_left(page.returns, at)


def _utf16_place(page: Page, offset: int) -> dict[str, int]:
    before = page.whole[: page.body + offset]
    return {"line": before.count("\n") + 1, "column": _utf16(before[before.rfind("\n") + 1 :]) + 1}


def _textlint_trouble(trouble: Trouble) -> dict[str, Any]:
    start = {"line": 1, "column": 1}
    place = {"index": 0, **start, "range": [0, 0], "loc": {"start": start, "end": start}}
    return {"type": "lint", "ruleId": "unreadable", "message": trouble.error, "severity": 2, **place}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def as_sarif(results: Sequence[Result], version: str) -> dict[str, Any]:
    """One run of SARIF 2.1.0; columns are code points, as the contract's spans are. A rule is named with its policy: another policy's rule
    of the same id stands under another clause."""
    judged = [r for r in results if isinstance(r, Judged)]
    troubles = [r for r in results if isinstance(r, Trouble)]
    rules = {_rule_id(f, r): (f, r) for r in judged for f in r.answer.findings}
    numbers = {rule: number for number, rule in enumerate(rules)}
    notes = [_notification(trouble) for trouble in troubles]
    driver = {"name": "kohoban", "version": version, "rules": [_sarif_rule(name, *each) for name, each in rules.items()]}
    return {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [
            {
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not troubles, "toolExecutionNotifications": notes}],
                "results": [_sarif_result(f, r, numbers) for r in judged for f in r.answer.findings],
            }
        ],
    }


def _rule_id(finding: FindingSaid, judged: Judged) -> str:
    return f"{judged.answer.policy.id}/{finding.rule}"


def _sarif_rule(name: str, finding: FindingSaid, judged: Judged) -> dict[str, Any]:
    """The rule of a finding. A policy lies in the town's files, not on the net: its address is a name, not a place."""
    clause = _quoted(finding.clause.encode(), "/()")
    rule: dict[str, Any] = {
        "id": name,
        "name": finding.rule,
        "shortDescription": _plain(finding.cite),
        "helpUri": f"urn:kohoban:{judged.answer.policy.id}:{clause}",
        "properties": {"clause": finding.clause, "policy": judged.answer.policy.id},
    }
    return {**rule, "fullDescription": _plain(finding.text)} if finding.text else rule


def _sarif_result(finding: FindingSaid, judged: Judged, numbers: Mapping[str, int]) -> dict[str, Any]:
    (line, column), (last_line, last_column) = judged.page.at(finding.start), judged.page.at(finding.end)
    region = {"startLine": line, "startColumn": column, "endLine": last_line, "endColumn": last_column}
    artifact = {"uri": _uri_of(judged)}
    name = _rule_id(finding, judged)
    result: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": numbers[name],
        "level": _SARIF_LEVEL[finding.verdict],
        "message": _plain(_message(finding)),
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
        "properties": {"clause": finding.clause, "verdict": finding.verdict},
    }
    if has_fix(finding):
        replacement = {"deletedRegion": region, "insertedContent": {"text": finding.fix}}
        change = {"artifactLocation": artifact, "replacements": [replacement]}
        result["fixes"] = [{"description": _plain(_message(finding)), "artifactChanges": [change]}]
    return result


def _notification(trouble: Trouble) -> dict[str, Any]:
    location = {"physicalLocation": {"artifactLocation": {"uri": _uri(os.fsencode(trouble.id or "-"))}}}
    return {"level": "error", "message": _plain(trouble.error), "locations": [location]}


def _plain(text: str) -> dict[str, str]:
    """A message of SARIF that says no more than its words: braces would be placeholders (3.11.5), and 「[…](…)」, which a judged text may
    hold, a link (3.11.6)."""
    return {"text": text.replace("{", "{{").replace("}", "}}").replace("](", "] (")}


def _uri_of(judged: Judged) -> str:
    """Where the item lies, byte for byte: a name need not be UTF-8."""
    return _uri(os.fsencode(judged.place) if judged.place is not None else judged.answer.id.encode("utf-8", "replace"))


def _uri(name: bytes) -> str:
    return ("file://" if name.startswith(b"/") else "") + _quoted(name, "/.-_~")


def _quoted(name: bytes, safe: str) -> str:
    from urllib.parse import quote  # two ms, and most ask for no SARIF

    return quote(name, safe=safe)


def _message(finding: FindingSaid) -> str:
    return f"{finding_words(finding.clause, finding.cite, finding.basis)}: {choose(finding.message, finding.message_en)}"
