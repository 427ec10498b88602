"""What every decision about a comment has in common: it is at hand, it is written down, and it has its entry in the record."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from daemon.moderation.claiming import free
from daemon.moderation.comment import Comment, in_hand, load
from daemon.moderation.platforms import WORDS
from daemon.moderation.setting import Setting
from daemon.refused import Refused, serves
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import Ground
from daemon.store import Tx
from daemon.wire.moderation import GuideMany, JudgeMany

MANY = 500
"""Comments that one decision may be about."""


def at_hand(tx: Tx, number: int, who: Operator, setting: Setting) -> tuple[Comment, Account]:
    """A comment that waits for a decision, and its account. Raises Refused."""
    comment = load(tx.db, number)
    account = setting.account(comment.account)
    serves(who, account)
    in_hand(comment)
    free(tx.db, number, who, setting)
    return comment, account


def together(act: JudgeMany | GuideMany) -> tuple[int, ...]:
    """The comments of one decision about several: no more and no others than the person was shown. Raises Refused."""
    numbers = tuple(dict.fromkeys(act.comments))
    if not numbers or len(numbers) != act.count:
        raise Refused(
            "stale",
            f"示された件数（{act.count}）と、選ばれた件数（{len(numbers)}）が違います。選び直してください。",
            f"{act.count} were shown and {len(numbers)} chosen: choose again.",
        )
    if len(numbers) > MANY:
        raise Refused("busy", f"一度に {MANY} 件までです。", f"At most {MANY} at once.")
    if not act.condition.strip():
        raise Refused("missing", "どう選んだか（条件）が要ります。", "How they were chosen has to be said.")
    return numbers


def say(
    tx: Tx,
    comment: Comment,
    kind: str,
    who: Operator,
    ground: Ground | None,
    actions: Sequence[str],
    reason: str,
    setting: Setting,
    *,
    to: str = "",
) -> int:
    """Write down what somebody said of a comment; returns its number."""
    cursor = tx.db.execute(
        "INSERT INTO comment_says (comment, kind, clause, cite, words, actions, reason, login, titles, to_login, at, policy_hash) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            comment.id,
            kind,
            ground.id if ground else "",
            ground.cite if ground else "",
            ground.text if ground else "",
            msgspec.json.encode(list(actions)),
            reason.strip(),
            who.login,
            msgspec.json.encode(who.titles),
            to,
            tx.now,
            setting.book.policies[setting.account(comment.account).policy].hash,
        ),
    )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def note(
    tx: Tx,
    who: Operator,
    act: str,
    comment: Comment,
    ground: Ground | None,
    actions: Sequence[str],
    reason: str,
    setting: Setting,
    **more: object,
) -> str:
    """The entry of the record: by the comment's number and hash."""
    policy = setting.book.policies[setting.account(comment.account).policy]
    detail: dict[str, object] = {
        "comment": comment.id,
        "evidence": comment.evidence,
        "account": comment.account,
        "clause": ground.id if ground else "",
        "words": ground.text if ground else "",
        "actions": list(actions),
        "policy_hash": policy.hash,
        "edition": policy.edition,
        "reason": reason.strip(),
        **more,
    }
    return tx.record(who.login, act, None, **{key: value for key, value in detail.items() if value not in ("", [])})  # type: ignore[arg-type]


def words_for(ground: Ground | None, actions: Sequence[str]) -> tuple[str, str]:
    """A decision in words, in both languages."""
    if ground is None:
        return "措置なし", "no measure"
    if not actions:
        return f"{ground.cite}に該当（措置はしない）", f"{ground.cite}, without a measure"
    return (
        f"{ground.cite}に該当、{'・'.join(WORDS[each][0] for each in actions)}",
        f"{ground.cite}: {', '.join(WORDS[each][1] for each in actions)}",
    )
