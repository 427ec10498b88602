"""What can be wrong with what an office wrote of citizens' comments: terms that are none, elections that end before they begin, powers
where the policy has its own, grounds that say nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from daemon.rulebook.model import Powers, Problem, Unwatched
from daemon.rulebook.parse import OfficeFile, PolicyFile, Written
from daemon.rulebook.shape import suggest

_LEAST = {"keep_days": 1, "open_days": 1, "daily_limit": 1, "review_months": 1, "repeat_minutes": 1, "repeats": 0}
_MOST = {
    "keep_days": 3660,
    "open_days": 366,
    "daily_limit": 10_000,
    "review_months": 120,
    "repeat_minutes": 1440,
    "repeats": 1000,
}


def check_powers(written: Written, rule: Powers) -> Iterator[Problem]:
    """All problems of a power over comments that do not take its policy to see."""
    if not rule.actions:
        yield written.problem("actions", "actions が空です。", "actions is empty.")
    if rule.on != "comment":
        yield written.problem("on", 'powers の規則は on = "comment" です。', "a rule of powers is on comments.")
    for clause in rule.elections:
        if clause not in rule.grounds:
            message = f"elections の「{clause}」は grounds にありません。"
            yield written.problem("elections", message, f"'{clause}' of elections is not among the grounds.")


def check_unwatched(written: Written, rule: Unwatched) -> Iterator[Problem]:
    """All problems of a rule by which citizens are not watched."""
    if rule.on != "comment":
        yield written.problem("on", 'unwatched の規則は on = "comment" です。', "an unwatched rule is on comments.")


def check_moderation(office: OfficeFile, policies: Mapping[str, PolicyFile]) -> Iterator[Problem]:
    """All problems of `[moderation]`, `[[elections]]` and `[[comment_powers]]`."""
    yield from _terms(office)
    yield from _elections(office)
    yield from _powers(office, policies)


def _terms(office: OfficeFile) -> Iterator[Problem]:
    if office.terms is None:
        return
    for key, least in _LEAST.items():
        if not least <= getattr(office.terms, key) <= _MOST[key]:
            line = office.source.line("moderation", key=key)
            what = f"{least}〜{_MOST[key]}"
            yield office.source.problem(line, f"[moderation] {key} は {what} です。", f"[moderation] {key} is {what}.")


def _elections(office: OfficeFile) -> Iterator[Problem]:
    accounts = {account.id for _, account in office.accounts}
    for index, each in office.elections:
        if each.until < each.from_:
            line = office.source.line("elections", index, "until")
            yield office.source.problem(
                line, f"選挙「{each.name}」は、終わりが始まりより前です。", f"'{each.name}' ends before it begins."
            )
        for name in each.accounts:
            if name not in accounts:
                line = office.source.line("elections", index, "accounts")
                what, what_en = suggest(name, tuple(accounts))
                yield office.source.problem(
                    line, f"アカウント「{name}」はありません。{what}", f"There is no account '{name}'. {what_en}"
                )


def _powers(office: OfficeFile, policies: Mapping[str, PolicyFile]) -> Iterator[Problem]:
    accounts = {account.id: account for _, account in office.accounts}
    for index, each in office.comment_powers:

        def here(key: str, message: str, message_en: str, index: int = index, name: str = each.basis) -> Problem:
            line = office.source.line("comment_powers", index, key)
            return office.source.problem(
                line, f"[[comment_powers]] {name}: {message}", f"[[comment_powers]] {name}: {message_en}"
            )

        policy = policies.get(each.policy)
        if policy is None:
            what, what_en = suggest(each.policy, tuple(policies))
            yield here("policy", f"要綱「{each.policy}」はありません。{what}", f"there is no policy '{each.policy}'. {what_en}")
        elif any(isinstance(written.rule, Powers) for written in policy.rules):
            yield here(
                "policy",
                "この要綱は、コメントへの措置を自ら定めています。ここで足すことはできません。",
                "this policy has powers of its own; none can be added here.",
            )
        for key in ("basis", "actions", "judge", "grounds"):
            if not getattr(each, key):
                yield here(key, f"{key} が空です。", f"{key} is empty.")
        for ground, times in Counter(ground.id for ground in each.grounds).items():
            if times > 1:
                yield here("grounds", f"号「{ground}」が {times} 回あります。", f"the ground '{ground}' is there {times} times.")
        if any(not ground.text.strip() for ground in each.grounds):
            yield here("grounds", "文のない号があります。", "a ground has no text.")
        for name in each.accounts:
            account = accounts.get(name)
            if account is None or account.policy != each.policy:
                yield here(
                    "accounts",
                    f"アカウント「{name}」は、この要綱のアカウントではありません。",
                    f"'{name}' is no account of this policy.",
                )
