"""「なぜ私のコメントは消されたのか」: the facts of the one page that answers. The published clause in its own words, who judged and when, what the
policy calls it and what was really done. Nothing of the office's own notes: those are for the office to add."""

from __future__ import annotations

import sqlite3

import msgspec

from daemon.moderation import bench
from daemon.moderation.comment import load
from daemon.moderation.setting import Setting
from daemon.refused import Refused
from daemon.rulebook.model import Operator
from daemon.rulebook.powers import powers_of
from daemon.store import from_db
from daemon.wire.bench import WhySeen

_strings: msgspec.json.Decoder[tuple[str, ...]] = msgspec.json.Decoder(tuple[str, ...])


def page(db: sqlite3.Connection, number: int, setting: Setting, who: Operator) -> WhySeen:
    """Those facts. Raises Refused where nothing was decided about the comment."""
    comment = load(db, number)
    account = setting.account(comment.account)
    bench.looks(who, account)
    policy = setting.book.policies[account.policy]
    row = db.execute(
        "SELECT * FROM comment_says WHERE comment = ? AND kind IN ('judgement', 'left') ORDER BY id DESC LIMIT 1", (number,)
    ).fetchone()
    if row is None:
        raise Refused(
            "state",
            f"コメント {number} については、まだ何も判断していません。",
            f"Nothing has been decided about comment {number} yet.",
        )
    actions = _strings.decode(row["actions"])
    power = next((each for each in powers_of(account, setting.book) if set(each.actions) & set(actions)), None)
    titles = _strings.decode(row["titles"])
    return WhySeen(
        comment=number,
        municipality=policy.municipality,
        account=account.name,
        handle=account.handle,
        platform=account.platform,
        policy=policy.title,
        policy_url=account.policy_url,
        version=policy.version.cite,
        posted_at=comment.posted_at,
        judged_at=from_db(row["at"]),
        judge="・".join(titles) or account.unit,
        cite=row["cite"],
        words=row["words"],
        power_cite=power.cite if power else "",
        power=power.text if power else "",
        measures=bench.measures_of(db, setting, who, comment=number),
        contact=account.contact,
        undone=row["undone_at"] is not None,
    )
