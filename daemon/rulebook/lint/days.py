"""What can be wrong with closures, extra openings and narrower hours: whom they are for, their days, and what they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from daemon.rulebook.days import Closure, Extra, Narrowed
from daemon.rulebook.model import Account, Hours, Problem
from daemon.rulebook.overrides import FILE
from daemon.rulebook.parse import OfficeFile, PolicyFile
from daemon.rulebook.shape import suggest

LONGEST = timedelta(days=366)
"""A closure longer than this is a slip of the pen: who closes for good takes the account out of rules.toml."""

_OF_OVERRIDES = ("id", "author", "until")

Said = tuple[str, str, str]
"""The key, and what is wrong with it in both languages."""


def check_days(file: OfficeFile, policies: Mapping[str, PolicyFile]) -> Iterator[Problem]:
    """All problems of the special days that `rules.toml` names."""
    look = DaysLint([account for _, account in file.accounts], policies)
    rows: list[tuple[str, int, Iterator[Said]]] = []
    rows += [("closures", index, look.closure(each)) for index, each in file.closures]
    rows += [("openings", index, look.extra(each)) for index, each in file.openings]
    rows += [("hours", index, look.narrowed(each)) for index, each in file.hours]
    for name, index, found in rows:
        for key, ja, en in found:
            yield file.source.problem(file.source.line(name, index, key), f"[[{name}]]: {ja}", f"[[{name}]]: {en}")
    for name, specials in (("closures", file.closures), ("openings", file.openings)):
        for index, special in specials:
            for key in _OF_OVERRIDES:
                if getattr(special, key):
                    yield file.source.problem(
                        file.source.line(name, index, key),
                        f"[[{name}]] に {key} は書けません。{FILE} のためのものです。",
                        f"[[{name}]] has no {key}: that belongs to {FILE}.",
                    )
    for index, extra in file.openings:
        if any(c.from_ <= extra.day <= c.last and _meet(c.accounts, extra.accounts) for _, c in file.closures):
            yield file.source.problem(
                file.source.line("openings", index),
                f"{extra.day} は [[closures]] でも閉じています。閉庁日のほうが優先します。",
                f"{extra.day} is closed by [[closures]] too, and the closure counts.",
                warning=True,
            )


def _meet(some: tuple[str, ...], others: tuple[str, ...]) -> bool:
    return not some or not others or not frozenset(some).isdisjoint(others)


class DaysLint:
    """Looks over special days with the accounts and policies of one office."""

    def __init__(self, accounts: Sequence[Account], policies: Mapping[str, PolicyFile]) -> None:
        self._accounts, self._policies = {each.id: each for each in accounts}, policies

    def closure(self, each: Closure) -> Iterator[Said]:
        """All problems of a closure."""
        if each.last < each.from_:
            yield "to", "to が from より前です。", "it ends before it begins."
        elif each.last - each.from_ > LONGEST:
            yield "to", "1年を超える閉庁は書けません。", "it is longer than a year."
        yield from self._common(each.accounts, each.reason, each.basis)

    def extra(self, each: Extra) -> Iterator[Said]:
        """All problems of an extra opening: it goes beyond what the policy says, so its basis is a clause of that policy."""
        if each.open > each.close:
            yield "close", "close が open より前です。", "it closes before it opens."
        yield from _to_the_minute(each.open, each.close)
        if not each.basis:
            yield (
                "basis",
                "臨時の開庁は要綱の時間を広げるので、basis に根拠の条文が要ります（例: saitama/4.ただし書）。",
                "an extra opening goes beyond the policy's hours: name the clause that allows it as basis (as in saitama/4.ただし書).",
            )
        yield from self._common(each.accounts, each.reason, each.basis)

    def narrowed(self, each: Narrowed) -> Iterator[Said]:
        """All problems of narrower hours."""
        if not each.accounts:
            yield "accounts", "accounts にアカウントを書いてください。", "name the accounts."
        if not each.basis:
            yield "basis", "basis に根拠の条文を書いてください。", "name the clause that lets the office say so as basis."
        if each.open >= each.close:
            yield "close", "close が open より後ではありません。", "it does not close after it opens."
        yield from _to_the_minute(each.open, each.close)
        for account in each.accounts:
            for rule in self._hours_of(account):
                if max(rule.open, each.open) > min(rule.close, each.close):
                    yield (
                        "open",
                        f"{account} の要綱の時間（{rule.open:%H:%M}〜{rule.close:%H:%M}）と重なりません。",
                        f"it has nothing in common with the policy's hours of {account}.",
                    )
        yield from self._common(each.accounts, each.reason or "-", each.basis)

    def _common(self, accounts: tuple[str, ...], reason: str, basis: str) -> Iterator[Said]:
        if not reason.strip():
            yield "reason", "理由（reason）が空です。", "its reason is empty."
        for account in accounts:
            if account not in self._accounts:
                near, near_en = suggest(account, tuple(self._accounts))
                yield "accounts", f"アカウント「{account}」はありません。{near}", f"there is no account '{account}'. {near_en}"
            elif not self._hours_of(account):
                yield (
                    "accounts",
                    f"{account} の要綱には運用時間の定めがなく、開庁・閉庁の日は効きません。出さないためには停止（kohoban stop --scope "
                    f"{account}）を使ってください。",
                    f"the policy of {account} has no hours, so closed and open days mean nothing there; to keep it silent, stop it "
                    f"(kohoban stop --scope {account}).",
                )
        yield from self._basis(accounts, basis)

    def _basis(self, accounts: tuple[str, ...], basis: str) -> Iterator[Said]:
        """A basis is a clause of every policy that it is for: what is meant for several is written for each."""
        if not basis:
            return
        meant = [
            account for account in (accounts or tuple(self._accounts)) if account in self._accounts and self._hours_of(account)
        ]
        for policy_id in dict.fromkeys(self._accounts[account].policy for account in meant):
            file = self._policies.get(policy_id)
            if file is not None and basis not in file.clause_ids:
                near, near_en = suggest(basis, tuple(file.clause_ids))
                yield (
                    "basis",
                    f"条文「{basis}」は要綱 {policy_id} にありません（accounts で絞ってください）。{near}",
                    f"policy {policy_id} has no clause '{basis}' (narrow it with accounts). {near_en}",
                )

    def _hours_of(self, account: str) -> list[Hours]:
        """The rules of hours that the account's policy has."""
        known = self._accounts.get(account)
        file = self._policies.get(known.policy) if known else None
        return [w.rule for w in file.rules if isinstance(w.rule, Hours)] if file else []


def _to_the_minute(*moments: object) -> Iterator[Said]:
    for moment in moments:
        if getattr(moment, "second", 0) or getattr(moment, "microsecond", 0) or getattr(moment, "tzinfo", None):
            yield "open", "時刻は分まで、日本時間で書いてください（09:00:00）。", "write times to the minute, without a zone."
            return
