"""`kohoban policy test`: the examples beside the rules, each against exactly its rule, within the whole policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from console.cli.command import Session, argument, command, option, text
from console.cli.editions import all_ids
from console.cli.formats import Page
from console.cli.human import excerpt
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.place import moment, now
from console.cli.promised import office_if_any, policy_of, rulebook_of
from console.cli.terminal import SCHEMA, clean, fit, out, out_json, paint
from console.words import choose_each
from console.words.marks import listed
from daemon.judge.examples import Tried, try_examples, without_examples
from daemon.judge.never import Never, never_found
from daemon.rulebook.load import bare_rulebook
from daemon.rulebook.model import Policy, Rulebook

_TEXT = 200
"""Columns of an example that are shown."""
_TERMS = 8
"""Words that never count, named in one line."""


class PolicyTried(Struct, frozen=True, kw_only=True):
    """What came of one policy's examples."""

    policy: str
    examples: tuple[Tried, ...]
    without: tuple[str, ...]
    never: tuple[Never, ...]


@command(
    "policy test",
    argument("POLICY", required=False, nargs=-1),
    option("--rule", key="test_rule", metavar="RULE"),
    option("--at", key="test_at", metavar="TIME"),
)
def test(session: Session, policy: Sequence[str], rule: str | None, at: str | None) -> int:
    """The examples beside the rules."""
    when = moment(at) if at else now()
    policies = [policy_of(name, session.office) for name in policy or all_ids(session.office)]
    if rule and not any(each.id == rule for one in policies for each in one.rules):
        raise Failure(WRONG, text("policy_test.no_rule", rule=rule, policies=", ".join(one.id for one in policies)))
    tried = [
        PolicyTried(
            policy=one.id,
            examples=try_examples(one, _book(session, one), when, rule=rule or ""),
            without=() if rule else without_examples(one),
            never=() if rule else never_found(one),
        )
        for one in policies
    ]
    failed = [each for one in tried for each in one.examples if not each.ok]
    if session.json:
        out_json({"schema": SCHEMA, "ok": not failed, "policies": tried})
    else:
        for line in _lines(tried):
            out(line)
    return FINDINGS if failed else FINE


def _book(session: Session, policy: Policy) -> Rulebook:
    """The office's rulebook, for the accounts that examples name; without an office there are none."""
    return rulebook_of(session.office) if office_if_any(session.office) else bare_rulebook(policy)


def _lines(tried: Sequence[PolicyTried]) -> Iterator[str]:
    for one in tried:
        for each in one.examples:
            if not each.ok:
                yield from _failed_lines(one.policy, each)
        if one.without:
            yield text("policy_test.without", policy=one.policy, rules=clean(" ".join(one.without)))
        for lost in one.never:
            shown = listed(lost.terms[:_TERMS]) + ("…" if len(lost.terms) > _TERMS else "")
            yield text("policy_test.never", policy=one.policy, rule=clean(lost.rule), terms=clean(shown))
        good = sum(each.ok for each in one.examples)
        yield text("policy_test.total", policy=one.policy, good=good, of=len(one.examples))


def _failed_lines(policy: str, each: Tried) -> Iterator[str]:
    word = paint("block", text(f"policy_test.wanted_{each.wanted}"))
    yield f"{policy}  {paint('bold', clean(each.rule))}  {clean(each.clause)}  {word}"
    for start, end in each.said.spans[:1]:
        yield from (f"    {line}" for line in excerpt(Page(each.text), start, end))
    if not each.said.spans:
        yield f"    | {fit(clean(each.text), _TEXT)}"
    yield "    " + text(f"outcome.{each.said.outcome}")
    for why in choose_each(each.said.why, each.said.why_en):
        yield "    " + clean(why)
