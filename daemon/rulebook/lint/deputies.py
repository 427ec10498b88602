"""What can be wrong with `[[deputies]]` (代決): people who are not there, chains, entries that are over or say nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from daemon.rulebook.model import Deputy, Operator, Problem, Topics
from daemon.rulebook.parse import OfficeFile, PolicyFile
from daemon.rulebook.shape import suggest


class Said(NamedTuple):
    """The key, and what is wrong with it in both languages."""

    key: str
    ja: str
    en: str
    warning: bool = False


def check_deputies(file: OfficeFile, policies: Mapping[str, PolicyFile], today: date) -> Iterator[Problem]:
    """All problems of what `rules.toml` says of deputies. `today` is the day in Japan."""
    people = {operator.login: operator for _, operator in file.operators}
    every = [entry for _, entry in file.deputies]
    for place, (index, entry) in enumerate(file.deputies):
        before = every[:place]
        for said in (
            *_names(entry, before, people),
            *_limits(entry, file, policies),
            *_days(entry, today),
            *_chains(entry, every, people),
            *_twice(entry, before),
            *_basis(entry, policies),
        ):
            line = file.source.line("deputies", index, said.key)
            yield file.source.problem(line, f"代決 {entry.id}: {said.ja}", f"Deputy {entry.id}: {said.en}", warning=said.warning)


def _names(entry: Deputy, before: list[Deputy], people: Mapping[str, Operator]) -> Iterator[Said]:
    if not entry.id.strip() or any(other.id == entry.id for other in before):
        yield Said("id", "id が空か、同じ id が前にもあります。", "its id is empty or there twice.")
    for key, login in (("login", entry.login), ("person", entry.person)):
        if login and login not in people:
            near, near_en = suggest(login, tuple(people))
            yield Said(
                key,
                f"{login} は担当者の名簿にいません。名簿から外したのなら、この代決も外してください。{near}",
                f"{login} is not on the register. Where they have left, take this entry out too. {near_en}",
            )
    deputy, person = people.get(entry.login), people.get(entry.person)
    if not entry.person and not entry.title:
        yield Said("login", "だれの代わりか、person か title を書いてください。", "say for whom: person or title.")
    if entry.login and entry.login == entry.person:
        yield Said("person", "自分の代決はできません。", "nobody stands in for themselves.")
    if deputy is not None and deputy.role == "viewer":
        yield Said(
            "login", f"{entry.login} は閲覧者です。閲覧者は代決できません。", f"{entry.login} is a viewer, who decides nothing."
        )
    if person is not None and not (person.titles if not entry.title else entry.title in person.titles):
        yield Said(
            "title" if entry.title else "person",
            f"{entry.person} に代わる職名がありません（名簿の titles）。",
            f"{entry.person} holds no title to stand in for (titles on the register).",
        )
    if entry.title and not entry.person and not any(entry.title in who.titles for who in people.values()):
        yield Said(
            "title",
            f"職名「{entry.title}」の人が名簿にいません。職名の書き方を確かめてください（欠員ならこのままで働きます）。",
            f"nobody on the register holds the title '{entry.title}': check how it is written (for a vacant post it works as it is).",
            warning=True,
        )
    if deputy is not None and person is not None and not set(deputy.policies) & set(person.policies):
        yield Said(
            "login",
            f"{entry.login} は {entry.person} の要綱（{'、'.join(person.policies)}）の担当ではありません。",
            f"{entry.login} serves none of {entry.person}'s policies ({', '.join(person.policies)}).",
        )


def _limits(entry: Deputy, file: OfficeFile, policies: Mapping[str, PolicyFile]) -> Iterator[Said]:
    accounts = tuple(account.id for _, account in file.accounts)
    topics = tuple(t for policy in policies.values() for w in policy.rules if isinstance(w.rule, Topics) for t in w.rule.topics)
    for key, named, known, what, what_en in (
        ("accounts", entry.accounts, accounts, "アカウント", "account"),
        ("topics", entry.topics, topics, "分野", "topic"),
    ):
        for name in named:
            if name not in known:
                near, near_en = suggest(name, known)
                yield Said(key, f"{what}「{name}」はありません。{near}", f"there is no {what_en} '{name}'. {near_en}")


def _days(entry: Deputy, today: date) -> Iterator[Said]:
    if entry.from_ > entry.until:
        yield Said("until", "until が from より前です。", "until is before from.")
    elif entry.until < today:
        yield Said(
            "until",
            f"期間（{entry.until}まで）が終わっています。続けるなら until を延ばし、そうでなければ消してください。",
            f"it ended on {entry.until}: extend it or take it out.",
            warning=True,
        )


def _chains(entry: Deputy, every: Iterable[Deputy], people: Mapping[str, Operator]) -> Iterator[Said]:
    """Whoever stands in for somebody cannot at the same time be stood in for: a decision would wander from hand to hand."""
    for other in every:
        if other is entry or not _meet(entry, other) or not _represents(other, entry.login, people):
            continue
        loop = _represents(entry, other.login, people)
        what, what_en = ("代決が輪になります", "a loop") if loop else ("代決の代決になります", "a deputy of a deputy")
        yield Said(
            "login",
            f"{what}: {entry.login} が代決する同じ期間に、{entry.login} の代決を {other.login} がします（{other.id}）。どちらかの期間か対象を改めてください。",
            f"{what_en}: while {entry.login} stands in here, {other.login} stands in for {entry.login} ({other.id}). Change the days or the limits of one.",
        )


def _represents(entry: Deputy, login: str, people: Mapping[str, Operator]) -> bool:
    if entry.person:
        return entry.person == login
    who = people.get(login)
    return who is not None and entry.title in who.titles


def _twice(entry: Deputy, before: Iterable[Deputy]) -> Iterator[Said]:
    for other in before:
        if (other.person, other.title) == (entry.person, entry.title) and _meet(entry, other):
            yield Said(
                "from",
                f"{other.id} と期間が重なります。どちらの代決も有効です。順位があるなら、期間を分けてください。",
                f"its days overlap with {other.id}: both are in force. Part the days where one comes first.",
                warning=True,
            )


def _meet(one: Deputy, other: Deputy) -> bool:
    """True where some day and some account belong to both."""
    days = one.from_ <= other.until and other.from_ <= one.until
    return days and (not one.accounts or not other.accounts or bool(set(one.accounts) & set(other.accounts)))


def _basis(entry: Deputy, policies: Mapping[str, PolicyFile]) -> Iterator[Said]:
    if not entry.basis.strip():
        yield Said(
            "basis",
            "basis（事務代決規程などの根拠）がありません。決裁の記録に「根拠規定なし」と出ます。",
            "there is no basis (the regulation on deputies): the record of its decisions will say so.",
            warning=True,
        )
    policy = policies.get(entry.basis.partition("/")[0]) if "/" in entry.basis else None
    if policy is not None and entry.basis not in policy.clause_ids:
        near, near_en = suggest(entry.basis, tuple(policy.clause_ids))
        yield Said("basis", f"条文「{entry.basis}」はありません。{near}", f"there is no clause '{entry.basis}'. {near_en}")
