"""`check --explain` and `kohoban policy explain`: for every rule of the policy why it fired on an item, or why it did not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from console.cli.answers import PolicySaid, Trouble, version_of
from console.cli.bench import Bench
from console.cli.formats import Page
from console.cli.human import excerpt
from console.cli.judging import read_source
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.sources import Source
from console.cli.terminal import SCHEMA, clean, err, out, out_json, paint
from console.words import choose_each, say
from daemon.judge.explain import Explained

_SHOWN = 3
"""Places of one rule that are shown; the JSON has all."""
_INK = {"fired": "block", "asks": "hold", "shadow": "warn", "lifted": "dim", "excused": "warn", "boundary": "warn"}


class ItemExplained(Struct, frozen=True, kw_only=True):
    """One item, and what became of each rule."""

    id: str
    policy: PolicySaid
    rules: tuple[Explained, ...]


def explain_all(bench: Bench, sources: Iterable[Source | Trouble], *, json: bool, rule: str = "") -> int:
    """Explain each item, in order. Exit code 0, or 2 where something could not be read; whether anything fired is `check`'s to say."""
    code, explained = FINE, []
    for source in sources:
        one = _one(bench, source, rule)
        if isinstance(one, Trouble):
            code = WRONG
            if not json:
                err(one.error)
        elif not json:
            for line in _lines(*one):
                out(line)
        explained.append(one if isinstance(one, Trouble) else one[0])
    if json:
        out_json({"schema": SCHEMA, "results": explained})
    return code


def _one(bench: Bench, source: Source | Trouble, rule: str) -> tuple[ItemExplained, Page] | Trouble:
    if isinstance(source, Trouble):
        return source
    read = read_source(bench, source)
    if isinstance(read, Trouble):
        return read
    item, page = read
    try:
        policy, rules = bench.explain(item, source.place, rule)
    except Failure as failure:
        return Trouble(id=source.name, error=failure.sentence)
    if rule and not rules:
        return Trouble(id=source.name, error=say("cli", "policy_test.no_rule", rule=rule, policies=policy.id))
    said = PolicySaid(policy.id, version_of(policy), policy.hash)
    return ItemExplained(id=source.name, policy=said, rules=rules), page


def _lines(one: ItemExplained, page: Page) -> Iterator[str]:
    fired = sum(each.outcome in ("fired", "shadow", "lifted") for each in one.rules)
    count = say("cli", "explain.count", fired=fired, of=len(one.rules))
    yield f"{paint('bold', clean(one.id))}  {one.policy.id} {one.policy.version or ''}  {count}"
    for each in one.rules:
        if each.outcome != "unasked":
            yield from _rule_lines(each, page)
    yield from _unasked(one.rules)


def _rule_lines(each: Explained, page: Page) -> Iterator[str]:
    word = paint(_INK.get(each.outcome, "dim"), say("cli", f"outcome.{each.outcome}"))
    yield f"  {word}  {clean(each.clause)}  [{clean(each.rule)}] {each.level}"
    for why in choose_each(each.why, each.why_en):
        yield f"      {clean(why)}"
    for start, end in [span for span in each.spans if span[1] > span[0]][:_SHOWN]:
        for line in excerpt(page, start, end):
            yield f"      {line}"


def _unasked(rules: Sequence[Explained]) -> Iterator[str]:
    """The rules that were not asked, those with the same reason in one line."""
    reasons: dict[str, list[str]] = {}
    for each in rules:
        if each.outcome == "unasked":
            reasons.setdefault(choose_each(each.why, each.why_en)[0], []).append(each.rule)
    for why, names in reasons.items():
        yield f"  {say('cli', 'outcome.unasked')}  {clean(why)} [{clean(' '.join(names))}]"
