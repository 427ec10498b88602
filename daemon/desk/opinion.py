"""A file that has come, judged: what the writer needs of it, as plain values, because it may have been judged in another process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct

from daemon.desk.case import Setting, findings_json, item_json, judged_step, title_of
from daemon.desk.logins import login_of
from daemon.desk.states import State, move
from daemon.judge import Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.model import Operator, Rulebook
from daemon.rulebook.picture import Picture, seal

Place = tuple[str, bytes]
"""An account and the name of a file in its folder."""


@dataclass(frozen=True)
class Writers:
    """Who wrote what the office itself has copied: its author, whether that is proved, and who else may have written it. A copy is as
    little its writers' to approve as the original."""

    author: str
    verified: bool
    hands: tuple[str, ...]


@dataclass(frozen=True)
class Paper:
    """A settled file: its name, exact bytes and their hash, what reading made of it, whose file it is, and what tells it from other files.

    `uid` is the owner where that proves who wrote it, `owner` the owner in any case; `pictures` are its images, and `kept` the bytes of
    those that the store keeps. `copied` are the writers of what it is a copy of, where the office itself has made it.
    """

    account: str
    name: bytes
    data: bytes
    hash: str
    item: Item
    uid: int
    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int
    owner: int = -1
    pictures: tuple[Picture, ...] = ()
    kept: tuple[bytes, ...] = ()
    copied: Writers | None = None


class Opinion(Struct, frozen=True, array_like=True, gc=False):
    """A paper that has been judged, as the rows that the writer will write: plain values, for it may come from another process.

    `title`, `body`, `item` and `findings` are columns of the draft; `hash` is its seal, `digest` the hash of `data`, `policy_hash` that of
    the policy it was judged under; `clauses` are those of all findings, sorted. `hands` are who may have written it besides the author.
    """

    account: str
    name: bytes
    data: bytes
    hash: str
    encoding: str
    dev: int
    ino: int
    ctime_ns: int
    mtime_ns: int
    size: int
    state: State
    verdict: str
    title: str
    body: str
    item: bytes
    findings: bytes
    author: str
    author_verified: bool
    policy_hash: str
    clauses: list[str]
    digest: str
    pictures: tuple[Picture, ...]
    kept: tuple[bytes, ...]
    hands: tuple[str, ...]
    wanted_at: datetime | None

    @property
    def place(self) -> Place:
        """Where the file lies: account and name."""
        return self.account, self.name


def judge_paper(paper: Paper, setting: Setting) -> Opinion:
    """Judge a settled file against its account's policy. Pure but for the look-up of the file's owner. Raises KeyError for an account
    that the office does not have."""
    item = paper.item
    author, verified = author_of(item, paper.uid, setting.book)
    hands = hands_of(item, paper, setting.book, verified=verified)
    if paper.copied is not None:
        author, verified, hands = setting.book.operators.get(paper.copied.author), paper.copied.verified, paper.copied.hands
    account = setting.book.accounts[paper.account]
    policy = setting.book.policies[account.policy]
    situation = Situation(
        now=setting.now,
        account=account,
        author=author,
        author_verified=verified,
        hands=hands,
        recent=setting.recent(paper.account),
        spent=setting.spent(paper.account),
        stopped=setting.stopped(account),
    )
    judgement = judge(item, situation, setting.book)
    return Opinion(
        account=paper.account,
        name=paper.name,
        data=paper.data,
        hash=seal(paper.hash, paper.pictures),
        encoding=item.encoding,
        dev=paper.dev,
        ino=paper.ino,
        ctime_ns=paper.ctime_ns,
        mtime_ns=paper.mtime_ns,
        size=paper.size,
        state=move("received", judged_step(judgement, policy)),
        verdict=judgement.verdict,
        title=title_of(item.text),
        body=item.text,
        item=item_json(item),
        findings=findings_json(judgement.screened),
        author=author.login if author else item.author,
        author_verified=verified,
        policy_hash=policy.hash,
        clauses=sorted({finding.clause for finding in judgement.findings}),
        digest=paper.hash,
        pictures=paper.pictures,
        kept=paper.kept,
        hands=hands,
        wanted_at=item.release_at,
    )


def author_of(item: Item, uid: int, book: Rulebook) -> tuple[Operator | None, bool]:
    """Who wrote it: the file's owner where that login stands on the register (verified), else whom the front matter names."""
    owner = book.operators.get(login_of(uid))
    if owner is not None:
        return owner, True
    return book.operators.get(item.author), False


def hands_of(item: Item, paper: Paper, book: Rulebook, *, verified: bool) -> tuple[str, ...]:
    """Who may have written it besides its author, where that is not proved: the owner of a file with several links, whom a front matter
    cannot wash off."""
    owner = login_of(paper.owner) if paper.owner >= 0 and not verified else ""
    return (owner,) if owner in book.operators and owner != item.author else ()
