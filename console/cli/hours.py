"""`kohoban hours`: whether an account may publish at a moment, why, and when that changes next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from console.cli.argv import Given, Option, parse
from console.cli.editions import edition_at
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.place import moment, now
from console.cli.promised import account_of, rulebook_of
from console.cli.terminal import SCHEMA, clean, fields, out, out_json, set_plain
from console.words import choose, say
from daemon.rulebook.days import ORDINARY, SpecialDays
from daemon.rulebook.model import Account, Policy

OPTIONS = (Option("--policy"), Option("--account"), Option("--at"))


def main(argv: Sequence[str]) -> int:
    """Run the command. Exit code 0 whether open or closed: it answers a question and judges nothing."""
    given = parse(argv, OPTIONS, "hours")
    if "--help" in given.flags:
        out(say("cli", "help.hours"))
        return FINE
    if given.rest or ("--policy" in given.values) == ("--account" in given.values):
        raise Failure(WRONG, say("cli", "hours.usage"))
    if "--plain" in given.flags:
        set_plain(True)
    from daemon.rulebook.calendar import opening

    at = moment(given.values["--at"]) if "--at" in given.values else now()
    policy, account, days = _asked(given, at.date())
    answer = opening(policy, at, days=days, account=account)
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
        say("cli", "hours.at"): f"{at:%Y-%m-%d %H:%M}",
        say("cli", "hours.state"): say("cli", "hours.open" if answer.open else "hours.closed"),
        say("cli", "hours.reason"): clean(choose(answer.reason, answer.reason_en)),
        say("cli", "hours.clause"): clean(answer.clause) or "-",
        say("cli", "hours.next_open"): f"{answer.next_open:%Y-%m-%d %H:%M}" if answer.next_open else "-",
        say("cli", "hours.next_close"): f"{answer.next_close:%Y-%m-%d %H:%M}" if answer.next_close else "-",
    }
    for line in fields(shown):
        out(line)
    return FINE


def _asked(given: Given, day: date) -> tuple[Policy, Account | None, SpecialDays]:
    """The policy that is asked about, with the account and the office's own days where one is named."""
    if policy := given.get("--policy"):
        return edition_at(policy, given.get("--office"), day), None, ORDINARY
    book = rulebook_of(given.get("--office"), day)
    account = account_of(book, given.values["--account"])
    return book.policies[account.policy], account, book.days
