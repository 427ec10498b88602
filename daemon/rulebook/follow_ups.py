"""What follows a stop on the platform itself (さいたま 11): the check-list of one account, with its prepared words and its clause.

The policy's own article asks for it where the policy has one; elsewhere it is the office's rule `office/follow_up`, with its basis. What
the office wrote (`[[follow_ups]]` in rules.toml) takes the place of the program's words for that kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from msgspec import Struct

from daemon.rulebook.model import Account, ChannelName, FollowUp, FollowUpKind, Rulebook

OFFICE_CLAUSE = "office/follow_up"
"""What is cited where no article of the policy asks for it."""

KINDS: tuple[FollowUpKind, ...] = get_args(FollowUpKind)

PLACES = ("account", "handle", "unit")
"""The places of a prepared text that an account fills: its name, its handle, the unit that owns it."""

CHANNEL_CAN: Mapping[ChannelName, frozenset[FollowUpKind]] = {}
"""What each channel can carry out by itself after a stop. None of them changes profiles (X's API has no such operation), and which posts
were wrong a person says: all of it is a person's task."""

DEFAULTS: Mapping[FollowUpKind, FollowUp] = {
    each.kind: each
    for each in (
        FollowUp(
            id="profile",
            kind="profile",
            title="プロフィールを、利用中止中と分かるものに変える",
            title_en="Change the profile so that it says that the account is not in use",
            text="現在、このアカウントの利用を中止しています。お知らせは、公式ホームページをご覧ください。",
        ),
        FollowUp(
            id="name",
            kind="name",
            title="表示名を、利用中止中と分かるものに変える",
            title_en="Change the display name so that it says that the account is not in use",
            text="{account}（利用中止中）",
        ),
        FollowUp(
            id="notice",
            kind="notice",
            title="固定のお知らせを、利用中止の案内に差し替える",
            title_en="Put up a pinned notice that the account is not in use",
            text="【お知らせ】{account}は、都合により現在このアカウントの利用を中止しています。中止の間、新しい投稿はありません。",
        ),
        FollowUp(
            id="posts",
            kind="posts",
            title="不都合のあった投稿を消す（どれを消したかを証拠に書く）",
            title_en="Delete the posts that were wrong (say which ones in the proof)",
        ),
        FollowUp(
            id="account",
            kind="account",
            title="アカウントそのものを削除する（取り消せません。二人で）",
            title_en="Delete the account itself (cannot be undone: two people)",
        ),
    )
}
"""The program's own words, by kind, for an office that wrote none."""


class ToDo(Struct, frozen=True, kw_only=True):
    """One line of an account's check-list, its text filled in. `clause` asks for it; where that is `office/follow_up`, `basis` is the clause
    that lets the office do it (empty: 根拠規定なし)."""

    id: str
    kind: FollowUpKind
    title: str
    title_en: str
    text: str
    clause: str
    basis: str


def check_list(book: Rulebook, account: Account) -> tuple[ToDo, ...]:
    """What has to be done for this account after a stop, in the order of さいたま 11; within a kind, as the office wrote it."""
    policy = book.policies[account.policy]
    wrote = [each for each in book.follow_ups if _meant_for(each, account)]
    found = []
    for kind in KINDS:
        for each in [one for one in wrote if one.kind == kind] or [DEFAULTS[kind]]:
            clause = policy.follow_up or OFFICE_CLAUSE
            found.append(
                ToDo(
                    id=each.id,
                    kind=kind,
                    title=each.title,
                    title_en=each.title_en or DEFAULTS[kind].title_en,
                    text=_filled(each.text, account),
                    clause=clause,
                    basis="" if policy.follow_up else each.basis or policy.basis,
                )
            )
    return tuple(found)


def carried_out_by(
    kind: FollowUpKind, channel: ChannelName, can: Mapping[ChannelName, frozenset[FollowUpKind]] = CHANNEL_CAN
) -> Literal["machine", "person"]:
    """Who does it: the channel, where it says that it can, else a person. Deleting an account stays with people whatever it says."""
    return "machine" if kind in can.get(channel, frozenset()) and kind != "account" else "person"


def _meant_for(each: FollowUp, account: Account) -> bool:
    return account.policy in (each.policies or (account.policy,)) and account.id in (each.accounts or (account.id,))


def _filled(text: str, account: Account) -> str:
    for place, value in zip(PLACES, (account.name, account.handle.removeprefix("@"), account.unit), strict=True):
        text = text.replace("{" + place + "}", value)
    return text
