"""Special days of the office: closures (閉庁), extra openings (休日開庁), and hours that an account keeps more narrowly than its policy.

They stand in `rules.toml` (`[[closures]]`, `[[openings]]`, `[[hours]]`, for good) and in `state/overrides.toml` (made at the desk, with
author and expiry). They speak only to accounts whose policy has hours: silence (規定なし) is not filled in by a closure either.
"""

from __future__ import annotations

from datetime import date, time

from msgspec import Struct


class Special(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What closures and extra openings have in common. `accounts` are those concerned (empty: all whose policy has hours); `basis` is
    the clause under which it is done. `author` and `until` are set for an override: who made it, and the day from which it no longer
    counts; `id` names it."""

    reason: str
    accounts: tuple[str, ...] = ()
    basis: str = ""
    id: str = ""
    author: str = ""
    until: date | None = None

    def concerns(self, account: str, day: date) -> bool:
        """True where it speaks to this account and has not expired by this day."""
        return (not self.accounts or account in self.accounts) and (self.until is None or day < self.until)

    @property
    def words(self) -> tuple[str, str]:
        """Its reason in both languages; for an override with whose it is."""
        if not self.author:
            return self.reason, self.reason
        return f"{self.reason}（上書き {self.id}: {self.author}）", f"{self.reason} (override {self.id} by {self.author})"


class Closure(Special, frozen=True, kw_only=True, rename={"from_": "from"}):
    """`[[closures]]`: closed from the first to the last day, both included; one day where `to` is left out."""

    from_: date
    to: date | None = None

    @property
    def last(self) -> date:
        """The last closed day."""
        return self.to or self.from_


class Extra(Special, frozen=True, kw_only=True):
    """`[[openings]]`: open on that day from `open` to the end of the minute `close`, whatever day it is, besides the hours it has."""

    day: date
    open: time
    close: time


class Narrowed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[hours]]`: these accounts keep narrower hours than their policy, by `basis`, the clause that lets the office say so. Never wider:
    what lies outside the policy's own hours stays closed."""

    accounts: tuple[str, ...]
    open: time
    close: time
    basis: str
    reason: str = ""


class SpecialDays(Struct, frozen=True, kw_only=True):
    """All special days of one office; those of rules.toml before the overrides."""

    closures: tuple[Closure, ...] = ()
    extras: tuple[Extra, ...] = ()
    narrowed: tuple[Narrowed, ...] = ()

    def closure(self, day: date, account: str) -> Closure | None:
        """The closure that shuts this account on that day."""
        return next((c for c in self.closures if c.from_ <= day <= c.last and c.concerns(account, day)), None)

    def openings(self, day: date, account: str) -> tuple[Extra, ...]:
        """The extra openings of this account on that day. A closure is stronger: none where there is one."""
        if not self.extras or self.closure(day, account) is not None:
            return ()
        return tuple(each for each in self.extras if each.day == day and each.concerns(account, day))

    def span(self, account: str) -> Narrowed | None:
        """The narrower hours of this account, where it has any."""
        return next((each for each in self.narrowed if account in each.accounts), None)


ORDINARY = SpecialDays()
"""An office without special days."""
