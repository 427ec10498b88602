"""What waits for one person's decision, and what they have to see before they make it."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable

from daemon.desk import board
from daemon.desk.case import Case, Setting
from daemon.desk.possible import awaits, liftable
from daemon.desk.sheets import barred
from daemon.desk.waiting_for import line_of, why_not_yet
from daemon.judge import cost_of
from daemon.rulebook.item import Image, Item
from daemon.rulebook.model import Operator, Way
from daemon.store import Store
from daemon.wire.deciding import Change, ForDecision, PaperEntry, Returned

MOST = 500
"""Drafts that are looked at for one person at a time: nobody decides more in a sitting, and the rest comes up afterwards."""

_ELSEWHERE = ("author", "images", "kind", "encoding", "release_at")
"""Keys of the front matter that are shown in a place of their own, or that nobody decides about."""

_SAME_BETWEEN = 2
"""Unchanged lines that stay on either side of a change, so that one sees where it is."""


async def waiting_for(store: Store, who: Operator, setting: Setting, way: Way) -> list[Case]:
    """The drafts that wait for this person's approval, in accounts that are decided in this way; the longest waiting first."""
    served = (each for each in setting.book.accounts.values() if way in each.decide and each.policy in who.policies)
    accounts = [each.id for each in served if way != "folder" or barred(who, each, setting) is None]
    if not accounts:
        return []
    marks = ",".join("?" * len(accounts))
    rows = await store.fetch(
        f"SELECT id FROM drafts WHERE state IN ('waiting', 'held') AND account IN ({marks}) ORDER BY changed_at, id LIMIT ?",
        (*accounts, MOST),
    )
    ids = [row["id"] for row in rows]
    there = {case.id: case for case in await board.cases(store, ids, setting)} if ids else {}
    return [case for draft in ids if (case := there.get(draft)) is not None and awaits(case, who, setting)]


async def last_return(store: Store, draft: int) -> Returned | None:
    """The last return of a draft, with the hash of the revision that was returned; None where there was none."""
    history = await board.history(store, draft, board.PAGE_MOST)
    entry = next((line for line in reversed(history) if line.act == "return"), None)
    if entry is None:
        return None
    detail = json.loads(entry.detail).get("detail", {})
    return Returned(at=entry.at, by=entry.actor, reason=str(detail.get("reason", "")), hash=str(detail.get("hash", "")))


def changes(before: str, after: str) -> tuple[Change, ...]:
    """What has become of a text, line by line; long stretches of unchanged lines are left out (a `same` line of `…`)."""
    old, new = before.splitlines(), after.splitlines()
    found: list[Change] = []
    matcher = difflib.SequenceMatcher(a=old, b=new, autojunk=False)
    for op, a, b, c, d in matcher.get_opcodes():
        if op == "equal":
            found += _same(old[a:b], first=a == 0, last=b == len(old))
        else:
            found += [Change("del", line) for line in old[a:b]]
            found += [Change("add", line) for line in new[c:d]]
    return tuple(found) if any(each.op != "same" for each in found) else ()


def _same(lines: list[str], *, first: bool, last: bool) -> Iterable[Change]:
    head = [] if first else lines[:_SAME_BETWEEN]
    tail = [] if last else lines[max(len(head), len(lines) - _SAME_BETWEEN) :]
    between = ["…"] if len(head) + len(tail) < len(lines) else []
    return [Change("same", line) for line in (*head, *between, *tail)]


def front_words(item: Item) -> dict[str, str]:
    """What the front matter says besides kind, author and images, as it can be read."""
    written = {key: value for key, value in board.front_matter(item).items() if key not in _ELSEWHERE}
    if item.poll is not None:
        written["poll"] = f"{' / '.join(item.poll.options)}（{item.poll.minutes} 分 minutes）"
    return written


def _image(image: Image) -> str:
    words = (image.alt, image.rights, image.consent)
    said = " / ".join(word for word in words if word)
    return f"{image.file}（{said}）" if said else image.file


def for_decision(
    case: Case,
    who: Operator | None,
    setting: Setting,
    *,
    returned: Returned | None,
    before: str | None,
    papers: tuple[PaperEntry, ...],
) -> ForDecision:
    """A draft as it is shown to somebody who decides. `before` is the text of the revision that was `returned`, where it is known."""
    judgement = case.judged(setting)
    policy, account = case.policy(setting.book), case.account
    author = setting.book.operators.get(case.author)
    asked = who is not None and awaits(case, who, setting)
    names = (setting.book.operators.get(each.login) for each in case.approvals)
    return ForDecision(
        draft=case.id,
        hash=case.hash,
        revision=case.revision,
        state=case.state,
        verdict=judgement.verdict,
        title=case.title,
        text=case.item.text,
        municipality=policy.municipality,
        policy=policy.title,
        account=account.id,
        name=account.name,
        platform=account.platform,
        handle=account.handle,
        irreversible=account.irreversible,
        author=f"{author.name}（{author.unit}）" if author else case.author,
        author_verified=case.author_verified,
        findings=tuple(board.seen(finding) for finding in judgement.findings),
        waiting=tuple(line_of(line, setting.book) for line in why_not_yet(case, judgement, setting)),
        images=tuple(map(_image, case.item.images)),
        kind=case.item.kind,
        front={key: value for key, value in front_words(case.item).items() if value},
        release_at=case.release_at or case.item.release_at,
        approved=tuple(each.name for each in names if each is not None),
        returned=returned,
        changes=changes(before, case.item.text) if before is not None else (),
        papers=papers,
        asked=asked,
        exceptions=liftable(case, judgement, who, setting) if who is not None and asked else (),
        stopped=setting.stopped(account),
        cost=cost_of(case.item, case.channel),
    )
