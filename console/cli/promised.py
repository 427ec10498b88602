"""Rulebooks as commands read them: whole, or a Failure that says everything that is wrong, each with file and line."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from console.cli.outcome import WRONG, Failure
from console.cli.place import RULES, office_dir, office_here
from console.words import choose, say
from daemon.rulebook.kept import load_kept, load_rulebook_kept
from daemon.rulebook.load import resolve_policy, today
from daemon.rulebook.model import Account, Policy, Rulebook, RulebookError


def rulebook_of(office: str | None, day: date | None = None, otherwise: str = "error.no_office") -> Rulebook:
    """The rulebook of an office, as it stands today or on a day. Raises Failure where there is none, saying `otherwise`, or where it
    cannot be put in force."""
    folder = office_here(office, otherwise)
    try:
        return load_rulebook_kept(folder, day or today())
    except RulebookError as error:
        raise Failure(WRONG, problems_said(error)) from None


def account_of(book: Rulebook, account: str) -> Account:
    """The account of that id. Raises Failure with the ones there are."""
    if account not in book.accounts:
        known = ", ".join(sorted(book.accounts))
        raise Failure(WRONG, say("cli", "check.unknown_account", account=account, accounts=known))
    return book.accounts[account]


def policy_of(name: str, office: str | None) -> Policy:
    """The policy of this id or file; an office's own come before the program's. Raises Failure."""
    try:
        return resolve_policy(name, office_if_any(office), load_kept)
    except RulebookError as error:
        raise Failure(WRONG, problems_said(error)) from None


def office_if_any(office: str | None) -> Path | None:
    """The office's folder, where it holds an office."""
    folder = office_dir(office)
    return folder if (folder / RULES).is_file() else None


def problems_said(error: RulebookError) -> str:
    """All problems of a rulebook, a line each."""
    return "\n".join(f"{p.file}:{p.line}: {choose(p.message, p.message_en)}" for p in error.problems)
