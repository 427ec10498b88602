"""Duties (務め): what a policy wants done again and again, or before an account may begin; and the intervals, which are the office's own.

A clause names the duty and, as a rule, no interval. `[[duty]]` in a policy holds what the clause says; `[[duties]]` in `rules.toml` says
how often this office does it. Where `rules.toml` says nothing the policy file's `usual` interval counts, and is shown as the program's
suggestion, never as the clause's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Literal

from msgspec import Struct

Start = Literal["", "date", "text", "url", "document", "unit"]
"""In which form a thing has to be there before an account's first release: a day, words (a resolution's number), the address of a page, a
document (an address, or a file in the office's folder, which must exist), exactly one owning unit."""

OFFICE = "office"
"""The room of what no article names: `office/<id>`."""

REMIND_DAYS = 14
"""Days before its day from which a duty is reminded of, unless `rules.toml` says otherwise."""


class Every(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An interval, in months of the calendar or in days; both 0: none."""

    months: int = 0
    days: int = 0

    def __bool__(self) -> bool:
        return self.months > 0 or self.days > 0

    @property
    def words(self) -> tuple[str, str]:
        """「6か月ごと」 and its English twin."""
        if self.months:
            return f"{self.months} か月ごと", "every month" if self.months == 1 else f"every {self.months} months"
        return ("毎日", "every day") if self.days == 1 else (f"{self.days} 日ごと", f"every {self.days} days")


class Duty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One duty of a policy: which clause names it, what is to be done, and for what (`per`): every account, the policy, the office.

    `role` is the least role that may attest it. `every` is an interval that the clause itself names; `usual` one that is suggested where
    it names none. `start`: it has to be there, in this form, before an account's first release. `proof`: its attestation needs an
    address. `by`: who does it; what the program does itself (a drill, the canaries) is attested by nobody.
    """

    id: str
    clause: str
    title: str
    title_en: str
    how: str = ""
    how_en: str = ""
    per: Literal["account", "policy", "office"] = "account"
    role: Literal["clerk", "manager"] = "clerk"
    every: Every = Every()
    usual: Every = Every()
    start: Start = ""
    proof: bool = False
    by: Literal["person", "drill", "canaries", "credentials"] = "person"


class DutyInterval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[duties]]` of `rules.toml`: how often this office does a duty (`minato/password`), and how many days before it is reminded of it.
    `months = 0` with `days = 0` asks for none, which is possible only for what no article names."""

    duty: str
    months: int = 0
    days: int = 0
    remind_days: int = REMIND_DAYS

    @property
    def every(self) -> Every:
        """The interval."""
        return Every(months=self.months, days=self.days)


class OfficeDuties(Struct, frozen=True, kw_only=True):
    """What an office has to do as a whole (`own`), how often it does its duties as it wrote it in `rules.toml`, and the documents that
    an account's `founding` names and that are not in the office's folder."""

    own: tuple[Duty, ...] = ()
    intervals: tuple[DutyInterval, ...] = ()
    absent: frozenset[str] = frozenset()


NO_DUTIES = OfficeDuties()
"""An office that has written nothing of them."""


ROTATION = Duty(
    id="rotation",
    clause=f"{OFFICE}/rotation",
    title="媒体への認証情報（トークン）の取り替え",
    title_en="Replace the credentials (tokens) of the platform",
    how="kohoban secrets rotate アカウント の手順で取り替えます。取り替えると、ひとりでに済になります。値はどこにも書きません。",
    how_en="Follow kohoban secrets rotate ACCOUNT; replacing them attests it. Write the values nowhere.",
    role="manager",
    by="credentials",
)
"""What an account has to do whose channel needs credentials; its clause is the article that the mechanism `service.secrets` carries out."""

SECRETS = "service.secrets"


def full_id(policy_id: str, duty: Duty) -> str:
    """The name by which people mean a duty: `minato/password`; the office's own by its id alone."""
    return duty.id if duty.per == "office" else f"{policy_id}/{duty.id}"


def lacking_form(start: Start, value: object) -> tuple[str, str] | None:
    """Why this value of an account's `founding` is not in the form that the duty asks for, in both languages; None where it is. Whether a
    file is there is looked at elsewhere."""
    if start == "date":
        fits = isinstance(value, date) and not isinstance(value, datetime)
        return None if fits else ("日付（2026-04-01）で書いてください。", "write a date (2026-04-01).")
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        return "一行の文で書いてください。", "write a line of text."
    if start == "url" and not is_url(value):
        return "https:// で始まるアドレスで書いてください。", "write an address that begins with https://."
    if start == "document" and not is_url(value) and not is_inside(value):
        return (
            "https:// で始まるアドレスか、部署のフォルダの中のファイル（guidelines/x.md）で書いてください。",
            "write an address that begins with https://, or a file in the office's folder (guidelines/x.md).",
        )
    return None


def is_url(value: str) -> bool:
    """Whether this is the address of a page, as far as one can tell without going there."""
    scheme, found, rest = value.partition("://")
    return scheme in ("https", "http") and bool(found) and "." in rest.split("/")[0] and not any(c.isspace() for c in value)


def is_inside(value: str) -> bool:
    """Whether this names a file that cannot lie outside the office's folder."""
    return not value.startswith(("/", "~", "\\")) and ".." not in value.replace("\\", "/").split("/")


def one_unit(unit: str) -> bool:
    """Whether this is the name of exactly one unit."""
    return bool(unit.strip()) and not any(mark in unit for mark in "、，,・/／\n") and " 及び " not in unit


def documents(founding: Mapping[str, object], duties: Iterable[Duty]) -> Iterator[str]:
    """The files that an account's `founding` names as documents."""
    for duty in duties:
        value = founding.get(duty.id)
        if duty.start == "document" and isinstance(value, str) and not is_url(value) and is_inside(value):
            yield value
