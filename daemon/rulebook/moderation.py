"""What an office writes in `rules.toml` of citizens' comments: terms and brakes, election periods, powers for which it has a basis of its own.

No policy of the four names a period, a limit or an interval of these kinds: they are the office's, and shown as that.
"""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

Action = Literal["hide", "delete", "block", "mute", "report"]
"""What may be done about a citizen's comment or account, as the policies write it: 非表示, 削除, ブロック, ミュート, 媒体への通報."""


class Moderation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[moderation]`: the terms for comments and the brakes on what is done about them."""

    keep_days: int = 90
    """Days after the last decision about a comment for which its text is kept: time to answer its author. Then it is erased; the hash and
    the decision stay."""
    open_days: int = 30
    """Days after which a comment that nobody has decided about is erased, too."""
    daily_limit: int = 20
    """Measures that one account may begin in one day (Japan); more of them are refused until the next."""
    review_months: int = 6
    """An entry of the block list is looked at again after so many months."""
    repeat_minutes: int = 10
    """The window in which one author's comments with findings are noticed as repeats, in memory only …"""
    repeats: int = 5
    """… from so many on; 0: never. Under a policy that forbids watching citizens they never are."""


class Election(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """`[[elections]]`: from the first to the last day (both included, Japan) political grounds get more attention. `accounts` narrows it;
    empty: all."""

    name: str
    from_: date
    until: date
    accounts: tuple[str, ...] = ()

    def is_on(self, account: str, day: date) -> bool:
        """Whether it is on for this account on this day."""
        return self.from_ <= day <= self.until and (not self.accounts or account in self.accounts)


class OwnGround(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A ground that the office's own regulation (運用要領) names, in its words."""

    id: str
    text: str
    catch_all: bool = False


class OwnPowers(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`[[comment_powers]]`: what a regulation of the office's own (`basis`, 運用要領 第○条) empowers it to do about comments under a policy
    that says nothing of them (港区). `judge` are the titles that decide; `accounts` narrows it; empty: all of the policy."""

    policy: str
    basis: str
    actions: tuple[Action, ...]
    judge: tuple[str, ...]
    grounds: tuple[OwnGround, ...]
    accounts: tuple[str, ...] = ()
    must: bool = False
    reason: bool = True


class OfficeModeration(Struct, frozen=True, kw_only=True):
    """All of it together, as it is in force."""

    terms: Moderation = Moderation()
    elections: tuple[Election, ...] = ()
    powers: tuple[OwnPowers, ...] = ()


NO_MODERATION = OfficeModeration()
