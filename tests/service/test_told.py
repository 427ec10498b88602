"""What a daemon says is understood kind by kind as it is all at once."""

from __future__ import annotations

from typing import get_args

import msgspec
import pytest

from daemon.wire import Bye, Event, Named, Refusal, Reply, ViewOpened, Welcome, decode_frame, decode_told, encode_frame
from daemon.wire.answers import AnyAnswer
from daemon.wire.frames import Frame

NO = Refusal(code="stale", message="閉庁中です", message_en="closed")
FRAMES: tuple[Frame, ...] = (
    Welcome(protocol=1, login="a", name="赤坂", role="staff", titles=(), office="港区", training=True, seq=3, version="1"),
    Event(seq=4, kind="draft", draft=7),
    Bye(refusal=NO),
    Reply(id="1", answer=NO),
    Reply(id="2", answer=ViewOpened(view=1, count=10, seq=4)),
    Reply(id="3", answer=Named(drafts=(1, 2))),
)


@pytest.mark.parametrize("frame", FRAMES, ids=lambda frame: type(getattr(frame, "answer", frame)).__name__)
def test_a_frame_reads_the_same_in_either_way(frame: Frame) -> None:
    line = encode_frame(frame)
    assert decode_told(line) == decode_frame(line) == frame


def test_no_two_answers_have_one_name() -> None:
    kinds = [answer.__struct_config__.tag for answer in get_args(AnyAnswer)]
    assert len(set(kinds)) == len(kinds) > 50


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\xff",
        b"{}",
        b'{"frame":"ask","id":"1"}',
        b'{"frame":"reply","id":"1"}',
        b'{"frame":"reply","id":"1","answer":{}}',
        b'{"frame":"reply","id":"1","answer":{"answer":"unheard of"}}',
        b'{"frame":"reply","id":"1","answer":{"answer":"view_opened"}}',
        b'{"frame":"reply","id":"1","answer":' + b"[" * 100_000,
    ],
)
def test_what_is_no_word_of_a_daemon_is_told_so(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_told(line)
