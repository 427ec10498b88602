"""Who judges, on which ground, with which measures: this account's own list and its powers, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from daemon.judge import Capacity, Situation
from daemon.judge.approvers import holds, own_titles
from daemon.judge.deputies import capacities
from daemon.moderation.platforms import WORDS
from daemon.moderation.setting import Setting
from daemon.refused import Refused
from daemon.rulebook.item import Item
from daemon.rulebook.model import Account, Operator
from daemon.rulebook.powers import Ground, Power, grounds_of, no_power, powers_of
from daemon.rulebook.shape import suggest
from daemon.rulebook.titles import APPROVER, label


class Decided(NamedTuple):
    """A decision that may be made: the ground (None: 措置なし), the powers that give its measures, in what capacity."""

    ground: Ground | None
    powers: tuple[Power, ...]
    capacity: Capacity


def titles_that_judge(account: Account, powers: Iterable[Power], setting: Setting) -> tuple[str, ...]:
    """The titles that judge comments to this account: those of its powers, or, where it has none, of its manager."""
    policy = setting.book.policies[account.policy]
    named = [title for power in powers for title in power.judge] or list(policy.manager)
    found: dict[str, None] = {}
    for title in named:
        if title == APPROVER:
            item = Item(text="", topic=account.topic)
            found.update(dict.fromkeys(own_titles(item, Situation(now=setting.now, account=account), policy)))
        else:
            found[title] = None
    return tuple(found)


def judges(account: Account, setting: Setting, powers: Iterable[Power] | None = None) -> str:
    """Who judges, as people call them."""
    named = titles_that_judge(account, powers_of(account, setting.book) if powers is None else powers, setting)
    return "・".join(label(title, account.unit) for title in named)


def may_judge(who: Operator, account: Account, setting: Setting) -> bool:
    """Whether this person judges comments to this account today: by a post of their own or in somebody's place, within their
    appointment."""
    every = powers_of(account, setting.book)
    titles = [titles_that_judge(account, (power,), setting) for power in every] or [titles_that_judge(account, (), setting)]
    return who.in_office(setting.today) and any(_capacity(who, account, [each], setting) for each in titles)


def logins_that_judge(account: Account, setting: Setting) -> tuple[str, ...]:
    """The people on the register who judge comments to this account today, deputies among them."""
    return tuple(who.login for who in setting.book.operators.values() if may_judge(who, account, setting))


def capacity_to_judge(who: Operator, account: Account, powers: Iterable[Power], setting: Setting) -> Capacity:
    """In what capacity somebody judges: their own, or somebody's place (代決). Each of the powers has to name them: who judges under one
    does not by that judge under another. Raises Refused (`not_approver`) in none."""
    powers = tuple(powers)
    titles = [titles_that_judge(account, (power,), setting) for power in powers] or [titles_that_judge(account, (), setting)]
    if capacity := _capacity(who, account, titles, setting):
        return capacity
    clause = powers[0] if powers else None
    lacking = next((each for each in titles if not _capacity(who, account, [each], setting)), titles[0])
    named = "・".join(label(title, account.unit) for title in lacking)
    raise Refused(
        "not_approver",
        f"判断するのは{named}です。{who.name}さんは提案できます（P、kohoban comments propose）。",
        f"{named} judges; {who.login} may propose (P, kohoban comments propose).",
        clause=clause.clause if clause else "",
    )


def _capacity(who: Operator, account: Account, titles: Sequence[Sequence[str]], setting: Setting) -> Capacity | None:
    """The first capacity of this person that holds one title of each of these lists."""
    situation = Situation(now=setting.now, account=account)
    for capacity in capacities(who, Item(text=""), situation, setting.book):
        narrowed = capacity.entry is not None and (capacity.entry.kinds or capacity.entry.topics)
        if not narrowed and all(holds(capacity.holder, each, account) for each in titles):
            return capacity
    return None


def ground_named(account: Account, clause: str, setting: Setting) -> Ground:
    """The ground of this account's list that is meant by an id, or by the end of one (`7(2)`). Raises Refused."""
    found = grounds_of(account, setting.book)
    if not found:
        ja, en = no_power(account, setting.book) or ("", "")
        raise Refused("missing", ja, en)
    exact = [each for each in found if clause in (each.id, each.id.split("/", 1)[-1], each.cite)]
    exact = exact or [
        each for each in found if clause and clause == each.id.rpartition(":")[2] != each.id
    ]  # 第1号 of a regulation of its own
    if len(exact) == 1:
        return exact[0]
    what, what_en = suggest(clause, tuple(each.id for each in found))
    raise Refused(
        "no_such",
        f"「{clause}」は、このアカウントの措置の根拠にありません（{len(found)} 号）。{what}",
        f"'{clause}' is not among the {len(found)} grounds of this account. {what_en}",
    )


