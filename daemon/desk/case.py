"""One draft on the desk (案件): its row, its revision, what has been decided about that revision, and its judgement now."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec.structs import replace

from daemon.desk.correcting import Linked, can_be_looked_up, original_of
from daemon.desk.paper_waits import entered, unsigned
from daemon.desk.states import ENDED, NotAllowed, State, Step, move
from daemon.judge import Approval, Declaration, InSet, Judgement, Lift, Recent, Situation, judge
from daemon.refused import Refused
from daemon.rulebook.calendar import Opening, opening
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, ChannelName, Hours, Operator, Policy, Rulebook
from daemon.rulebook.picture import Picture
from daemon.rulebook.verdict import Finding, Missing
from daemon.store import from_db, to_db
from daemon.wire.deciding import PaperEntry

_findings: msgspec.json.Decoder[tuple[Finding, ...]] = msgspec.json.Decoder(tuple[Finding, ...])
_item: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)
_pictures: msgspec.json.Decoder[tuple[Picture, ...]] = msgspec.json.Decoder(tuple[Picture, ...])
_titles: msgspec.json.Decoder[tuple[str, ...]] = msgspec.json.Decoder(tuple[str, ...])
_encode = msgspec.json.Encoder().encode

ROW = (
    "id, account, name, live, state, verdict, revision, hash, title, body, item, findings, author, author_verified, policy_hash, "
    "received_at, changed_at, release_at, url, returned, edited, bytes, pictures, hands, asked_at, ready_at"
)


@dataclass(frozen=True)
class Setting:
    """What the desk needs to know of the world at one moment: the rulebook in force, the time, the gate, recent releases.

    `stops` holds the scopes that are stopped: `all`, account ids, platforms. `lacks` is what an account has to have before its first release.
    """

    book: Rulebook
    now: datetime
    stops: frozenset[str]
    recent: Callable[[str], tuple[Recent, ...]]
    lacks: Callable[[Account], tuple[Missing, ...]] = lambda _: ()

    sets: Mapping[int, InSet] | None = None
    """The sets under way, by draft; None where they are not known."""
    links: Mapping[int, Linked] | None = None
    """The drafts that correct or delete others, and those others, by draft."""
    started: datetime | None = None
    """When this daemon began: a countdown begins anew with it."""
    spent: Callable[[str], int] = lambda _: 0
    """What an account has cost this month, in millionths of a US dollar."""

    def stopped(self, account: Account) -> bool:
        """True where a stop covers this account."""
        return not self.stops.isdisjoint(("all", account.id, account.platform))


class Case(msgspec.Struct, frozen=True):
    """One draft as it stands. Frozen: every step makes a new one, and `save` writes it."""

    id: int
    account: Account
    name: bytes
    state: State
    verdict: str
    revision: int
    hash: str
    title: str
    item: Item
    screened: tuple[Finding, ...]
    author: str
    author_verified: bool
    policy_hash: str
    received_at: datetime
    changed_at: datetime
    release_at: datetime | None
    url: str
    returned: str
    approvals: tuple[Approval, ...] = ()
    lifts: tuple[Lift, ...] = ()
    declaration: Declaration | None = None
    papers: tuple[PaperEntry, ...] = ()
    """Decisions on paper that have been entered and wait for their countersignature."""
    edited: bool = False
    """A newer file lies in its place while its release is in flight."""
    digest: str = ""
    """The hash of the file's own bytes; `hash` is the seal over them and the images."""
    pictures: tuple[Picture, ...] = ()
    hands: tuple[str, ...] = ()
    """Who may have written it besides the author, where that is not proved."""
    asked_at: datetime | None = None
    """Since when approval is asked for: the arrival of the revision, or a reopening."""
    ready_at: datetime | None = None
    """Since when it could go out; None while it cannot."""
    recorded: bool | None = None
    """Of a correction or deletion: whether the post that it names is one of its account's that is out. None for anything else, and where
    that cannot be told."""

    @property
    def channel(self) -> ChannelName:
        """How it goes out: by the account's channel, or by a person's hand where no channel does such a thing."""
        return self.account.channel_for(self.item)

    def policy(self, book: Rulebook) -> Policy:
        """The policy that this draft's account follows."""
        return book.policies[self.account.policy]

    def situation(self, setting: Setting) -> Situation:
        """The plain values that a judgement of this draft needs now."""
        return Situation(
            now=setting.now,
            account=self.account,
            author=setting.book.operators.get(self.author),
            author_verified=self.author_verified,
            hands=self.hands,
            approvals=self.approvals,
            lifts=self.lifts,
            declaration=self.declaration,
            # What this very draft has sent out is no repetition of it.
            recent=tuple(each for each in setting.recent(self.account.id) if each.draft != self.id),
            stopped=setting.stopped(self.account),
            begins_at=self.begins_at(setting),
            lacks=(*setting.lacks(self.account), *map(unsigned, self.papers)),
            spent=setting.spent(self.account.id),
            in_set=setting.sets.get(self.id) if setting.sets is not None else None,
            sets_known=setting.sets is not None,
            recorded=self.recorded,
        )

    def begins_at(self, setting: Setting) -> datetime | None:
        """The moment before which the release of an approved draft does not begin, while that lies ahead: the countdown of what cannot be
        taken back (anew after a start of the daemon), or the time in which the last decision can be (取消), which the machine waits for; in
        an emergency it does not."""
        if self.state != "approved":
            return None
        office, since = setting.book.office, self.ready_at or self.changed_at
        if self.account.final:
            at = max(since, setting.started or since) + timedelta(seconds=office.countdown_seconds)
        elif self.channel == "manual" or self.item.emergency:
            return None
        else:
            at = since + timedelta(seconds=office.undo_seconds)
        return at if at > setting.now else None

    def judged(self, setting: Setting) -> Judgement:
        """The judgement of this revision now; the text is screened again only when the policy has changed since."""
        known = self.screened if self.policy_hash == self.policy(setting.book).hash else None
        return judge(self.item, self.situation(setting), setting.book, screened=known)

    def step(self, step: Step) -> Case:
        """The draft one step on. Raises Refused where the table of moves has no such step."""
        try:
            return replace(self, state=move(self.state, step))
        except NotAllowed:
            raise refuse_state(self) from None

    def settled(self, judgement: Judgement, setting: Setting) -> Case:
        """The draft in the state that the judgement puts it in, with the verdict and the policy that were applied."""
        policy = self.policy(setting.book)
        judged = replace(self, verdict=judgement.verdict, screened=judgement.screened, policy_hash=policy.hash)
        return judged.step(judged_step(judgement, policy))


