"""What can be wrong with duties: those of a policy, their intervals in `rules.toml`, and what an account has to have before its first
release."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.rulebook.duty import (
    OFFICE,
    Duty,
    DutyInterval,
    Every,
    documents,
    full_id,
    lacking_form,
)
from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Problem
from daemon.rulebook.parse import AddedRules, OfficeFile, PolicyFile
from daemon.rulebook.shape import suggest
from daemon.rulebook.source import Reader, Source

if TYPE_CHECKING:
    from daemon.rulebook.lint import Looked

_ID = lazy_pattern(r"[a-z0-9][a-z0-9_-]*")

Said = tuple[str, str, str]
"""The key, and what is wrong with it in both languages."""

LONGEST_MONTHS = 120
LONGEST_DAYS = 3660


def check_policy_duties(file: PolicyFile) -> Iterator[Problem]:
    """All problems of one policy's own duties."""
    known, seen = file.clause_ids, set[str]()
    for index, duty in file.duties:
        for key, message, message_en in (*_own(duty, seen), *_of_policy(duty, known)):
            yield _problem(file.source, index, duty, key, message, message_en)
        seen.add(duty.id)


def check_added_duties(added: AddedRules) -> Iterator[Problem]:
    """The problems of the duties in an `office.toml`, once for all policies."""
    seen = set[str]()
    for index, duty in added.duties:
        for key, message, message_en in (*_own(duty, seen), *_of_office(duty)):
            yield _problem(added.source, index, duty, key, message, message_en)
        seen.add(duty.id)


def check_intervals(file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...]) -> Iterator[Problem]:
    """All problems of `[[duties]]` in `rules.toml`."""
    known = {full_id(policy.id, duty): duty for policy in policies.values() for duty in policy.with_added_duties(added)}
    known |= {duty.id: duty for more in added for _, duty in more.duties if duty.per == OFFICE}
    seen = set[str]()
    for index, interval in file.intervals:
        for key, message, message_en in _interval(interval, known, seen):
            line = file.source.line("duties", index, key)
            yield file.source.problem(line, f"duties {interval.duty}: {message}", f"duties {interval.duty}: {message_en}")
        seen.add(interval.duty)


def check_founding(
    file: OfficeFile, policies: Mapping[str, PolicyFile], added: tuple[AddedRules, ...], reader: Reader
) -> Iterator[Problem]:
    """All problems of what the accounts say of their beginning. A document that is not there is a warning: that account cannot release."""
    for index, account in file.accounts:
        policy = policies.get(account.policy)
        if policy is None:
            continue
        duties = {duty.id: duty for duty in policy.with_added_duties(added) if duty.start}
        for key, value in account.founding.items():
            if key not in duties:
                near, near_en = suggest(key, duties)
                said = f"founding の「{key}」は要綱 {policy.id} にありません。{near or 'あるもの: ' + '、'.join(duties)}"
                said_en = f"policy {policy.id} asks for no '{key}' (founding). {near_en or 'It asks for: ' + ', '.join(duties)}"
                yield _of_account(file, index, account.id, said, said_en)
            elif wrong := lacking_form(duties[key].start, value):
                yield _of_account(file, index, account.id, f"founding の {key} は、{wrong[0]}", f"founding, {key}: {wrong[1]}")
        for name in documents(account.founding, duties.values()):
            if not reader.filled(_home(file) / name):
                said = f"founding の文書 {name} がありません（空のファイルも不可）。置くまで、このアカウントは発信できません。"
                said_en = f"the document {name} (founding) is not there, or empty: this account cannot release without it."
                yield _of_account(file, index, account.id, said, said_en, warning=True)


def absent_documents(looked: Looked) -> frozenset[str]:
    """The documents that accounts name in their `founding` and that are not there."""
    office = looked.office
    if office is None:
        return frozenset()
    named = {
        name
        for _, account in office.accounts
        if (policy := looked.policies.get(account.policy))
        for name in documents(account.founding, policy.with_added_duties(looked.added))
    }
    return frozenset(name for name in named if not looked.reader.filled(_home(office) / name))


def _home(file: OfficeFile) -> Path:
    return file.source.path.parent


def _problem(source: Source, index: int, duty: Duty, key: str, message: str, message_en: str) -> Problem:
    return source.problem(source.line("duty", index, key), f"務め {duty.id}: {message}", f"Duty {duty.id}: {message_en}")


def _of_account(file: OfficeFile, index: int, account: str, said: str, said_en: str, *, warning: bool = False) -> Problem:
    line = file.source.line("accounts", index, "founding")
    return file.source.problem(line, f"{account}: {said}", f"{account}: {said_en}", warning=warning)


