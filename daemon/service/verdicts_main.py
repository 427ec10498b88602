"""What the program judges of everything in hand, at one moment: `python -I …/verdicts_main.py DATABASE OFFICE NOW [--fresh]`.

An upgrade asks two versions of the program the same question about copies of the same database, and holds the answers against each other.
So this file is also run by the Python of an *older* installation, whose rooms it then meets: it asks only for what they have had since 0.1.0.
One line of JSON a draft, at the end `{"done": n}`. The database is only read.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from daemon.desk.case import Setting, load
from daemon.desk.states import IN_HAND
from daemon.judge import judge
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook
from daemon.store.database import open_reader

_HOLDING = ("block", "hold")


def judged(db: sqlite3.Connection, book: Rulebook, now: datetime, *, fresh: bool) -> Iterator[dict[str, Any]]:
    """Every draft in hand, as this program judges it now; `fresh`: its text is screened again, whatever was found in it before."""
    setting = Setting(book, now, frozenset(), lambda _: ())
    states = ",".join(f"'{state}'" for state in sorted(IN_HAND))
    for row in db.execute(f"SELECT id FROM drafts WHERE state IN ({states}) AND live = 1 ORDER BY id").fetchall():
        try:
            case = load(db, row["id"], book)
        except Refused:  # its account has left the office
            continue
        at = (case.release_at or now).astimezone(TOKYO)
        same = case.policy_hash == case.policy(book).hash
        situation = replace(case.situation(setting), now=at)
        said = judge(case.item, situation, book, screened=case.screened if same and not fresh else None)
        yield {
            "draft": case.id,
            "account": case.account.id,
            "policy": case.account.policy,
            "name": case.name.decode("utf-8", "backslashreplace"),
            "title": case.title,
            "state": case.state,
            "verdict": said.verdict,
            "clauses": sorted({each.clause for each in said.findings if each.verdict in _HOLDING}),
            "who": [line.who for line in said.missing if line.act == "approve"],
        }


def main(argv: list[str]) -> int:
    """The process."""
    database, office, now = argv[0], Path(argv[1]), datetime.fromisoformat(argv[2])
    db = open_reader(Path(database))
    count = 0
    for count, line in enumerate(judged(db, load_rulebook(office), now, fresh="--fresh" in argv[3:]), 1):  # noqa: B007
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.write(json.dumps({"done": count}) + "\n")
    db.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