def judged_step(judgement: Judgement, policy: Policy) -> Step:
    """What a judgement does to a draft that nobody holds back."""
    if any(line.act == "edit" for line in judgement.missing):
        return "judge_block"
    if any(waits_for_a_person(line, policy) for line in judgement.missing):
        return "judge_wait"
    return "judge_clear"


def waits_for_a_person(line: Missing, policy: Policy) -> bool:
    """True for a line that a decision settles (an approval, an exception); closed hours pass by themselves."""
    if line.act in ("approve", "countersign"):
        return True
    return line.act == "except" and line.rule not in hours_rules(policy)


def hours_rules(policy: Policy) -> frozenset[str]:
    """The ids of this policy's hours rules."""
    return frozenset(rule.id for rule in policy.rules if isinstance(rule, Hours))


def opening_of(case: Case, setting: Setting, at: datetime) -> Opening:
    """The hours of this draft at a moment: those of its account, topic and kind, with the office's special days."""
    return opening(
        case.policy(setting.book),
        at,
        days=setting.book.days,
        account=case.account,
        topic=case.item.topic,
        kind=case.item.kind,
    )


def refuse_state(case: Case) -> Refused:
    """The refusal for a step that this draft's state does not allow."""
    from daemon.desk.states import WORDS

    ja, en = WORDS[case.state]
    return Refused(
        "state",
        f"この下書きは今「{ja}」のため、その操作はできません。画面を更新して状態を確かめてください。",
        f"This draft is now “{en}”, and that cannot be done to it. Refresh and look at its state.",
    )


