"""`kohoban channels`: the ways to the platforms that there are, what each does by itself, and what that leaves to people at each account."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, get_args

import msgspec

from console.cli.command import Session, command, text
from console.cli.outcome import FINE
from console.cli.promised import office_if_any, rulebook_of
from console.cli.terminal import SCHEMA, clean, out, out_json, paint
from console.words import choose
from console.words.marks import together
from daemon.moderation.platforms import WORDS, means
from daemon.rulebook.channels import Capabilities, entry_of, known, stated
from daemon.rulebook.item import KIND_NAMES, KINDS, Kind
from daemon.rulebook.model import Account
from daemon.rulebook.moderation import Action
from daemon.rulebook.platforms import CANNOT, NAMES
from daemon.screening.platform import POLLS

WHO = ("automatic", "person", "impossible")
ACTIONS: tuple[Action, ...] = get_args(Action)
_INDENT = "    "


class Left(NamedTuple):
    """Who does what at an account: `automatic`, `person` or `impossible`, for each kind of draft and each measure on a comment; what a
    measure comes to where the platform has another; whether images are a person's."""

    kinds: Mapping[Kind, str]
    measures: Mapping[Action, str]
    really: Mapping[Action, str]
    images: int | None


@command("channels")
def channels(session: Session) -> int:
    """Every channel, and every account of the office where there is one."""
    found = {name: _stated(name) for name in known()}
    book = rulebook_of(session.office) if office_if_any(session.office) is not None else None
    accounts = [(account, left_to(account)) for account in book.accounts.values()] if book is not None else []
    if session.json:
        listed = [_channel_said(name, can) for name, can in found.items()]
        out_json({"schema": SCHEMA, "channels": listed, "accounts": [_account_said(*each) for each in accounts]})
        return FINE
    out(paint("bold", text("channels.all")))
    for name, can in found.items():
        for line in _channel_lines(name, can):
            out(line)
    if accounts:
        out("")
        out(paint("bold", text("channels.accounts")))
    for account, left in accounts:
        for line in _account_lines(account, left):
            out(line)
    return FINE


def left_to(account: Account) -> Left:
    """What an account's channel does by itself, what is a person's task, and what nobody can do on its platform."""
    can = _stated(account.channel)
    able = can if isinstance(can, Capabilities) else Capabilities(kinds=frozenset())
    cannot: set[Kind] = {*CANNOT.get(account.platform, ()), *(("delete",) if account.final else ())}
    if account.platform in POLLS and POLLS[account.platform] is None:
        cannot.add("poll")
    really = {action: means(account.platform, action).really for action in ACTIONS}
    return Left(
        {kind: "impossible" if kind in cannot else "automatic" if kind in able.kinds else "person" for kind in KINDS},
        {
            action: "impossible" if not does else "automatic" if does in able.measures else "person"
            for action, does in really.items()
        },
        really,
        able.images,
    )


def _stated(name: str) -> Capabilities | str:
    """What a channel says that it can do; the error of one that cannot be loaded."""
    try:
        return stated(name) or Capabilities(kinds=frozenset())
    except (Exception, SystemExit) as error:  # whatever somebody else's code raises
        return str(error)


def _from(name: str) -> str:
    """The distribution that a channel comes from; empty for our own."""
    entry = entry_of(name)
    return "" if entry is None else f"{entry.dist.name} {entry.dist.version}" if entry.dist is not None else entry.value


def _channel_said(name: str, can: Capabilities | str) -> dict[str, Any]:
    said: dict[str, Any] = {"name": name, "from": _from(name) or "kohoban"}
    if isinstance(can, str):
        return said | {"error": can}
    return said | {
        key: sorted(value) if isinstance(value, frozenset) else value for key, value in msgspec.structs.asdict(can).items()
    }


def _account_said(account: Account, left: Left) -> dict[str, Any]:
    return {
        "id": account.id,
        "platform": account.platform,
        "handle": account.handle,
        "channel": account.channel,
        "irreversible": account.final,
        "images": left.images,
        **{
            who: {
                "kinds": [kind for kind, whose in left.kinds.items() if whose == who],
                "measures": [action for action, whose in left.measures.items() if whose == who],
            }
            for who in WHO
        },
        "really": {action: does for action, does in left.really.items() if does not in ("", action)},
    }


def _channel_lines(name: str, can: Capabilities | str) -> Iterator[str]:
    yield f"  {clean(name)}" + (f"  ({clean(_from(name))})" if _from(name) else "")
    if isinstance(can, str):
        yield _INDENT + paint("warn", text("channels.broken", why=clean(can)))
    else:
        yield from (_INDENT + line for line in _can_lines(can))


def _can_lines(can: Capabilities) -> Iterator[str]:
    does = [_kind(kind) for kind in KINDS if kind in can.kinds]
    yield text("channels.automatic", what=_list(does)) if does else text("channels.by_hand")
    if does and can.images is not None:
        yield text("channels.images", most=can.images) if can.images else text("channels.no_images")
    if can.measures:
        yield text("channels.measures", what=_list(_measure(each) for each in WORDS if each in can.measures))
    if can.reads:
        yield text("channels.reads", what=_list(text(f"channels.read_{each}") for each in sorted(can.reads)))
    for key, holds in (("final", can.final), ("training", can.training), ("secret", can.secret)):
        if holds:
            yield text(f"channels.{key}")
    if can.prices:
        yield text("channels.prices", day=clean(can.prices_as_of))


def _account_lines(account: Account, left: Left) -> Iterator[str]:
    where = f"{NAMES[account.platform]} {account.handle}"
    yield f"  {paint('bold', clean(account.id))}  {clean(where)}  channel = {clean(account.channel)}"
    for who in WHO:
        did = [_kind(kind) for kind, whose in left.kinds.items() if whose == who]
        if who == "person" and left.images is not None and "automatic" in left.kinds.values():
            did.append(text("channels.more_images", most=left.images) if left.images else text("channels.with_images"))
        done = [_came_to(action, left.really[action]) for action, whose in left.measures.items() if whose == who]
        if did or done:
            both = "  ".join(filter(None, [_list(did), text("channels.on_comments", what=_list(done)) if done else ""]))
            yield _INDENT + text(f"channels.{who}", what=both)


def _came_to(action: Action, really: str) -> str:
    return _measure(action) if really in ("", action) else f"{_measure(action)}→{_measure(really)}"


def _kind(kind: Kind) -> str:
    return choose(KIND_NAMES[kind], kind)


def _measure(name: str) -> str:
    return choose(*WORDS[name])


def _list(names: Iterable[str]) -> str:
    return together(names)
