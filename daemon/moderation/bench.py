"""What the bench shows: frozen lists, rows as they stand now, one comment in full, what waits at each account."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable

import msgspec

from daemon.moderation import blocks, reactions
from daemon.moderation.brakes import begun_today
from daemon.moderation.claiming import standing
from daemon.moderation.comment import COLUMNS, IN_HAND, STATES, Comment, Evidence, load, of, words_of
from daemon.moderation.erasing import erase_on
from daemon.moderation.here import Here
from daemon.moderation.judges import judges
from daemon.moderation.keeping import UNDER_WAY
from daemon.moderation.machine import post_of, taker
from daemon.moderation.measures import seen as measure_seen
from daemon.moderation.platforms import is_own, means
from daemon.moderation.setting import Setting
from daemon.refused import Refused
from daemon.rulebook.channels import price
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import election_on, grounds_of, no_power, powers_of
from daemon.rulebook.verdict import Finding
from daemon.store import from_db
from daemon.wire.bench import (
    AccountBench,
    BenchTally,
    CommentDetail,
    CommentRow,
    GroundSeen,
    ImportSeen,
    MeansSeen,
    MeasureSeen,
    OpenBench,
    Said,
)
from daemon.wire.seen import FindingSeen

PAGE_MOST = 500
_HEAD = 80
_DONE_MOST = 200
URGENT = ("emergency", "help", "crime")
"""The kinds of guidance that cannot wait behind anything else: a question can."""
DECIDED_MOST = 10_000
"""Of the comments of an account that are decided, so many in each state are listed and searched, the newest."""
_strings: msgspec.json.Decoder[tuple[str, ...]] = msgspec.json.Decoder(tuple[str, ...])
_problems: msgspec.json.Decoder[tuple[tuple[int, str, str], ...]] = msgspec.json.Decoder(tuple[tuple[int, str, str], ...])


def view(db: sqlite3.Connection, query: OpenBench, setting: Setting, who: Operator, *, after: int = 0) -> array[int]:
    """The numbers of the comments that meet these conditions, in the order of the bench: calls for help, what an election draws attention to,
    questions, `act` before `look`, then the oldest first. `after`: only those that came after that one."""
    served = [account.id for account in setting.book.accounts.values() if account.policy in who.policies]
    accounts = [each for each in (query.accounts or served) if each in served]
    states = [each for each in query.states if each in STATES]
    if not accounts or not states:
        return array("q")
    political = _political(accounts, setting)
    found = []
    wanted = query.text.casefold().strip()
    more = ", findings" * bool(query.clause or political) + ", evidence, tag, handle" * bool(wanted)
    for row in (row for account in accounts for state in states for row in _of_state(db, account, state, more, after)):
        clauses = _clauses(row["findings"]) if (query.clause or political) else ()
        if query.clause and not any(query.clause in (each, each.partition("/")[2]) for each in clauses):
            continue
        if query.guidance is not None and bool(row["guidance"]) is not query.guidance:
            continue
        if query.kind and row["guidance"] != query.kind:
            continue
        if query.mine:
            claim = standing(db, row["id"], setting)
            if claim is None or claim.login != who.login:
                continue
        if wanted and not _says(db, row, wanted):
            continue
        attention = not political.get(row["account"], frozenset()).isdisjoint(clauses)
        found.append((row["guidance"] not in URGENT, not attention, row["guidance"] == "", row["verdict"] != "act", row["id"]))
    found.sort()
    return array("q", [each[-1] for each in found])


def newest(db: sqlite3.Connection) -> int:
    """The number of the comment that came last; 0 where there is none."""
    (last,) = db.execute("SELECT coalesce(max(id), 0) FROM comments").fetchone()
    return int(last)


def _of_state(db: sqlite3.Connection, account: str, state: str, more: str, after: int) -> Iterable[sqlite3.Row]:
    """The comments of one account in one state: all that wait, and the last of those that are decided."""
    most = -1 if state in IN_HAND else DECIDED_MOST
    return db.execute(
        f"SELECT id, account, verdict, guidance{more} FROM comments WHERE account = ? AND state = ? AND id > ? ORDER BY id DESC LIMIT ?",
        (account, state, after, most),
    )


def condition(query: OpenBench, setting: Setting) -> tuple[str, str]:
    """The conditions of a list in words, for whoever decides about all of it and for the record."""
    ja, en = [], []
    if query.accounts:
        ja.append(f"アカウント {'・'.join(query.accounts)}")
        en.append(f"accounts {', '.join(query.accounts)}")
    ja.append("・".join(STATES[each][0] for each in query.states if each in STATES))
    en.append(", ".join(STATES[each][1] for each in query.states if each in STATES))
    if query.clause:
        ja.append(f"号 {query.clause}")
        en.append(f"ground {query.clause}")
    if query.guidance is not None:
        ja.append("案内の印あり" if query.guidance else "案内の印なし")
        en.append("with guidance" if query.guidance else "without guidance")
    if query.kind:
        guide = setting.book.guidance.get(query.kind)
        ja.append(f"案内: {guide.title if guide else query.kind}")
        en.append(f"guidance: {guide.title_en if guide else query.kind}")
    if query.text:
        ja.append(f"「{query.text}」を含む")
        en.append(f"with “{query.text}”")
    if query.mine:
        ja.append("自分が着手")
        en.append("claimed by me")
    if not set(query.states) <= set(IN_HAND):
        ja.append(f"判断済みは新しい {DECIDED_MOST:,} 件まで")
        en.append(f"of those decided the last {DECIDED_MOST:,}")
    return "、".join(ja), "; ".join(en)


def rows(db: sqlite3.Connection, ids: Iterable[int], setting: Setting, who: Operator) -> tuple[CommentRow, ...]:
    """These rows as they stand now, in this order."""
    numbers = list(ids)
    found = {row["id"]: of(row) for row in db.execute(f"SELECT {COLUMNS} FROM comments WHERE id IN ({_marks(numbers)})", numbers)}
    here = Here(setting, who)
    return tuple(_row(db, found[number], here) for number in numbers if number in found)


def detail(db: sqlite3.Connection, number: int, setting: Setting, who: Operator) -> CommentDetail:
    """One comment in full. Raises Refused where there is none, or where what is kept of it is damaged."""
    comment = load(db, number)
    account = setting.account(comment.account)
    looks(who, account)
    words = words_of(db, comment)
    powers = powers_of(account, setting.book)
    own = is_own(account, comment.conversation)
    powerless = no_power(account, setting.book) or ("", "")
    election = election_on(account, setting.book, setting.today)
    guide = setting.book.guidance.get(comment.guidance)
    file = db.execute("SELECT hash FROM comment_files WHERE id = ?", (comment.file,)).fetchone() if comment.file else None
    return CommentDetail(
        row=_row(db, comment, Here(setting, who), words),
        text=words.text if words else None,
        hash=comment.evidence,
        source=comment.source,
        conversation=comment.conversation,
        url=comment.url,
        author=comment.author,
        own=own,
        findings=tuple(_finding(each) for each in comment.findings),
        grounds=tuple(
            GroundSeen(
                id=each.id,
                cite=each.cite,
                text=each.text,
                note=each.note,
                catch_all=each.catch_all,
                suggested=each.id in comment.clauses,
                attention=each.political and bool(election),
            )
            for each in grounds_of(account, setting.book)
        ),
        means=tuple(_means(account, own, setting, comment)),
        judges=judges(account, setting, powers),
        said=_said(db, comment, setting),
        measures=measures_of(db, setting, who, comment=comment.id),
        alike=blocks.alike(db, account.id, comment.handle, comment.author) if powers else (),
        guidance=guide.text if guide else "",
        guidance_en=guide.text_en if guide else "",
        powerless=powerless[0],
        powerless_en=powerless[1],
        file=file["hash"] if file else "",
        marked_by=comment.marked_by,
        erase_on=erase_on(comment, setting.book),
        erased_at=comment.erased_at,
    )


def looks(who: Operator, account: Account) -> None:
    """Raises Refused (`role`) for somebody who has nothing to do with the account: what citizens wrote is for those who need it."""
    if account.policy not in who.policies:
        raise Refused(
            "role",
            f"{who.name}さんは、アカウント {account.name} の担当ではありません（rules.toml の policies）。",
            f"{who.login} does not serve the account {account.id} (policies in rules.toml).",
        )


def measures_of(
    db: sqlite3.Connection, setting: Setting, who: Operator, *, comment: int | None = None, account: str = "", done: bool = False
) -> tuple[MeasureSeen, ...]:
    """Measures: of one comment, or those of the accounts that this person serves which are open (`done`: and the last that are over)."""
    if comment is not None:
        found = db.execute("SELECT * FROM measures WHERE comment = ? ORDER BY id", (comment,)).fetchall()
        return tuple(measure_seen(row, setting, who) for row in found)
    served = [each.id for each in setting.book.accounts.values() if each.policy in who.policies and account in ("", each.id)]
    found = db.execute(
        f"SELECT * FROM measures WHERE account IN ({_marks(served)}) AND state IN ('due', 'taken') ORDER BY id", served
    ).fetchall()
    if done:
        over = db.execute(
            f"SELECT * FROM measures WHERE account IN ({_marks(served)}) AND state NOT IN ('due', 'taken') ORDER BY id DESC LIMIT ?",
            (*served, _DONE_MOST),
        ).fetchall()
        found = [*reversed(over), *found]
    return tuple(measure_seen(row, setting, who) for row in found)


def tally(db: sqlite3.Connection, setting: Setting) -> BenchTally:
    """What waits at each account."""
    waiting: dict[str, dict[str, int]] = {}
    for name in setting.book.accounts:
        for row in db.execute(
            f"SELECT state, count(*) AS n FROM comments WHERE account = ? AND state IN ({_marks(IN_HAND)}) GROUP BY state",
            (name, *IN_HAND),
        ):
            waiting.setdefault(name, {})[row["state"]] = row["n"]
    tasks: dict[str, dict[str, int]] = {}
    for row in db.execute(
        "SELECT account, state, count(*) AS n FROM measures WHERE state IN ('due', 'taken') GROUP BY account, state"
    ):
        tasks.setdefault(row["account"], {})[row["state"]] = row["n"]
    out = []
    for account in setting.book.accounts.values():
        ja, en = no_power(account, setting.book) or ("", "")
        out.append(
            AccountBench(
                account=account.id,
                states=waiting.get(account.id, {}),
                measures=tasks.get(account.id, {}),
                today=begun_today(db, account.id, setting),
                limit=setting.book.moderation.terms.daily_limit,
                powerless=ja,
                powerless_en=en,
                election=election_on(account, setting.book, setting.today),
            )
        )
    return BenchTally(accounts=tuple(out), reactions=reactions.listed(db))


def imports(db: sqlite3.Connection, digest: str) -> tuple[ImportSeen, ...]:
    """The exports that were read, the newest first."""
    found = db.execute("SELECT * FROM comment_files WHERE ? IN ('', hash) ORDER BY id DESC LIMIT 200", (digest,))
    return tuple(
        ImportSeen(
            account=row["account"],
            hash=row["hash"].removeprefix(UNDER_WAY),
            done=not row["hash"].startswith(UNDER_WAY),
            by=row["by"],
            at=from_db(row["at"]),
            lines=row["lines"],
            kept=row["kept"],
            clean=row["clean"],
            known=row["known"],
            broken=row["broken"],
            problems=_problems.decode(row["problems"]),
        )
        for row in found
    )


def _row(db: sqlite3.Connection, comment: Comment, here: Here, words: Evidence | None = None) -> CommentRow:
    setting = here.setting
    if words is None:
        body = db.execute("SELECT body FROM comment_evidence WHERE hash = ?", (comment.evidence,)).fetchone()
        words = msgspec.json.decode(body["body"], type=Evidence) if body else None
    claim = standing(db, comment.id, setting)
    cites = dict.fromkeys(each.cite for each in comment.findings if each.shadow is None)
    return CommentRow(
        id=comment.id,
        account=comment.account,
        state=comment.state,
        verdict=comment.verdict,
        words=" ".join(words.text.split())[:_HEAD] if words else "",
        handle=comment.handle,
        posted_at=comment.posted_at,
        arrived_at=comment.arrived_at,
        clauses=tuple(cites),
        guidance=comment.guidance,
        attention=here.attention(comment),
        tag=comment.tag,
        claimed_by=claim.login if claim else "",
        repeats=setting.repeats(comment.account, comment.author or comment.handle),
        can=here.can(comment),
    )


def _political(accounts: Iterable[str], setting: Setting) -> dict[str, frozenset[str]]:
    """The grounds to which an election that is on draws attention, by account."""
    found = {}
    for name in accounts:
        account = setting.book.accounts[name]
        if election_on(account, setting.book, setting.today):
            found[name] = frozenset(each.id for each in grounds_of(account, setting.book) if each.political)
    return found


def _means(account: Account, own: bool | None, setting: Setting, comment: Comment) -> Iterable[MeansSeen]:
    seen: set[str] = set()
    for power in powers_of(account, setting.book):
        for action in power.actions:
            if action in seen:
                continue
            seen.add(action)
            how = means(account.platform, action, own=own)
            channel = taker(account, how.really, post_of(comment.source, comment.url), comment.author)
            yield MeansSeen(
                action=action,
                really=how.really,
                by="channel" if channel else "person" if how.really else "nobody",
                clause=power.clause,
                cite=power.cite,
                what=how.what[0],
                what_en=how.what[1],
                must=power.must,
                reason=power.reason,
                final=how.final,
                cost=price(channel, how.really) if channel else 0,
            )


def _said(db: sqlite3.Connection, comment: Comment, setting: Setting) -> tuple[Said, ...]:
    found = db.execute("SELECT * FROM comment_says WHERE comment = ? ORDER BY id", (comment.id,))
    return tuple(
        Said(
            id=row["id"],
            kind=row["kind"],
            by=row["login"],
            by_name=setting.name(row["login"]),
            at=from_db(row["at"]),
            clause=row["clause"],
            cite=row["cite"],
            words=row["words"],
            actions=_strings.decode(row["actions"]),
            reason=row["reason"],
            to=row["to_login"],
            undone=row["undone_at"] is not None,
        )
        for row in found
    )


def _finding(finding: Finding) -> FindingSeen:
    return FindingSeen(
        clause=finding.clause,
        cite=finding.cite,
        text=finding.text,
        rule=finding.rule,
        verdict=finding.verdict,
        start=finding.start,
        end=finding.end,
        message=finding.message,
        message_en=finding.message_en,
    )


class _Cited(msgspec.Struct):
    clause: str
    shadow: str | None = None


_cited: msgspec.json.Decoder[list[_Cited]] = msgspec.json.Decoder(list[_Cited])


def _clauses(findings: bytes) -> frozenset[str]:
    return frozenset(each.clause for each in _cited.decode(findings) if each.shadow is None)


def _says(db: sqlite3.Connection, row: sqlite3.Row, wanted: str) -> bool:
    if wanted in row["tag"].casefold() or wanted.lstrip("@") in row["handle"].casefold():
        return True
    body = db.execute("SELECT body FROM comment_evidence WHERE hash = ?", (row["evidence"],)).fetchone()
    return body is not None and wanted in msgspec.json.decode(body["body"], type=Evidence).text.casefold()


def _marks(values: Iterable[object]) -> str:
    return ", ".join("?" for _ in values) or "NULL"