def title_of(text: str, limit: int = 60) -> str:
    """The first line of a text that says something, cut to `limit` characters."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first[:limit]


def item_json(item: Item) -> bytes:
    """An item without its text, as stored."""
    return _encode(replace(item, text=""))


def findings_json(findings: Iterable[Finding]) -> bytes:
    """Findings as stored, and as they cross the wire."""
    return _encode(tuple(findings))


def findings_of(row: Mapping[str, Any] | sqlite3.Row) -> tuple[Finding, ...]:
    """The findings in a row of `drafts`, as they were last judged."""
    return tuple(map(_with_basis, _findings.decode(row["findings"])))


def _with_basis(finding: Finding) -> Finding:
    """A finding that was stored before it carried its basis apart has it in its citation: `office/burst（根拠 第9条）`."""
    before = f"{finding.clause}（根拠 "
    if finding.basis or not finding.cite.startswith(before):
        return finding
    return replace(finding, basis=finding.cite.removeprefix(before).removesuffix("）"))


def item_of(row: Mapping[str, Any] | sqlite3.Row) -> Item:
    """The item in a row of `drafts` (its text is the column `body`)."""
    return replace(_item.decode(row["item"]), text=row["body"])


def decided(rows: Iterable[Mapping[str, Any] | sqlite3.Row]) -> tuple[Approval, ...]:
    """Approvals from their rows."""
    return tuple(
        Approval(
            login=r["login"],
            titles=_titles.decode(r["titles"]),
            at=from_db(r["at"]),
            how=r["how"],
            entered_by=r["entered_by"],
            reference=r["reference"],
            deputy=r["deputy"],
            step=r["step"],
        )
        for r in rows
    )


def pictures_of(column: bytes) -> tuple[Picture, ...]:
    """The images in a column `pictures`. Raises msgspec.DecodeError where it is damaged."""
    return _pictures.decode(column) if column else ()


def lifted(rows: Iterable[Mapping[str, Any] | sqlite3.Row]) -> tuple[Lift, ...]:
    """Exceptions from their rows."""
    return tuple(
        Lift(
            rule=r["rule"],
            login=r["login"],
            titles=_titles.decode(r["titles"]),
            reason=r["reason"],
            at=from_db(r["at"]),
            under=r["under"],
            until=None if r["until"] is None else from_db(r["until"]),
        )
        for r in rows
    )


def declared_in(rows: Iterable[Mapping[str, Any] | sqlite3.Row]) -> Declaration | None:
    """The declared emergency in a row, if there is one."""
    found = (Declaration(login=r["login"], at=from_db(r["at"]), reason=r["reason"], deputy=r["deputy"]) for r in rows)
    return next(found, None)


def case_of(
    row: sqlite3.Row,
    approvals: tuple[Approval, ...],
    lifts: tuple[Lift, ...],
    book: Rulebook,
    declaration: Declaration | None = None,
    papers: tuple[PaperEntry, ...] = (),
) -> Case | None:
    """The case in a row of `drafts` (columns `ROW`), or None when the office no longer has its account."""
    account = book.accounts.get(row["account"])
    if account is None:
        return None
    return Case(
        id=row["id"],
        account=account,
        name=row["name"],
        state=row["state"],
        verdict=row["verdict"],
        revision=row["revision"],
        hash=row["hash"],
        title=row["title"],
        item=item_of(row),
        screened=findings_of(row),
        author=row["author"],
        author_verified=bool(row["author_verified"]),
        policy_hash=row["policy_hash"],
        received_at=from_db(row["received_at"]),
        changed_at=from_db(row["changed_at"]),
        release_at=None if row["release_at"] is None else from_db(row["release_at"]),
        url=row["url"],
        returned=row["returned"],
        edited=bool(row["edited"]),
        digest=row["bytes"],
        pictures=pictures_of(row["pictures"]),
        hands=_titles.decode(row["hands"]) if row["hands"] else (),
        asked_at=from_db(row["asked_at"]),
        ready_at=None if row["ready_at"] is None else from_db(row["ready_at"]),
        approvals=approvals,
        lifts=lifts,
        declaration=declaration,
        papers=papers,
    )


def load(db: sqlite3.Connection, draft: int, book: Rulebook) -> Case:
    """The draft of that number, with what was decided about its present revision. Raises Refused where there is none."""
    row = db.execute(f"SELECT {ROW} FROM drafts WHERE id = ?", (draft,)).fetchone()
    if row is None:
        raise Refused("no_such", f"下書き {draft} はありません。", f"There is no draft {draft}.")
    decisions = (draft, row["hash"])
    case = case_of(
        row,
        decided(db.execute("SELECT * FROM approvals WHERE draft = ? AND hash = ? ORDER BY at", decisions)),
        lifted(db.execute("SELECT * FROM lifts WHERE draft = ? AND hash = ?", decisions)),
        book,
        declared_in(db.execute("SELECT * FROM declarations WHERE draft = ? AND hash = ?", decisions)),
        entered(db.execute("SELECT * FROM paper_entries WHERE draft = ? AND hash = ?", decisions)),
    )
    if case is None:
        raise Refused(
            "no_such",
            f"アカウント {row['account']} が rules.toml にありません。戻すか、この下書きを取り下げてください。",
            f"The account {row['account']} is no longer in rules.toml: put it back, or withdraw this draft.",
        )
    if not can_be_looked_up(case.item.kind, case.item.target):
        return case
    return replace(case, recorded=original_of(db, case.account.id, case.item.target, draft) is not None)


def save(db: sqlite3.Connection, case: Case, now: int) -> None:
    """Write what a step has changed."""
    live = case.state not in ENDED
    db.execute(
        "UPDATE drafts SET live = ?, ready_at = iif(? = 'approved', iif(state = 'approved', ready_at, ?), NULL), state = ?, "
        "verdict = ?, findings = ?, policy_hash = ?, changed_at = ?, release_at = ?, url = ?, returned = ? WHERE id = ?",
        (
            live,
            case.state,
            now,
            case.state,
            case.verdict,
            findings_json(case.screened),
            case.policy_hash,
            now,
            None if case.release_at is None else to_db(case.release_at),
            case.url,
            case.returned,
            case.id,
        ),
    )


def operator_of(book: Rulebook, login: str) -> Operator | None:
    """The person of that login on the register."""
    return book.operators.get(login)
