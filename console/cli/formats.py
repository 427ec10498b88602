"""The forms in which `check` answers other programs: JSON, SARIF 2.1.0 and textlint's JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from console.cite import cite_words
from console.cli.answers import Answer, FindingSaid, Trouble
from console.cli.terminal import SCHEMA
from console.words import choose

_SARIF_LEVEL = {"block": "error", "act": "error", "hold": "error", "warn": "warning", "look": "warning", "info": "note"}
_TEXTLINT_SEVERITY = {"block": 2, "act": 2, "hold": 2, "warn": 1, "look": 1, "info": 3}


class Page(NamedTuple):
    """A judged text in its file: `whole` is the decoded file with `\\n` line ends, `body` where the judged text begins in it."""

    whole: str
    body: int = 0

    def at(self, offset: int) -> tuple[int, int]:
        """Line and column in the file, both from 1, of a code point of the judged text."""
        before = self.whole[: self.body + offset]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class Judged(NamedTuple):
    """One item's answer, and the text it speaks of."""

    answer: Answer
    page: Page


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
    line, column = page.at(finding.start)
    start, end = (_utf16(page.whole[: page.body + offset]) for offset in (finding.start, finding.end))
    message: dict[str, Any] = {
        "type": "lint",
        "ruleId": finding.rule,
        "message": _message(finding),
        "index": start,
        "line": line,
        "column": column,
        "range": [start, end],
        "severity": _TEXTLINT_SEVERITY[finding.verdict],
    }
    if finding.fix is not None and finding.end > finding.start:
        message["fix"] = {"range": [start, end], "text": finding.fix}
    return message


def _textlint_trouble(trouble: Trouble) -> dict[str, Any]:
    place = {"index": 0, "line": 1, "column": 1, "range": [0, 0]}
    return {"type": "lint", "ruleId": "unreadable", "message": trouble.error, "severity": 2, **place}


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def as_sarif(results: Sequence[Result], version: str) -> dict[str, Any]:
    """One run of SARIF 2.1.0; columns are code points, as the contract's spans are."""
    judged = [r for r in results if isinstance(r, Judged)]
    troubles = [r for r in results if isinstance(r, Trouble)]
    rules = {f.rule: f for r in judged for f in r.answer.findings}
    notes = [_notification(trouble) for trouble in troubles]
    return {
        "version": "2.1.0",
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "runs": [
            {
                "tool": {"driver": {"name": "kohoban", "version": version, "rules": [_sarif_rule(f) for f in rules.values()]}},
                "columnKind": "unicodeCodePoints",
                "invocations": [{"executionSuccessful": not troubles, "toolExecutionNotifications": notes}],
                "results": [_sarif_result(f, r, list(rules)) for r in judged for f in r.answer.findings],
            }
        ],
    }


def _sarif_rule(finding: FindingSaid) -> dict[str, Any]:
    return {
        "id": finding.rule,
        "name": finding.clause,
        "shortDescription": {"text": finding.cite},
        "fullDescription": {"text": finding.text},
    }


def _sarif_result(finding: FindingSaid, judged: Judged, rules: Sequence[str]) -> dict[str, Any]:
    (line, column), (last_line, last_column) = judged.page.at(finding.start), judged.page.at(finding.end)
    region = {"startLine": line, "startColumn": column, "endLine": last_line, "endColumn": last_column}
    location = {"physicalLocation": {"artifactLocation": {"uri": _uri(judged.answer.id)}, "region": region}}
    return {
        "ruleId": finding.rule,
        "ruleIndex": rules.index(finding.rule),
        "level": _SARIF_LEVEL[finding.verdict],
        "message": {"text": _message(finding)},
        "locations": [location],
        "properties": {"clause": finding.clause, "verdict": finding.verdict},
    }


def _notification(trouble: Trouble) -> dict[str, Any]:
    location = {"physicalLocation": {"artifactLocation": {"uri": _uri(trouble.id or "-")}}}
    return {"level": "error", "message": {"text": trouble.error}, "locations": [location]}


def _uri(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="/.-_~")


def _message(finding: FindingSaid) -> str:
    return f"{cite_words(finding.cite)}: {choose(finding.message, finding.message_en)}"