def _own(duty: Duty, seen: set[str]) -> Iterator[Said]:
    if not _ID.fullmatch(duty.id):
        yield "id", "id は英小文字・数字・- と _ で書いてください。", "an id is lower-case letters, digits, - and _."
    if duty.id in seen:
        yield "id", "同じ id の務めが前にもあります。", "another duty before this one has the same id."
    for key in ("title", "title_en"):
        if not getattr(duty, key).strip():
            yield key, f"{key} が空です。", f"{key} is empty."
    for key in ("every", "usual"):
        yield from _possible(key, getattr(duty, key))
    if duty.every and duty.usual:
        yield (
            "usual",
            "条文が間隔を定めるなら usual は要りません。",
            "the clause names an interval (every): no usual one is needed.",
        )
    if not (duty.every or duty.usual or duty.start):
        yield (
            "usual",
            "いつ行うかがありません。every（条文の定める間隔）、usual（目安）、start（発信の前に要る）のどれかを書いてください。",
            "it says nothing of when: write every (the clause's interval), usual (a suggestion) or start (before the first release).",
        )
    if duty.start and duty.per != "account":
        yield "start", "start はアカウントごとの務めだけに書けます。", "only a duty per account can be asked for at the start."


def _of_policy(duty: Duty, known: frozenset[str]) -> Iterator[Said]:
    if duty.clause not in known:
        near, near_en = suggest(duty.clause, tuple(known))
        yield (
            "clause",
            f"条文「{duty.clause}」はこの要綱にありません。{near}",
            f"this policy has no clause '{duty.clause}'. {near_en}",
        )
    if duty.per == OFFICE:
        yield (
            "per",
            "部署全体の務めは office.toml に書きます（per は account か policy）。",
            "a duty of the whole office belongs into office.toml (per: account or policy).",
        )


def _of_office(duty: Duty) -> Iterator[Said]:
    if not duty.clause.startswith(f"{OFFICE}/"):
        yield (
            "clause",
            "office.toml の務めの clause は office/… です。条文が定める務めは、その要綱に書いてください。",
            "the clause of a duty in office.toml is office/…; one that an article names belongs into its policy.",
        )


def _interval(interval: DutyInterval, known: Mapping[str, Duty], seen: set[str]) -> Iterator[Said]:
    duty = known.get(interval.duty)
    if duty is None:
        near, near_en = suggest(interval.duty, known)
        yield (
            "duty",
            f"この名前の務めはありません。{near or 'あるもの: ' + '、'.join(known)}",
            f"there is no such duty. {near_en or 'There are: ' + ', '.join(known)}",
        )
        return
    if interval.duty in seen:
        yield "duty", "同じ務めの間隔が前にもあります。", "its interval is set before this already."
    if duty.by == "drill":
        yield (
            "duty",
            "訓練の間隔は [office] の drill_months に書きます。",
            "the interval of the drill is drill_months in [office].",
        )
    if duty.by == "canaries":
        yield (
            "duty",
            "番人は毎朝行われます。間隔は変えられません。",
            "the canaries are tried every morning: that interval is fixed.",
        )
    yield from _possible("months", interval.every)
    if not interval.every and not duty.clause.startswith(f"{OFFICE}/") and not duty.start:
        yield (
            "months",
            f"条文（{duty.clause}）が定める務めなので、間隔をなくすことはできません。months か days に 1 以上を書いてください。",
            f"a clause ({duty.clause}) names this duty: it cannot be left out. Give months or days, 1 or more.",
        )
    if duty.every and interval.every and _days(interval.every) > _days(duty.every):
        said, said_en = duty.every.words
        yield "months", f"条文の定め（{said}）より長くできません。", f"it cannot be longer than the clause's own ({said_en})."
    if not 0 <= interval.remind_days <= LONGEST_DAYS:
        yield "remind_days", "remind_days は 0 以上の日数です。", "remind_days is a number of days, 0 or more."


def _possible(key: str, every: Every) -> Iterator[Said]:
    if every.months and every.days:
        yield key, "months と days は、どちらか一方だけ書いてください。", "give months or days, not both."
    if not (0 <= every.months <= LONGEST_MONTHS and 0 <= every.days <= LONGEST_DAYS):
        yield (
            key,
            f"months は {LONGEST_MONTHS}、days は {LONGEST_DAYS} までです（負の数は不可）。",
            f"months go up to {LONGEST_MONTHS}, days up to {LONGEST_DAYS}, none below 0.",
        )


def _days(every: Every) -> float:
    return every.days or every.months * 30.44
