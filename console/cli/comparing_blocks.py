"""`kohoban blocklist compare`: the list here against the platform's own, which is asked now."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from console.cli.bench_words import carried_out
from console.cli.command import Session, argument, command, option, text
from console.cli.outcome import FINDINGS, FINE
from console.cli.terminal import SCHEMA, clean, err, out, out_json
from daemon.wire.blocks import BlocksCompared, CompareBlocks
from daemon.wire.moderation import ConfirmBlocks


@command("blocklist compare", argument("ACCOUNT"), option("--confirm", key="block_confirm", is_flag=True))
def compare(session: Session, account: str, confirm: bool) -> int:
    """突き合わせ. Exit code 1 where the lists differ."""
    if confirm:
        return carried_out(session, ConfirmBlocks(account=account))
    with session.link() as link:
        found = link.ask(CompareBlocks(account=account), BlocksCompared)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(found)})
    else:
        for line in _lines(found):
            out(line)
        if found.confirmed:
            err(text("blocklist.to_confirm", account=clean(account)))
    return FINDINGS if found.there or found.here or found.confirmed else FINE


def _lines(found: BlocksCompared) -> Iterator[str]:
    yield text("blocklist.both", count=found.both)
    if not found.whole:
        yield text("blocklist.not_whole")
    for there in found.there:
        yield text("blocklist.only_there", handle=clean(there.handle), author=clean(there.author))
    for each in found.here:
        yield text("blocklist.only_here", id=each.id, handle=clean(each.handle), cite=clean(each.cite) or "-")
    for each in found.confirmed:
        yield text("blocklist.stands_there", id=each.id, handle=clean(each.handle))
