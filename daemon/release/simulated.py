"""The simulated channel: the way a real platform's will go, to a platform that is none (`simulator.py`). For training and drills."""

from __future__ import annotations

import socket
import time
from contextlib import closing
from pathlib import Path

import msgspec

from daemon.release.channel import Became, Here
from daemon.release.jobs import MEASURES, Ask, Heard, Held, Job, Listed, Look, Told
from daemon.release.simulator import (
    LONGEST,
    Arrived,
    Blocking,
    Measure,
    Measured,
    Measures,
    Mentions,
    Post,
    Reply,
    Request,
    Spoken,
    Timeline,
)
from daemon.release.steps import FOLDER, Noted
from daemon.rulebook.channels import BUILT_IN
from daemon.wire.place import address

CONNECT_WITHIN = 5.0
"""Seconds in which the platform has to take up the line."""

ANSWER_WITHIN = 10.0
"""Seconds in which it has to answer; after that nobody knows what became of the post."""

_encode = msgspec.json.Encoder().encode
_reply = msgspec.json.Decoder(Reply)


class Simulated:
    """The channel to the simulated platform, with the right to post that lies in the releaser's folder."""

    can = BUILT_IN["simulated"]

    def prepare(self, job: Job, here: Here) -> Sending:
        """Take up the line. Raises Held."""
        try:
            token = (here.state / FOLDER / "token").read_text().strip()
        except OSError:
            token = ""
        return Sending(job, token)

    def look(self, look: Look, noted: Noted | None, here: Here) -> Became:
        """A job without a note never began; any other is looked for on the timeline, where its absence settles nothing. Raises OSError,
        Held."""
        if noted is None:
            return Became("not_released")
        try:
            place = _taken(look) if look.kind in MEASURES else found(look)
        except msgspec.DecodeError:
            raise Held("unknown", "媒体の答えが読めません", "the platform's answer cannot be read") from None
        return Became("released", place) if place else Became("unknown")

    def let_go(self, look: Look, here: Here) -> None:
        """Nothing was put aside."""

    def ask(self, ask: Ask, here: Here) -> Told:
        """What citizens have said, or whom the account blocks. Raises Held."""
        question: Request
        match ask.what:
            case "mentions":
                question = Mentions(account=ask.account, since=ask.since, most=ask.most)
            case "blocking":
                question = Blocking(account=ask.account)
            case _:
                raise Held("failed", "この媒体への道には尋ねられません", "this channel cannot be asked")
        try:
            reply = asked(ask.platform_at, question)
        except (OSError, msgspec.DecodeError) as error:
            raise Held("failed", f"媒体につながりません（{error}）", f"the platform cannot be reached ({error})") from None
        if ask.what == "blocking":
            listed = tuple(Listed(number=each.author, handle=each.handle) for each in reply.spoken)
            return Told(job=ask.id, ok=True, listed=listed, rows=len(listed))
        heard = tuple(map(_heard, reply.spoken))
        return Told(job=ask.id, ok=True, heard=heard, whole=reply.whole, rows=len(heard))


