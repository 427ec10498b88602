"""What may be done about comments to one account, on which grounds, and who decides: by its policy, or by a basis of the office's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from daemon.rulebook.model import Account, Action, Clause, Policy, Powers, Rulebook, Unwatched
from daemon.rulebook.moderation import OwnPowers

NO_POWER = (
    "{title}には、コメントへの措置の定めがありません。根拠（運用要領 第○条など）を rules.toml の [[comment_powers]] に書くまで、措置はできません。",
    "{title} says nothing of measures about comments. There are none until a basis (a regulation of the office) stands in rules.toml as "
    "[[comment_powers]].",
)


class Ground(Struct, frozen=True, kw_only=True):
    """A ground of this account's own list. `catch_all` (その他…): no machine suggests it, and it wants free text and a named judge.
    `political`: elections draw attention to it."""

    id: str
    cite: str
    text: str
    note: str = ""
    catch_all: bool = False
    political: bool = False


class Power(Struct, frozen=True, kw_only=True):
    """Actions that one article gives. `must`: once recognised it has to be done; `reason`: only with a reason in writing."""

    clause: str
    cite: str
    text: str
    actions: tuple[Action, ...]
    judge: tuple[str, ...]
    """The titles that decide; `@approver` among them stands for whoever may approve the account's posts (運用管理責任者)."""
    must: bool = False
    reason: bool = False
    grounds: tuple[Ground, ...] = ()


def powers_of(account: Account, book: Rulebook) -> tuple[Power, ...]:
    """Every power about comments to this account, in the order of its policy's text; empty: none at all (港区)."""
    policy = book.policies[account.policy]
    own = (_own(each) for each in book.moderation.powers if _concerns(each, account))
    return (*_of_policy(policy, account), *own)


def grounds_of(account: Account, book: Rulebook) -> tuple[Ground, ...]:
    """This account's own list of grounds, in the order of the text."""
    found = {ground.id: ground for power in powers_of(account, book) for ground in power.grounds}
    return tuple(found.values())


def no_power(account: Account, book: Rulebook) -> tuple[str, str] | None:
    """Why there is nothing to be done about comments to this account, in both languages; None where there is."""
    if powers_of(account, book):
        return None
    title = book.policies[account.policy].title
    return NO_POWER[0].format(title=title), NO_POWER[1].format(title=title)


def election_on(account: Account, book: Rulebook, day: date) -> str:
    """The name of the election that is on for this account on this day; empty where none is."""
    return next((each.name for each in book.moderation.elections if each.is_on(account.id, day)), "")


def unwatched(account: Account, book: Rulebook) -> Unwatched | None:
    """The rule by which this account's policy forbids watching what citizens do (さいたま 8 (2)); None where it has none."""
    rules = book.policies[account.policy].rules
    return next((rule for rule in rules if isinstance(rule, Unwatched) and not rule.shadow), None)


def _of_policy(policy: Policy, account: Account) -> Iterator[Power]:
    for rule in policy.rules:
        if not isinstance(rule, Powers) or rule.shadow or not _when(rule, account):
            continue
        clause = policy.clauses[rule.clause]
        grounds = (rule.grounds and [policy.clauses[each] for each in rule.grounds if each in policy.clauses]) or [clause]
        yield Power(
            clause=clause.id,
            cite=clause.cite,
            text=rule.words or clause.text,
            actions=rule.actions,
            judge=rule.judge or policy.manager,
            must=rule.must,
            reason=rule.reason,
            grounds=tuple(_ground(each, rule) for each in grounds),
        )


def _ground(clause: Clause, rule: Powers) -> Ground:
    return Ground(
        id=clause.id,
        cite=clause.cite,
        text=clause.text,
        note=clause.note,
        catch_all=clause.never_suggested,
        political=clause.id in rule.elections,
    )


def _when(rule: Powers, account: Account) -> bool:
    when = rule.when
    return (not when.platforms or account.platform in when.platforms) and (not when.accounts or account.id in when.accounts)


def _concerns(own: OwnPowers, account: Account) -> bool:
    return own.policy == account.policy and (not own.accounts or account.id in own.accounts)


def _own(own: OwnPowers) -> Power:
    clause = f"office/comments:{own.basis}"
    return Power(
        clause=clause,
        cite=own.basis,
        text="",
        actions=own.actions,
        judge=own.judge,
        must=own.must,
        reason=own.reason,
        grounds=tuple(
            Ground(id=f"{clause}:{each.id}", cite=f"{own.basis} {each.id}", text=each.text, catch_all=each.catch_all)
            for each in own.grounds
        ),
    )
