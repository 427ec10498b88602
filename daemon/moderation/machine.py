"""Which measures a channel takes by itself: what it states, of a comment or an account whose number is known. All else is a person's."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from daemon.rulebook.channels import capabilities
from daemon.rulebook.model import Account
from daemon.store import from_db

MACHINE = "daemon"
"""Whom a measure names as its holder that no person has in hand."""

_OF_AN_AUTHOR = ("mute", "unmute", "block", "unblock")


def taker(account: Account, really: str, post: str, author: str) -> str:
    """The channel that takes this measure; empty where a person does it. `post` is the number or address of the comment, `author` the number
    of whoever wrote it: without the one that it is about, nobody but a person finds it."""
    takes = really in capabilities(account.channel).measures and target(really, post, author)
    return account.channel if takes else ""


def target(really: str, post: str, author: str) -> str:
    """What a measure is done to: the comment, or whoever wrote it; empty where that is not known."""
    return author if really in _OF_AN_AUTHOR else post


def post_of(source: str, url: str) -> str:
    """What a comment is called on its platform: its number; its address where an export has called it something else."""
    return source if source.isdigit() or not url else url


def could_send(account: Account, row: sqlite3.Row) -> bool:
    """Whether a measure that is a person's for now may be given (back) to the account's channel."""
    return really_known(account, row["really"]) and bool(
        target(row["really"], row["url"] or str(row["comment"] or ""), row["author"])
    )


def really_known(account: Account, really: str) -> bool:
    """Whether the account's channel takes such measures at all."""
    return really in capabilities(account.channel).measures


def in_hands(row: sqlite3.Row, now: datetime) -> bool:
    """Whether somebody has a measure in hand, a person or the machine; of one that is 不明 nobody has."""
    return row["state"] == "taken" and row["sent"] != "unknown" and from_db(row["until"]) > now