class Sending:
    """One post or measure on its way: the line is taken up, the request lies ready."""

    def __init__(self, job: Job, token: str, patience: float = ANSWER_WITHIN) -> None:
        """Take up the line. Raises Held."""
        self._job, self._patience = job, patience
        try:
            text = job.body.decode()
            self._line = _line(job.platform_at)
        except (OSError, ValueError) as error:
            raise Held("failed", f"媒体につながりません（{error}）", f"the platform cannot be reached ({error})") from None
        request = Measure(account=job.account, what=job.kind, target=job.target, token=token) if job.is_measure else None
        self._request = _encode(request or Post(account=job.account, text=text, token=token)) + b"\n"

    def write(self) -> None:
        """Send the request: from its first byte on it may be out. Raises Held."""
        try:
            self._line.sendall(self._request)
        except OSError as error:
            raise Held(
                "unknown", f"送信の途中で回線が切れました（{error}）", f"the line broke in the request ({error})"
            ) from None

    def finish(self) -> Became:
        """The address of the post, once the platform has answered (of a measure: nowhere). Raises Held."""
        with closing(self._line):
            try:
                reply = _hear(self._line, self._patience)
            except (OSError, msgspec.DecodeError) as error:
                why = f"媒体の答えがありません（{error or '回線が切れました'}）"
                raise Held("unknown", why, f"no answer from the platform ({error or 'the line was cut'})") from None
        if reply.status == 201:
            return Became("released", url_of(self._job.handle, reply.id))
        if reply.status == 200 and self._job.is_measure:
            return Became("released")
        if reply.status == 429:
            why, why_en = "媒体が、しばらく待つように答えました（429）", "the platform asks to wait (429)"
            raise Held("prevented", why, why_en, time.time() + reply.again)
        if reply.status == 401:  # of a machine that another one has replaced: docs/standby.md
            why = "媒体はこの機械の権限を認めません（401）。トークンが取り消されています"
            raise Held("failed", why, "the platform does not accept this machine's right (401): its token was revoked")
        if reply.status == 403:  # a text that is there already is refused: a sign that it had gone out
            raise Held("unknown", "媒体は同じ投稿があるとして断りました（403）", "the platform has the same post already (403)")
        if 400 <= reply.status < 500:
            raise Held("failed", f"媒体が断りました（{reply.status}）", f"the platform refused it ({reply.status})")
        raise Held("unknown", f"媒体の側で障害がありました（{reply.status}）", f"the platform failed ({reply.status})")

    def abandon(self) -> None:
        """Nothing was sent: hang up."""
        self._line.close()


def found(look: Look) -> str | None:
    """The address of the post that a job became, looked up on the account's own timeline; None where it does not stand there (yet).

    Raises OSError, msgspec.DecodeError where the platform cannot be asked.
    """
    with closing(_line(look.platform_at)) as line:
        line.sendall(_encode(Timeline(account=look.account, since=look.since)) + b"\n")
        posts = _hear(line, ANSWER_WITHIN).posts
    text = look.body.decode(errors="replace")
    same = [post for post in posts if post.text == text]
    return url_of(look.handle, same[0].id) if same else None


def _taken(look: Look) -> str | None:
    """Whether a measure has arrived since. Raises OSError, msgspec.DecodeError."""
    done = measures(look.platform_at, look.account)
    same = [each for each in done if (each.what, each.target) == (look.kind, look.target) and each.at >= look.since]
    return look.target if same else None


def _heard(spoken: Spoken) -> Heard:
    return Heard(
        number=spoken.id,
        author=spoken.author,
        handle=spoken.handle,
        name=spoken.handle,
        text=spoken.text,
        at=spoken.at,
        url=url_of(spoken.handle, spoken.id),
        conversation=spoken.conversation,
        answers=spoken.conversation,
    )


def measures(at: str, account: str) -> tuple[Measured, ...]:
    """Every measure that has arrived for an account. Raises OSError, msgspec.DecodeError."""
    return asked(at, Measures(account=account)).measures


def asked(at: str, request: Request, patience: float = ANSWER_WITHIN) -> Reply:
    """The simulated platform's answer to any request. Raises OSError, msgspec.DecodeError."""
    with closing(_line(at)) as line:
        line.sendall(_encode(request) + b"\n")
        return _hear(line, patience)


def arrivals(at: str, account: str) -> tuple[Arrived, ...]:
    """Everything that has arrived for an account. Raises OSError, msgspec.DecodeError."""
    return asked(at, Timeline(account=account)).posts


def url_of(handle: str, number: str) -> str:
    """Where a simulated post would be read. `.invalid` leads nowhere, by its registration."""
    return f"https://simulated.invalid/{handle.lstrip('@')}/status/{number}"


def _line(at: str) -> socket.socket:
    host, colon, port = at.rpartition(":")
    if colon and port.isdigit():
        return socket.create_connection((host, int(port)), CONNECT_WITHIN)
    place = Path(at)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(CONNECT_WITHIN)
    try:
        with address(place.parent, place.name) as short:
            line.connect(short)
    except OSError:
        line.close()
        raise
    return line


def _hear(line: socket.socket, patience: float) -> Reply:
    until = time.monotonic() + patience
    heard = b""
    while not heard.endswith(b"\n") and len(heard) < 64 * LONGEST:
        line.settimeout(max(0.001, until - time.monotonic()))
        piece = line.recv(1 << 16)
        if not piece:
            raise ConnectionError
        heard += piece
    return _reply.decode(heard)


CHANNEL = Simulated()
