"""An entry of the record (記録) as a person reads it: the act in the office's words, and of its details what matters to people."""

from __future__ import annotations

import msgspec

from console.text import DisplayText
from console.tui.rows import state_word, verdict_word
from console.tui.tell import tell
from console.words import catalogue, language
from daemon.wire import HistoryLine

_TOLD = ("reason", "verdict", "state", "until", "url", "scope", "clause", "rule", "why", "outcome", "old", "new")
"""The details that are told, in this order. The others (hashes, numbers of releases) are for `kohoban audit`."""

_LONGEST = 200


def act_word(act: str) -> DisplayText:
    """The act in the office's words; one that this console does not know stays as it was written."""
    return tell(f"recorded.{act}") if f"recorded.{act}" in catalogue("tui", language()) else DisplayText.of(act)


def detail_words(entry: HistoryLine) -> DisplayText:
    """What matters of the entry's details, in a line. A detail that is not the daemon's JSON is shown as it is."""
    try:
        record = msgspec.json.decode(entry.detail.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return DisplayText.of(entry.detail, limit=_LONGEST)
    detail = record.get("detail", record) if isinstance(record, dict) else {}
    told = [(key, detail[key]) for key in _TOLD if isinstance(detail, dict) and detail.get(key) not in (None, "", [])]
    return DisplayText.of("  ".join(_word(key, value) for key, value in told), limit=_LONGEST)


def _word(key: str, value: object) -> str:
    if key == "verdict":
        return verdict_word(str(value)).plain
    if key == "state":
        return state_word(str(value)).plain
    return str(value)
