"""Frames: newline-delimited JSON on a Unix socket. A hello with a range of versions, then questions with ids, answers, events.

A frame is one line of at most `LINE_LIMIT` bytes. An `Ask` carries an id that the caller makes (a UUID): an act asked again under
the same id, after a lost connection, is answered from the record and not carried out twice.
"""

from __future__ import annotations

from functools import cache
from typing import TypeVar, get_args

import msgspec
from msgspec import Struct

from daemon.wire.acts import AnyAct
from daemon.wire.answers import AnyAnswer, Event, Refusal
from daemon.wire.queries import AnyQuery

PROTOCOL = (1, 2)
"""The oldest and the newest version of the protocol that this program speaks; what each has added is in `since`."""

LINE_LIMIT = 1 << 20
"""Bytes in one line, at most; a longer one ends the connection."""


class Hello(Struct, frozen=True, kw_only=True, tag_field="frame", tag="hello"):
    """The first frame of a client. `operator` is the login it wants to act as, which only a training office allows."""

    protocol: tuple[int, int] = PROTOCOL
    client: str = ""
    operator: str = ""
    events: bool = False


class Welcome(Struct, frozen=True, kw_only=True, tag_field="frame", tag="welcome"):
    """The answer to a hello: the version to speak, who the kernel and the register say the caller is, and the office."""

    protocol: int
    login: str
    name: str
    role: str
    titles: tuple[str, ...]
    office: str
    training: bool
    seq: int
    version: str


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="frame", tag="ask"):
    """One act or one query."""

    id: str
    act: AnyAct | None = None
    query: AnyQuery | None = None


class Reply(Struct, frozen=True, kw_only=True, tag_field="frame", tag="reply"):
    """The answer to the ask of that id."""

    id: str
    answer: AnyAnswer


class Bye(Struct, frozen=True, kw_only=True, tag_field="frame", tag="bye"):
    """The connection ends, and why (no common version, not on the register, the daemon goes down)."""

    refusal: Refusal


Frame = Hello | Welcome | Ask | Reply | Event | Bye

F = TypeVar("F")

_encoder = msgspec.json.Encoder()


def encode_frame(frame: Frame) -> bytes:
    """One frame as one line, newline included."""
    return _encoder.encode(frame) + b"\n"


def decode_frame(line: bytes) -> Frame:
    """The frame in one line. Raises msgspec.DecodeError (or its ValidationError) for anything else."""
    return _decoded(_of_both(), line)


def decode_asked(line: bytes) -> Hello | Ask:
    """What a caller says, in one line. As `decode_frame`, for whoever answers: to learn of every answer takes a tenth of a daemon's start."""
    return _decoded(_of_callers(), line)


class Unread(Struct, frozen=True, kw_only=True, tag_field="frame", tag="ask"):
    """Of an ask that cannot be read, its id."""

    id: str


_unread: msgspec.json.Decoder[Unread] = msgspec.json.Decoder(Unread)


def id_of_asked(line: bytes) -> str | None:
    """The id of an ask whose act or query is unknown here; None for what is no ask at all."""
    try:
        return _decoded(_unread, line).id
    except msgspec.DecodeError:
        return None


def decode_told(line: bytes) -> Welcome | Reply | Event | Bye:
    """What the daemon says, in one line. As `decode_frame`, for whoever asks: every kind of answer is learned of when the first one comes, for
    to learn of all at once takes a twentieth of a console's start."""
    said = _decoded(_of_daemon(), line)
    if not isinstance(said, _Answered):
        return said
    kind = _decoded(_KIND, said.answer).answer
    if (answer := _answers().get(kind)) is None:
        raise msgspec.ValidationError(f"Invalid value {kind!r} - at `$.answer.answer`")
    return Reply(id=said.id, answer=_decoded(_of_answer(answer), said.answer))


class _Answered(Struct, frozen=True, kw_only=True, tag_field="frame", tag="reply"):
    """A reply whose answer has not been read."""

    id: str
    answer: msgspec.Raw


class _Kind(Struct):
    """Of an answer, what it is."""

    answer: str


_KIND = msgspec.json.Decoder(_Kind)


@cache
def _answers() -> dict[str, type[AnyAnswer]]:
    return {str(answer.__struct_config__.tag): answer for answer in get_args(AnyAnswer)}


@cache
def _of_answer(answer: type[AnyAnswer]) -> msgspec.json.Decoder[AnyAnswer]:
    return msgspec.json.Decoder(answer)


@cache
def _of_daemon() -> msgspec.json.Decoder[Welcome | _Answered | Event | Bye]:
    return msgspec.json.Decoder(Welcome | _Answered | Event | Bye)


@cache
def _of_both() -> msgspec.json.Decoder[Frame]:
    return msgspec.json.Decoder(Frame)


@cache
def _of_callers() -> msgspec.json.Decoder[Hello | Ask]:
    return msgspec.json.Decoder(Hello | Ask)


def _decoded(decoder: msgspec.json.Decoder[F], line: bytes | msgspec.Raw) -> F:
    try:
        return decoder.decode(line)
    except (
        UnicodeDecodeError,
        RecursionError,
    ) as error:  # what msgspec lets through of bytes that are no text, and of endless nesting
        raise msgspec.DecodeError(str(error)) from None