def powers_for(account: Account, ground: Ground, actions: Sequence[str], setting: Setting) -> tuple[Power, ...]:
    """The powers that give these actions on this ground. Raises Refused where the policy gives no such power."""
    every = tuple(each for each in powers_of(account, setting.book) if ground.id in {one.id for one in each.grounds})
    if not every:
        ja, en = no_power(account, setting.book) or ("", "")
        raise Refused("missing", ja, en)
    found: dict[str, Power] = {}
    for action in actions:
        power = next((each for each in every if action in each.actions), None)
        if power is None:
            may = "・".join(WORDS[each][0] for each in dict.fromkeys(each for power in every for each in power.actions))
            raise Refused(
                "missing",
                f"{ground.cite}を根拠とする「{WORDS[action][0]}」の定めはありません。できるのは{may}です。",
                f"No power to {WORDS[action][1]} rests on {ground.cite}.",
                clause=every[0].clause,
            )
        found[f"{power.clause}:{'/'.join(power.actions)}"] = power
    return tuple(found.values())


def decided(
    account: Account, clause: str, actions: Sequence[str], reason: str, who: Operator | None, setting: Setting
) -> Decided:
    """Whether this may be decided about a comment to this account; with `who` also whether they may. Raises Refused, saying what is
    lacking: no ground of the list, no power, no reason where one is due, the measure that has to follow."""
    every = powers_of(account, setting.book)
    if not clause:
        if actions:
            raise Refused("missing", "措置には根拠の号が要ります（--clause）。", "A measure needs its ground (--clause).")
        capacity = capacity_to_judge(who, account, every, setting) if who is not None else None
        return Decided(None, (), capacity)  # type: ignore[arg-type]
    ground = ground_named(account, clause, setting)
    powers = powers_for(account, ground, actions, setting)
    every = tuple(power for power in every if ground.id in {each.id for each in power.grounds})
    if ground.catch_all and not reason.strip():
        raise Refused(
            "reason",
            f"{ground.cite} は包括の号です。なぜ不適切と判断したか、理由を書いてください（--reason）。",
            f"{ground.cite} is a catch-all: say why it is judged so (--reason).",
            clause=ground.id,
        )
    for power in powers:
        if power.reason and not reason.strip():
            raise Refused(
                "reason",
                f"{'・'.join(WORDS[a][0] for a in actions if a in power.actions)}は「必要な措置」に当たる理由を書いたときだけできます（--reason）。",
                "This measure is only possible with the reason why it is necessary (--reason).",
                clause=power.clause,
            )
    for power in every:
        if power.must and not set(power.actions) & set(actions):
            raise Refused(
                "missing",
                f"{power.cite}: 該当すると認めたときは{'・'.join(WORDS[a][0] for a in power.actions)}します。"
                "措置なしなら、号を挙げずに判断してください。",
                f"{power.cite}: once recognised, {', '.join(WORDS[a][1] for a in power.actions)} is due. For no measure, judge without a ground.",
                clause=power.clause,
            )
    capacity = capacity_to_judge(who, account, powers or every, setting) if who is not None else None
    return Decided(ground, powers, capacity)  # type: ignore[arg-type]
