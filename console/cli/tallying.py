"""`kohoban policy backtest`: how often each rule fires on the stored drafts, and which never do."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.differing import LAST
from console.cli.editions import edition_at
from console.cli.link import NoDaemon, Refused
from console.cli.outcome import FINDINGS, FINE, NO_DAEMON, WRONG, Failure
from console.cli.place import now
from console.cli.promised import policy_of
from console.cli.terminal import SCHEMA, clean, out, out_json, paint, room, table
from console.words import choose
from daemon.wire.policies import PolicyTallied, PolicyTally, RuleTally

_LOOK = 0.3


@command(
    "policy backtest",
    argument("POLICY"),
    option("--against", key="backtest_against", metavar="FILE"),
    option("--last", key="diff_last", type=int, default=LAST, metavar="N"),
    option("--never-fired", key="backtest_never", is_flag=True),
)
def backtest(session: Session, policy: str, against: str | None, last: int, never_fired: bool) -> int:
    """How often each rule fires on the stored drafts."""
    if last < 0:
        raise Failure(WRONG, text("backtest.usage"))
    old = edition_at(policy, session.office, now().date())
    candidate = ""
    if against:
        other = policy_of(against, session.office)
        if other.id != old.id:
            raise Failure(WRONG, text("policy_diff.other_policy", policy=old.id, other=other.id))
        candidate = msgspec.json.encode(other).decode()
    found = _counted(session, PolicyTally(policy=old.id, candidate=candidate, last=last))
    silent = [one for one in found.rules if not one.after]
    if session.json:
        said = {
            "policy": found.policy,
            "before": found.before,
            "after": found.after,
            "judged": found.of,
            "seconds": found.seconds,
        }
        out_json(
            {
                "schema": SCHEMA,
                **said,
                "rules": silent if never_fired else found.rules,
                "never_fired": [one.rule for one in silent],
            }
        )
    else:
        for line in _lines(found, silent, never_fired=never_fired, compared=bool(against)):
            out(line)
    return FINDINGS if any(one.new or one.gone for one in found.rules) else FINE


def _counted(session: Session, query: PolicyTally) -> PolicyTallied:
    """Ask until it is whole, and tell how far it is. Raises Failure."""
    try:
        with session.link() as link:
            while True:
                found = link.ask(query, PolicyTallied)
                if sys.stderr.isatty():
                    sys.stderr.write(
                        "\r" + text("backtest.progress", done=found.done, of=found.of) + ("" if found.running else "\n")
                    )
                    sys.stderr.flush()
                if not found.running:
                    break
                time.sleep(_LOOK)
    except NoDaemon:
        raise Failure(NO_DAEMON, text("backtest.no_daemon")) from None
    except Refused as refused:
        raise Failure(WRONG, refused.sentence) from None
    if found.error:
        raise Failure(WRONG, choose(found.error, found.error_en))
    return found


def _lines(found: PolicyTallied, silent: Sequence[RuleTally], *, never_fired: bool, compared: bool) -> Iterator[str]:
    yield text("backtest.heading", policy=found.policy, of=found.of, seconds=f"{found.seconds:.1f}")
    if not never_fired:
        fired = [one for one in found.rules if one.before or one.after]
        yield from _table([one for one in fired if not one.shadow], compared)
        if trial := [one for one in found.rules if one.shadow]:
            yield ""
            yield paint("bold", text("backtest.trial"))
            yield from _table(trial, compared)
        yield ""
    names = [one.rule + (f" ({text('backtest.shadow')})" if one.shadow else "") for one in silent]
    yield text("backtest.never", count=len(silent), rules=clean(" ".join(names)) or "-")


def _table(rules: Sequence[RuleTally], compared: bool) -> Iterator[str]:
    names = ("rule", "level", *(("before", "after", "new", "gone") if compared else ("after",)), "samples", "clause")
    rows = [
        (
            clean(one.rule),
            one.level,
            *(map(str, (one.before, one.after, one.new, one.gone) if compared else (one.after,))),
            " ".join(f"#{each.draft}{_SIGN[each.how]}" for each in one.samples) or "-",
            clean(one.clause),
        )
        for one in sorted(rules, key=lambda one: (-(one.new + one.gone), -one.after))
    ]
    if rows:
        yield from table(rows, [text(f"backtest.{name}") for name in names], room=room())


_SIGN = {"same": "", "new": "+", "gone": "-"}
