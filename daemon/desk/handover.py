"""引継簿: what whoever comes next has to know of each account, as it stands at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from daemon.desk import attesting, board
from daemon.desk.case import Setting
from daemon.desk.dossier import span
from daemon.desk.reviews import listed
from daemon.desk.states import State
from daemon.refused import Refused
from daemon.rulebook.calendar import opening
from daemon.rulebook.model import Account
from daemon.store import Store, from_db
from daemon.wire.answers import QueueRow
from daemon.wire.duties import DutySeen
from daemon.wire.papers import AccountHandover, HandedOver, HandoverSeen, StandingException, StopSpan

HANDED_OVER: tuple[State, ...] = (
    "unknown",
    "releasing",
    "held",
    "waiting",
    "approved",
    "scheduled",
    "to_fix",
    "returned",
    "received",
)
"""The states of a draft that is handed over; what nobody may forget stands first."""
NEAR = timedelta(days=14)
"""Duties that fall due within this time are handed over."""
HANDED_MOST = 50
"""Drafts of one state and account that are listed; the count says how many there are."""


async def handover(store: Store, setting: Setting, account: str = "", alarms: Sequence[tuple[str, str]] = ()) -> HandoverSeen:
    """The handover of all accounts, or of one. Raises Refused for an account that the office does not have."""
    book = setting.book
    if account and account not in book.accounts:
        known = "、".join(sorted(book.accounts))
        raise Refused(
            "no_such",
            f"アカウント {account} はありません。あるのは: {known}",
            f"There is no account {account}. There are: {', '.join(sorted(book.accounts))}",
        )
    wanted = [each for each in book.accounts.values() if account in ("", each.id)]
    counts = await board.counts_by_account(store)
    open_ = await store.fetch("SELECT count(*) AS n FROM follow_ups WHERE state = 'open' AND ? IN ('', account)", (account,))
    return HandoverSeen(
        office=book.office.name,
        made=setting.now,
        accounts=tuple([await _of(store, each, counts.get(each.id, {}), setting) for each in wanted]),
        exceptions=await _exceptions(store, [each.id for each in wanted]),
        duties=tuple(duty for duty in await attesting.listed(store, setting) if _is_near(duty, account, setting)),
        reviews=tuple(r for r in await listed(store, setting, None) if account in ("", r.account)),
        stops=await _stops(store, wanted if account else ()),
        follow_ups=open_[0]["n"],
        alarms=tuple(ja for ja, _ in alarms),
        alarms_en=tuple(en for _, en in alarms),
    )


def _is_near(duty: DutySeen, account: str, setting: Setting) -> bool:
    """Whether a duty is one for whoever comes next: of this account or of none, and due soon or overdue."""
    if account and duty.account not in ("", account):
        return False
    return duty.overdue or (duty.due is not None and duty.due - setting.now <= NEAR)


async def _of(store: Store, account: Account, counts: dict[State, int], setting: Setting) -> AccountHandover:
    ids: list[int] = []
    for state in HANDED_OVER:
        if counts.get(state):
            rows = await store.fetch(
                "SELECT id FROM drafts WHERE account = ? AND state = ? ORDER BY changed_at LIMIT ?",
                (account.id, state, HANDED_MOST),
            )
            ids += [row["id"] for row in rows]
    items = await board.page(store, ids, setting) if ids else ()
    book = setting.book
    state_now = opening(book.policies[account.policy], setting.now, days=book.days, account=account)
    return AccountHandover(
        account=account.id,
        name=account.name,
        open=state_now.open,
        reason=state_now.reason,
        reason_en=state_now.reason_en,
        stopped=setting.stopped(account),
        next_open=state_now.next_open,
        next_close=state_now.next_close,
        counts={state: counts[state] for state in HANDED_OVER if counts.get(state)},
        items=tuple(_item(row) for row in items),
    )


def _item(row: QueueRow) -> HandedOver:
    return HandedOver(
        draft=row.id,
        title=row.title,
        path=row.path,
        state=row.state,
        since=row.since,
        release_at=row.release_at,
        waiting=row.waiting,
    )


async def _exceptions(store: Store, accounts: Sequence[str]) -> tuple[StandingException, ...]:
    """The exceptions that stand for the present revision of a draft in hand."""
    marks = ",".join("?" * len(accounts))
    rows = await store.fetch(
        "SELECT l.draft, l.rule, l.clause, l.login, l.reason, l.at, l.until FROM drafts d JOIN lifts l ON l.draft = d.id AND l.hash = d.hash "
        f"WHERE l.ended = 0 AND d.live = 1 AND d.account IN ({marks}) AND d.state IN ('waiting', 'approved', 'scheduled', 'held') "
        "ORDER BY l.at LIMIT 200",
        tuple(accounts),
    )
    return tuple(
        StandingException(
            draft=r["draft"],
            rule=r["rule"],
            clause=r["clause"],
            by=r["login"],
            reason=r["reason"],
            at=from_db(r["at"]),
            until=None if r["until"] is None else from_db(r["until"]),
        )
        for r in rows
    )


async def _stops(store: Store, wanted: Sequence[Account]) -> tuple[StopSpan, ...]:
    """The stops that stand; of one account those that concern it."""
    rows = await store.fetch(
        "SELECT scope, at, by, ended_at, ended_by, confirmed_by FROM stops WHERE ended_at IS NULL ORDER BY at"
    )
    scopes = {"all", "actions", *(account.id for account in wanted), *(account.platform for account in wanted)}
    return tuple(span(row) for row in rows if not wanted or row["scope"] in scopes)
