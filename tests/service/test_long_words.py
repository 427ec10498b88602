"""No act has more words than anybody reads: one limit, said before it is sent, and kept by the daemon."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest
from msgspec import structs

from console.unasked import to_ask
from daemon.refused import Refused, given
from daemon.wire import ClauseBoard, Refusal, Return, Stopped, StopState
from daemon.wire.acts import AnyAct
from daemon.wire.limits import LONGEST, LONGEST_ADDRESS, too_long
from daemon.wire.moderation import ImportBlocks, Propose
from tests.service.live_office import Office

WORDY = [
    (act, field.name) for act in get_args(AnyAct) for field in structs.fields(act) if field.type is str and act is not Stopped
]


def made(act: type[Any], **words: str) -> Any:
    """An act with these words, and as little else as it takes."""
    plain: dict[Any, object] = {str: "x", int: 1, bool: False, bytes: b"", float: 0.0}
    needed = {
        field.name: plain.get(field.type, () if "tuple" in str(field.type) else None)
        for field in structs.fields(act)
        if field.required
    }
    for field in structs.fields(act):
        if field.required and needed[field.name] is None:
            needed[field.name] = get_args(field.type)[0] if get_args(field.type) else "x"
    return act(**{**needed, **words})


@pytest.mark.parametrize(("act", "field"), WORDY, ids=[f"{act.__name__}.{field}" for act, field in WORDY])
def test_every_text_of_every_act_has_a_limit(act: type[Any], field: str) -> None:
    excess = too_long(made(act, **{field: "長" * 1_000_000}))
    assert excess is not None
    assert (excess.field, excess.length) == (field, 1_000_000)
    assert too_long(made(act, **{field: "長" * LONGEST})) is None


def test_what_stands_in_a_list_of_texts_has_it_too() -> None:
    assert too_long(Propose(comment=1, reason="長" * (LONGEST + 1))) is not None
    assert too_long(ImportBlocks(account="a", handles=(("@a" * LONGEST, ""),))) is not None


def test_a_stop_is_never_refused_for_its_words_and_an_address_may_be_longer_than_a_reason() -> None:
    assert too_long(Stopped(reason="長" * 1_000_000)) is None
    assert LONGEST_ADDRESS > LONGEST


def test_a_long_reason_is_refused_before_it_is_sent_in_the_words_of_the_daemon(office: Office) -> None:
    act = Return(draft=1, hash="0", reason="長" * (LONGEST + 1))
    before = to_ask(act, None)
    assert isinstance(before, Refusal)
    after = office.caller("akasaka").refused(act, "reason")
    assert (before.message, before.message_en) == (after.message, after.message_en)
    assert "501字" in after.message and "500字まで" in after.message
    assert to_ask(ClauseBoard(policy="長" * 600), None), "a question is no entry of the record"


def test_hostile_megabytes_reach_nobodys_list_and_no_entry_of_the_record(office: Office) -> None:
    office.drop("minato-x", "a.txt")
    row = office.row("a.txt", "to_fix", "waiting")
    entries = office.record_is_whole()
    caller = office.caller("akasaka")
    caller.refused(Return(draft=row.id, hash=row.hash, reason="長" * 300_000), "reason")
    assert office.record_is_whole() == entries
    caller.ask(Stopped(scope="actions", reason="長" * 300_000), StopState)
    status = office.status()
    assert len(msgspec.json.encode(status)) < 100_000
    office.resume(scope="actions")


@pytest.mark.parametrize("reason", ["長" * (LONGEST + 1), "  \n"])
def test_a_reason_from_a_folder_or_a_sheet_keeps_to_it_as_well(reason: str) -> None:
    with pytest.raises(Refused) as refused:
        given(reason)
    assert refused.value.refusal.code == "reason"
