"""What can be wrong with `[[follow_ups]]`: whom they are meant for, what they rest on, and the places of their prepared texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from daemon.rulebook.follow_ups import PLACES
from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import FollowUp, Problem
from daemon.rulebook.parse import OfficeFile, PolicyFile
from daemon.rulebook.shape import suggest

_ID = lazy_pattern(r"[a-z0-9][a-z0-9_-]*")
_PLACE = lazy_pattern(r"\{[^{}\n]*\}")


def check_follow_ups(file: OfficeFile, policies: Mapping[str, PolicyFile]) -> Iterator[Problem]:
    """All problems of what `rules.toml` says of the time after a stop."""
    accounts = tuple(account.id for _, account in file.accounts)
    seen: set[str] = set()
    for index, each in file.follow_ups:
        for key, message, message_en in (
            *_own(each, seen),
            *_unknown("policies", each.policies, tuple(policies), "要綱", "policy"),
            *_unknown("accounts", each.accounts, accounts, "アカウント", "account"),
            *_basis(each, file, policies),
        ):
            line = file.source.line("follow_ups", index, key)
            yield file.source.problem(line, f"follow_ups {each.id}: {message}", f"follow_ups {each.id}: {message_en}")
        seen.add(each.id)


Said = tuple[str, str, str]
"""The key, and what is wrong with it in both languages."""


def _own(each: FollowUp, seen: set[str]) -> Iterator[Said]:
    if not _ID.fullmatch(each.id):
        yield "id", "id は英小文字・数字・- と _ で書いてください。", "an id is lower-case letters, digits, - and _."
    if each.id in seen:
        yield "id", "同じ id が二つあります。", "this id is there twice."
    if not each.title.strip():
        yield "title", "title が空です。", "its title is empty."
    for match in _PLACE.finditer(each.text):
        if match[0][1:-1] not in PLACES:
            known = "、".join("{" + place + "}" for place in PLACES)
            what = f"text の「{match[0]}」は埋められません。使えるのは {known} です。"
            yield "text", what, f"nothing fills '{match[0]}' in text; there are {known}."


def _unknown(key: str, named: tuple[str, ...], known: tuple[str, ...], what: str, what_en: str) -> Iterator[Said]:
    for name in named:
        if name not in known:
            near, near_en = suggest(name, known)
            yield (
                key,
                f"{what}「{name}」はありません。{near or '、'.join(known)}",
                f"there is no {what_en} '{name}'. {near_en or ', '.join(known)}",
            )


def _basis(each: FollowUp, file: OfficeFile, policies: Mapping[str, PolicyFile]) -> Iterator[Said]:
    """A basis is a clause of the one policy that the entry is for, and belongs only where no article asks for it."""
    if not each.basis:
        return
    meant = each.policies or tuple(
        dict.fromkeys(account.policy for _, account in file.accounts if account.id in (each.accounts or (account.id,)))
    )
    for policy_id in meant:
        policy = policies.get(policy_id)
        if policy is None:
            continue
        if policy.header and policy.header.follow_up:
            article = policy.header.follow_up
            yield (
                "basis",
                f"要綱 {policy_id} では条文（{article}）が定めているので basis は要りません。",
                f"in {policy_id} an article ({article}) asks for it: no basis is needed.",
            )
        elif each.basis not in policy.clause_ids:
            near, near_en = suggest(each.basis, tuple(policy.clause_ids))
            yield (
                "basis",
                f"条文「{each.basis}」は要綱 {policy_id} にありません（policies で要綱を絞ってください）。{near}",
                f"policy {policy_id} has no clause '{each.basis}' (narrow it with policies). {near_en}",
            )
