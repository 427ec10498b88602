"""The record played again: what its entries say of every draft and every release, and nothing that they do not say."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from daemon.desk.states import ENDED
from daemon.rulebook.picture import Picture
from daemon.service.past import Told

_ENDED_AS = {"released": "released", "unknown": "unknown", "prevented": "approved", "failed": "held", "not_released": "held"}
"""The outcome of a release, and the state that it leaves a draft in."""


@dataclass(slots=True)
class Release:
    """A release as the record knows it."""

    id: int
    draft: int
    hash: str
    account: str
    epoch: int
    holder: str
    begun_at: int
    state: str = "begun"
    ended_at: int | None = None
    url: str = ""


class Revision(NamedTuple):
    """A revision as the record knows it: its number, seal and moment, the hash of the file's bytes, and its images as the entry names them
    (`hash size name`)."""

    n: int
    hash: str
    at: int
    digest: str
    pictures: tuple[str, ...] = ()

    @property
    def beside(self) -> tuple[Picture, ...]:
        """Its images. Where they lie now nobody knows: they are looked for again."""
        parts = (line.split(" ", 2) for line in self.pictures if line.count(" ") >= 2)
        return tuple(Picture(file, "" if digest == "-" else digest, int(size)) for digest, size, file in parts if size.isdigit())


@dataclass(slots=True)
class Past:
    """A draft as the record knows it. `named` and `returned` are the entries (number, field, what stands there) whose private texts
    are its file's name and the reason of its last return."""

    id: int
    account: str = ""
    author: str = ""
    verdict: str = ""
    state: str = "received"
    url: str = ""
    received_at: int = 0
    changed_at: int = 0
    revisions: list[Revision] = field(default_factory=list)
    named: tuple[int, str, str] | None = None
    returned: tuple[int, str, str] | None = None

    @property
    def hash(self) -> str:
        """The hash of its last revision."""
        return self.revisions[-1].hash if self.revisions else ""

    @property
    def over(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.state in ENDED


class Replay:
    """Fed with entries in their order: `drafts` and `releases` by number, `epoch` of the last resume, `erased` private fields."""

    def __init__(self) -> None:
        self.drafts: dict[int, Past] = {}
        self.releases: dict[int, Release] = {}
        self.erased: set[tuple[int, str]] = set()
        self.epoch = 0

    def feed(self, entry: Told) -> None:
        """What one entry changes."""
        detail = entry.detail
        self.epoch = max(self.epoch, _number(detail.get("epoch")))
        if entry.act == "erase":
            self.erased.add((_number(detail.get("entry")), str(detail.get("field"))))
        for state, acts in (("held", ("resume", "restore", "repair", "hold")), ("unknown", ("restore", "repair"))):
            if entry.act in acts and isinstance(detail.get(state), list):
                for draft in detail[state]:
                    if draft in self.drafts:
                        self.drafts[draft].state = state
        if entry.draft is not None:
            self._of_draft(entry, self.drafts.setdefault(entry.draft, Past(entry.draft)))

    def _of_draft(self, entry: Told, draft: Past) -> None:
        detail = entry.detail
        draft.account = str(detail.get("account") or draft.account)
        draft.changed_at = entry.at
        draft.received_at = draft.received_at or entry.at
        match entry.act:
            case "receive" | "revise":
                draft.revisions.append(_revision(entry))
                draft.author, draft.state, draft.returned = str(detail.get("author", "")), "received", None
                draft.named = entry.seq, "name", str(detail.get("name", ""))
            case "rename":
                draft.named = entry.seq, "new", str(detail.get("new", ""))
            case "begin":
                draft.state = "releasing"
                release = _number(detail.get("release"))
                self.releases[release] = Release(
                    release,
                    draft.id,
                    str(detail.get("hash", "")),
                    draft.account,
                    _number(detail.get("epoch")),
                    entry.actor,
                    entry.at,
                )
            case "take":
                draft.state = "releasing"
                self._release(detail.get("release"), "leased")
            case "withdraw":
                draft.state = "withdrawn"
            case outcome if outcome in _ENDED_AS and "release" in detail:
                draft.state = _ENDED_AS[outcome]
                draft.url = str(detail.get("url") or "")
                self._release(detail["release"], outcome, entry.at, draft.url)
            case _:
                draft.state = str(detail.get("state") or draft.state)
        if entry.act == "return":
            draft.returned = entry.seq, "reason", str(detail.get("reason", ""))
        draft.verdict = str(detail.get("verdict") or draft.verdict)

    def _release(self, number: object, state: str, ended_at: int | None = None, url: str = "") -> None:
        if (release := self.releases.get(_number(number))) is not None:
            release.state, release.ended_at, release.url = state, ended_at, url


def _revision(entry: Told) -> Revision:
    detail = entry.detail
    sealed = str(detail.get("hash", ""))
    pictures = detail.get("pictures")
    named = tuple(map(str, pictures)) if isinstance(pictures, list) else ()
    return Revision(_number(detail.get("revision")), sealed, entry.at, str(detail.get("bytes") or sealed), named)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
