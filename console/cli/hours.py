"""`kohoban hours`: whether an account may publish at a moment, why, and when that changes next."""

from __future__ import annotations

from collections.abc import Sequence

from console.cli.argv import Option, parse
from console.cli.bench import lay
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.place import moment
from console.cli.terminal import SCHEMA, clean, fields, out, out_json, set_plain
from console.words import choose, say

OPTIONS = (Option("--policy"), Option("--account"), Option("--at"))


def main(argv: Sequence[str]) -> int:
    """Run the command. Exit code 0 whether open or closed: it answers a question and judges nothing."""
    given = parse(argv, OPTIONS, "hours")
    if "--help" in given.flags:
        out(say("cli", "help.hours"))
        return FINE
    if given.rest or not (given.get("--policy") or given.get("--account")):
        raise Failure(WRONG, say("cli", "hours.usage"))
    if "--plain" in given.flags:
        set_plain(True)
    from daemon.rulebook.calendar import opening

    at = moment(given.values["--at"]) if "--at" in given.values else None
    bench = lay(office=given.get("--office"), policy=given.get("--policy"), account=given.get("--account"), at=at)
    policy = bench.policy or bench.book.policy_of(given.values["--account"])
    answer = opening(policy, bench.at, closed=bench.book.office.closed, account=bench.account)
    if "--json" in given.flags:
        out_json(
            {
                "schema": SCHEMA,
                "open": answer.open,
                "reason": choose(answer.reason, answer.reason_en),
                "clause": answer.clause,
                "next_open": answer.next_open,
                "next_close": answer.next_close,
            }
        )
        return FINE
    shown = {
        say("cli", "hours.at"): f"{bench.at:%Y-%m-%d %H:%M}",
        say("cli", "hours.state"): say("cli", "hours.open" if answer.open else "hours.closed"),
        say("cli", "hours.reason"): clean(choose(answer.reason, answer.reason_en)),
        say("cli", "hours.clause"): clean(answer.clause) or "-",
        say("cli", "hours.next_open"): f"{answer.next_open:%Y-%m-%d %H:%M}" if answer.next_open else "-",
        say("cli", "hours.next_close"): f"{answer.next_close:%Y-%m-%d %H:%M}" if answer.next_close else "-",
    }
    for line in fields(shown):
        out(line)
    return FINE
