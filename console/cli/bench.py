"""The bench that `check` judges on: which policy speaks, for which account, at which time. No daemon, no store."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from console.cli.editions import edition_at
from console.cli.outcome import WRONG, Failure
from console.cli.place import now, office_dir
from console.cli.promised import account_of, rulebook_of
from console.words import say
from daemon.judge import Judgement, On, Recent, Situation, judge, judge_comments
from daemon.rulebook.item import Item
from daemon.rulebook.load import bare_rulebook
from daemon.rulebook.model import Account, Operator, Policy, Rulebook
from daemon.rulebook.versions import wording_in_hand

if TYPE_CHECKING:
    from daemon.judge.explain import Explained


class Bench(NamedTuple):
    """One rulebook and one moment. With `account` all items are judged for it; without one, and without a `policy`, the account
    is the one whose folder under `drafts` holds the file."""

    book: Rulebook
    policy: Policy | None
    account: Account | None
    at: datetime
    content_only: bool = False
    on: On = "draft"
    drafts: Path | None = None
    dated: bool = False
    """The moment was named: then nothing is judged by a version that was not in force (条文なし)."""
    own_posts: tuple[str, ...] = ()
    """What the office said itself: a comment may be an altered copy of it."""

    @property
    def titles(self) -> Mapping[str, str] | None:
        """The English names of the office's posts; None where a policy alone is asked, for it has no people."""
        return self.book.office.titles_en if self.policy is None else None

    def judge(self, item: Item, place: Path | None = None) -> tuple[Policy, Judgement]:
        """The judgement of one item. `place` is the file it was read from. Raises Failure where no account can be told."""
        policy, situation = self._asked(item, place)
        return policy, judge(item, situation, self.book, policy=policy, on=self.on)

    def explain(self, item: Item, place: Path | None = None, rule: str = "") -> tuple[Policy, tuple[Explained, ...]]:
        """Why each rule, or this one, fired on the item or did not. Raises Failure where no account can be told."""
        from daemon.judge.explain import explain  # few ask

        policy, situation = self._asked(item, place)
        return policy, explain(item, situation, self.book, policy=policy, on=self.on, rule=rule)

    def _asked(self, item: Item, place: Path | None) -> tuple[Policy, Situation]:
        account = self.account or self._account_of(place)
        policy = self.policy or self.book.policy_of(self._known(account, place).id)
        # `--only content` asks what this wording says of a text alone, also of one that is older than the wording.
        if self.dated and not self.content_only and not wording_in_hand(policy, self.at.date()):
            return policy, Situation(now=self.at, account=account)
        if self.on == "comment":
            recent = tuple(Recent(text=post, at=self.at) for post in self.own_posts)
            return policy, Situation(content_only=True, account=account, recent=recent)
        if self.content_only:
            return policy, Situation(content_only=True, account=account)
        author, verified = self._author(item, place) if account else (None, False)
        return policy, Situation(now=self.at, account=account, author=author, author_verified=verified)

    def judge_comments(self, texts: Sequence[str]) -> tuple[Policy, list[Judgement]]:
        """The judgements of these comments, in order, and the policy that judged them. Raises Failure where no account can be told."""
        policy, situation = self._asked(Item(text=""), None)
        return policy, judge_comments(texts, situation, self.book, policy=policy)

    def has_rules(self) -> bool:
        """False where comments are asked about and the policy has no rule on any: then each of them passes unseen."""
        policy = self.policy or (self.book.policy_of(self.account.id) if self.account else None)
        return self.on == "draft" or policy is None or any(rule.on == "comment" for rule in policy.rules)

    def _known(self, account: Account | None, place: Path | None) -> Account:
        if account is None:
            raise Failure(
                WRONG, say("cli", "check.no_account", file=place or "-", accounts=", ".join(sorted(self.book.accounts)))
            )
        return account

    def _account_of(self, place: Path | None) -> Account | None:
        """The account whose folder under `drafts/` the file lies in."""
        if self.drafts is None or place is None:
            return None
        try:
            inside = Path(os.path.abspath(place)).relative_to(self.drafts)  # noqa: PTH100 - a link's own place counts, not its target
        except ValueError:
            return None
        return self.book.accounts.get(inside.parts[0]) if inside.parts else None

    def _author(self, item: Item, place: Path | None) -> tuple[Operator | None, bool]:
        """Who wrote it: as the front matter says, else the file's owner; verified where the owner is that person."""
        owner = _owner(place) if place else ""
        login = item.author or owner
        return self.book.operators.get(login), bool(owner) and login == owner


def _owner(place: Path) -> str:
    try:
        return place.owner()
    except (OSError, KeyError):
        return ""


def lay(
    *,
    office: str | None,
    policy: str | None,
    account: str | None,
    at: datetime | None = None,
    content_only: bool = False,
    on: On = "draft",
) -> Bench:
    """Lay the bench from what was typed. Raises Failure with every problem of the rules, each with file and line."""
    if policy and account:
        raise Failure(WRONG, say("cli", "check.policy_and_account"))
    moment = at or now()
    if policy:
        chosen = edition_at(policy, office, moment.date())
        return Bench(bare_rulebook(chosen), chosen, None, moment, content_only, on, dated=at is not None)
    book = rulebook_of(office, moment.date(), "check.no_office")
    drafts = Path(os.path.abspath(office_dir(office))) / "drafts"  # noqa: PTH100 - as `_account_of` compares
    return Bench(book, None, account_of(book, account) if account else None, moment, content_only, on, drafts, at is not None)
