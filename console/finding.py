"""What people type to narrow the queue, as the daemon's question: one small language for `/`, the command line and saved filters.

Words are separated by spaces; all of them must be met. An account (`minato-x`), a clause (`7(2)`, `minato/7-2`), a state (`状態:予約`, or the
word alone where it is no everyday word: `承認待ち`), a verdict (`判定:注意`), `自分`, `期日`, an order (`順:到着`); everything else is looked
for in text and file name. `-語` leaves out, quotes make a text of what would mean something else. The English words and ids do as well
behind their colon; width and case do not matter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from typing import get_args

from msgspec import structs

from console.words import LANGUAGES, say, sentence, word
from daemon.wire import AccountStatus, OpenView
from daemon.wire.finding import DraftSort

STATES = (
    "received", "to_fix", "waiting", "approved", "scheduled", "releasing", "released", "held", "returned", "withdrawn", "expired",
    "unknown",
)  # fmt: skip
VERDICTS = ("block", "hold", "warn", "info", "pass")
SORTS: tuple[DraftSort, ...] = get_args(DraftSort)
_VALUES: dict[str, tuple[str, ...]] = {"state": STATES, "verdict": VERDICTS, "sort": SORTS}

_PIECES = re.compile(r'-?"[^"]*"?|[^\s"]+')
_CLAUSE = re.compile(r"\d[\d-]*[^\s/]*\(\d+\)\S*")
_KEYS = {"順": "sort", "並び": "sort", "sort": "sort", "状態": "state", "state": "state", "判定": "verdict", "verdict": "verdict"}
_EVERYDAY = 2
"""Words of so many characters (予約, 保留, 注意) stand in any text: alone they are looked for there."""


def narrowed(typed: str, state: str, sort: DraftSort, accounts: Sequence[AccountStatus] = ()) -> OpenView:
    """The question of a list that is narrowed by words, and by a chosen state, which goes before those among the words; in this order."""
    asked = parsed(typed, accounts)
    return structs.replace(asked, states=(state,) if state else asked.states, sort=sort)


def parsed(typed: str, accounts: Sequence[AccountStatus] = ()) -> OpenView:
    """The question that these words ask. Nothing typed asks for everything."""
    by_name = {fold(name): account for account in accounts for name in (account.id, account.name)}
    chosen: list[AccountStatus] = []
    found: dict[str, list[str]] = {"states": [], "verdicts": [], "grounds": [], "without": [], "text": []}
    mine = due = False
    sort: DraftSort = "state"
    for piece in _PIECES.findall(unicodedata.normalize("NFKC", typed)):
        plain = fold(piece)
        key, _, value = plain.partition(":")
        if piece.startswith(('"', '-"')):
            bare = "".join(piece.strip('-"').split())
            found["without" if piece.startswith("-") else "text"] += [bare] if bare else []
        elif key in _KEYS and value in (meant := _meanings(_KEYS[key])):
            table = _KEYS[key]
            sort = meant[value] if table == "sort" else sort  # type: ignore[assignment]
            found.get(f"{table}s", []).append(meant[value])
        elif len(piece) > 1 and piece.startswith("-"):
            found["without"].append(piece[1:])
        elif plain in by_name:
            chosen.append(by_name[plain])
        elif len(plain) > _EVERYDAY and not plain.isascii() and plain in (states := _meanings("state")):
            found["states"].append(states[plain])
        elif len(plain) > _EVERYDAY and not plain.isascii() and plain in (verdicts := _meanings("verdict")):
            found["verdicts"].append(verdicts[plain])
        elif plain in _either("find.mine"):
            mine = True
        elif plain in _either("find.due"):
            due = True
        elif _CLAUSE.fullmatch(piece) or piece.partition("/")[0] in {account.policy for account in accounts}:
            found["grounds"].append(piece)
        else:
            found["text"].append(piece)
    policies = list(dict.fromkeys(account.policy for account in chosen or accounts))
    return OpenView(
        states=tuple(dict.fromkeys(found["states"])),
        accounts=tuple(dict.fromkeys(account.id for account in chosen)),
        verdicts=tuple(dict.fromkeys(found["verdicts"])),
        clauses=tuple(_clauses(found["grounds"], policies)),
        without=tuple(found["without"]),
        text=" ".join(found["text"]),
        mine=mine,
        due=due,
        sort=sort,
    )


def ordered(typed: str) -> DraftSort | None:
    """The order that these words ask for; None where they say nothing of it."""
    keys = (fold(piece).partition(":")[0] for piece in _PIECES.findall(unicodedata.normalize("NFKC", typed)))
    return parsed(typed).sort if "sort" in map(_KEYS.get, keys) else None


def conditions(view: OpenView) -> list[str]:
    """What a question asks for, condition by condition, in words."""
    said = [f"{say('tui', 'find.state')}:{word('state', state)}" for state in view.states]
    said += [*view.accounts, *(f"{say('tui', 'find.verdict')}:{word('verdict', verdict)}" for verdict in view.verdicts)]
    said += list(dict.fromkeys(clause.partition("/")[2] if len(view.clauses) > 1 else clause for clause in view.clauses))
    said += [say("tui", "find.mine").split()[0]] if view.mine else []
    said += [say("tui", "find.due").split()[0]] if view.due else []
    return [*said, *view.text.split(), *(f"-{each}" for each in view.without)]


def sort_word(sort: str) -> str:
    """An order in words."""
    return word("sort", sort).split()[0]


def fold(typed: str) -> str:
    """Width and case away."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def _clauses(grounds: Iterable[str], policies: Sequence[str]) -> Iterable[str]:
    """A clause in full; one without its policy in each of these."""
    for ground in grounds:
        yield from [ground] if "/" in ground else [f"{policy}/{ground}" for policy in policies]


@cache
def _meanings(table: str) -> dict[str, str]:
    """What may be typed for each state, verdict or order, in both languages."""
    found: dict[str, str] = {}
    for value in _VALUES[table]:
        for lang in LANGUAGES:
            said = sentence("tui", f"{table}.{value}", lang)
            found |= {fold(each): value for each in (said.split() if table == "sort" else ["".join(said.split())])}
        found[value] = value
    return found


@cache
def _either(key: str) -> frozenset[str]:
    return frozenset(fold(each) for lang in LANGUAGES for each in sentence("tui", key, lang).split())
