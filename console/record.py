"""An entry of the record (記録) as a person reads it: the act in the office's words, and of its details what matters to people."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec

from console.words import choose, say, word
from daemon.wire import HistoryLine

_TOLD = (
    "again",
    "made_at",
    "reason",
    "verdict",
    "state",
    "until",
    "url",
    "scope",
    "clause",
    "rule",
    "why",
    "outcome",
    "old",
    "new",
    "how",
    "decided_by",
    "entered_by",
    "countersigned_by",
    "reference",
    "sheet",
    "on",
    "on_behalf",
    "under",
    "terminal",
    "note",
)
"""The details that are told, in this order. The others (hashes, numbers of releases) are for `kohoban audit export`."""

_PRIVATE = ("reason", "proof", "note", "old", "new")
"""Details whose text can be erased: what is left of it is its hash."""

_ON_PAPER = ("decided_by", "entered_by", "countersigned_by", "reference", "sheet", "on")
"""Details of a decision on paper or by a sheet, which are told with their names."""

_NAMED = ("on_behalf", "under", "terminal")
"""Details that are told with their names, too: for whom somebody decided (代決), which clause grants an exception, and at which designated
terminal it was done."""

WORDED = ("state", "verdict", "scope", "why", "outcome", "how")
"""Details that are one of a few, each with its word."""

DETAIL = 200
"""Characters of an entry's details that a line of a list shows."""

_DIGITS = 12
_TOKYO = ZoneInfo("Asia/Tokyo")


class _Poll(msgspec.Struct):
    options: tuple[str, ...]
    minutes: int


def matter_words(key: str, value: str) -> str:
    """A value of the front matter as people say it: the kind of act has its word, a poll its choices and how long it runs; everything
    else stands as it was written. Not made safe to show."""
    if key == "poll":
        return _poll_words(value)
    return word(key, value) if key in ("kind", "emergency") else value


def _poll_words(value: str) -> str:
    """`はい / いいえ（1440 分）` of a poll as it crosses the wire."""
    with suppress(msgspec.MsgspecError):
        poll = msgspec.json.decode(value.encode("utf-8", "replace"), type=_Poll)
        return say("tui", "record.poll", options=" / ".join(poll.options), minutes=f"{poll.minutes:,}")
    return value


def short_hash(digest: str) -> str:
    """The first digits of a hash: enough to tell two of them apart at sight. Whole ones are for programs (`--json`)."""
    return digest.removeprefix("sha256:")[:_DIGITS]


def act_word(act: str) -> str:
    """The act in the office's words; one that this console does not know stays as it was written. Not made safe to show."""
    return word("recorded", act)


def actor_words(actor: str) -> str:
    """Who it was: a login as it stands; where it was no person, what it was. Not made safe to show."""
    return word("actor", actor)


def detail_words(entry: HistoryLine) -> str:
    """What matters of the entry's details, in a line; details that are not the daemon's JSON as they are. Not made safe to show."""
    try:
        record = msgspec.json.decode(entry.detail.encode("utf-8", "replace"))
    except msgspec.DecodeError:
        return entry.detail
    detail = record.get("detail", record) if isinstance(record, dict) else {}
    if entry.act == "gate" and isinstance(detail, dict):
        return "  ".join(_gate_words(detail))
    if entry.act.startswith("follow_up") and isinstance(detail, dict):
        return "  ".join(_follow_up_words(detail))
    if isinstance(detail, dict) and detail.get("how") == "folder":
        detail = {**detail, "sheet": detail.get("reference"), "reference": None}
    if isinstance(detail, dict) and isinstance(detail.get("said"), str):  # what a channel says of a release, in both languages
        detail = {**detail, "note": choose(detail["said"], str(detail.get("detail", "")))}
    told = [(key, detail[key]) for key in _TOLD if isinstance(detail, dict) and detail.get(key) not in (None, "", [])]
    return "  ".join(filter(None, (_told(key, value) for key, value in told)))


def _told(key: str, value: object) -> str:
    if key == "until":
        return _moment(str(value))
    if key == "again":
        return say("tui", "record.again")
    if key == "made_at":
        return say("tui", "record.made_at", value=_moment(str(value)))
    if key in WORDED:
        return word(key, str(value)).strip()
    return say("tui", f"record.{key}", value=str(value)) if key in (*_ON_PAPER, *_NAMED) else _text(key, value)


def _moment(value: str) -> str:
    """`2026-11-24 17:15` in Japan; what is no moment stays as it was written."""
    with suppress(ValueError):
        at = datetime.fromisoformat(value)
        return f"{at if at.tzinfo is None else at.astimezone(_TOKYO):%Y-%m-%d %H:%M}"
    return value


def _text(key: str, value: object) -> str:
    """A detail as it was written; where its text has been erased, that."""
    return say("tui", "record.erased") if key in _PRIVATE and str(value).startswith("sha256:") else str(value)


def _gate_words(detail: dict[str, object]) -> Iterator[str]:
    """What the daemon saw the gate become. Its own reason is an English sentence, for the export."""
    for key in ("stopped", "opened"):
        scopes = detail.get(key)
        if isinstance(scopes, list) and scopes:
            yield say("tui", f"record.{key}", scopes=" ".join(word("scope", str(scope)) for scope in scopes))


def _follow_up_words(detail: dict[str, object]) -> Iterator[str]:
    """What was done after a stop: for which account, which thing, with which proof or reason."""
    yield str(detail.get("account", ""))
    yield word("follow", str(detail.get("kind", "")))
    yield from (_text(key, detail[key]) for key in ("proof", "reason") if detail.get(key))
