"""What is attached to a post: uploaded before it, with its alternative text. It shows nothing to anybody until the post is there.

The bytes that were sealed are the bytes that go up: they are hashed as they are read for it. What is up is remembered for a day, so that a
slow line gets on with every try; where X knows it no more, it goes up anew at once.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import msgspec

from daemon.release.jobs import Attached, Held, moment
from daemon.release.permit import put
from daemon.release.x.access import Access
from daemon.release.x.problems import Refusal

MOST = 4
"""Images of one post; of animations and films one."""
LONGEST_ALT = 1000
LARGEST = {"tweet_image": 5 << 20, "tweet_gif": 15 << 20, "tweet_video": 512 << 20}
"""Bytes, by category."""
PIECE = 1 << 20
"""Bytes of one piece of what goes up in pieces."""
KEPT = 20 * 3600.0
"""Seconds for which an upload is used again: X keeps it for 24 hours."""
WAIT = 1.0
"""Seconds between two looks at what X still works on, at the least."""

_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif", b"BM": "image/bmp"}
_KINDS |= {b"II*\0": "image/tiff", b"MM\0*": "image/tiff"}


class _Up(msgspec.Struct, frozen=True):
    """An upload that is remembered: its number at X, since when, and the alternative text that it has."""

    number: str
    at: float
    alt: str = ""


class Uploads(NamedTuple):
    """What is attached, ready to be posted: its numbers at X, and where those are remembered that an earlier try had sent up."""

    numbers: tuple[str, ...] = ()
    earlier: tuple[Path, ...] = ()

    def forget(self) -> bool:
        """X does not know it any more: have what was sent up earlier go up anew. False where nothing was: then X has other reasons."""
        for place in self.earlier:
            with suppress(OSError):
                place.unlink()
        return bool(self.earlier)


def uploaded(access: Access, attached: tuple[Attached, ...]) -> Uploads:
    """What is attached, uploaded. Raises Held."""
    if len(attached) > MOST:
        raise Held("failed", f"X の投稿に付けられる画像は{MOST}枚までです", f"a post on X has at most {MOST} images")
    numbers, earlier, moving = [], list[Path](), False
    for one in attached:
        if len(one.alt) > LONGEST_ALT:
            raise _failed(
                one, f"の代替テキストが{LONGEST_ALT}字を超えています", f"has more than {LONGEST_ALT} characters of alt text"
            )
        number, category, memory = _up(access, one)
        moving |= category != "tweet_image"
        numbers.append(number)
        if memory is not None:
            earlier.append(memory)
    if moving and len(numbers) > 1:
        raise Held(
            "failed",
            "動画・アニメーションは、ほかの画像と一緒に投稿できません",
            "a film or animation cannot be posted beside others",
        )
    return Uploads(tuple(numbers), tuple(earlier))


def _up(access: Access, one: Attached) -> tuple[str, str, Path | None]:
    """Its number and category, and where it is remembered, if it was up already. Raises Held."""
    try:
        with _opened(one) as file:
            kind, category = _kind(one, file.read(16))
            size = os.fstat(file.fileno()).st_size
            if not 0 < size <= LARGEST[category]:
                raise _failed(one, "は X に出せる大きさではありません", "is of no size that X takes")
            file.seek(0)
            digest = one.hash or _digest(file)
            memory = _Memory(access, digest, one.alt)
            if (known := memory.known()) is not None:
                with suppress(Refusal):  # it is not there any more
                    _described(access, one, known, memory)
                    return known.number, category, memory.place
            fresh = _Up(_send(access, one, file, kind, category, size, digest), time.time())
            memory.keep(fresh)
            _described(access, one, fresh, memory)
            return fresh.number, category, None
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else "?"
        raise _failed(one, f"を読めません（{why}）", f"cannot be read ({why})") from None
    except Refusal as refusal:
        raise _failed(one, f"を X が受け取りません。{refusal.held.why}", f"is not taken by X. {refusal.held.why_en}") from None


@contextmanager
def _opened(one: Attached) -> Iterator[BinaryIO]:
    """The file, through one descriptor. Raises OSError; Held for what is no plain file."""
    fd = os.open(one.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(fd, "rb") as file:
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            raise _failed(one, "は普通のファイルではありません", "is no plain file")
        yield file


def _digest(file: BinaryIO) -> str:
    digest = sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()


def _kind(one: Attached, begin: bytes) -> tuple[str, str]:
    """The media type that the content has, and X's category of it. Raises Held for what X does not take."""
    if begin[:4] == b"RIFF" and begin[8:12] == b"WEBP":
        return "image/webp", "tweet_image"
    if begin[4:8] == b"ftyp" and begin[8:12] not in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis"):
        return ("video/quicktime" if begin[8:12] == b"qt  " else "video/mp4"), "tweet_video"
    for first, kind in _KINDS.items():
        if begin.startswith(first):
            return kind, "tweet_gif" if kind == "image/gif" else "tweet_image"
    raise _failed(one, "は X が受け取る形式ではありません", "is of no kind that X takes")


def _send(access: Access, one: Attached, file: BinaryIO, kind: str, category: str, size: int, digest: str) -> str:
    """Upload it; its number at X, once X has done with it. Raises Held, Refusal, OSError."""
    if category == "tweet_image":
        content = file.read(LARGEST[category] + 1)
        _same(one, sha256(content).hexdigest(), digest)
        form = {"files": {"media": ("media", content, kind)}, "data": {"media_category": category}}
        return _number(access.asked("POST", "/2/media/upload", **form).get("data"))
    begun = {"media_type": kind, "total_bytes": size, "media_category": category}
    number = _number(access.asked("POST", "/2/media/upload/initialize", json=begun).get("data"))
    seen = sha256()
    for index, piece in enumerate(iter(lambda: file.read(PIECE), b"")):
        seen.update(piece)
        form = {"files": {"media": ("media", piece, "application/octet-stream")}, "data": {"segment_index": str(index)}}
        access.asked("POST", f"/2/media/upload/{number}/append", **form)
    _same(one, seen.hexdigest(), digest)
    _await(access, one, number, access.asked("POST", f"/2/media/upload/{number}/finalize").get("data"))
    return number


def _same(one: Attached, found: str, wanted: str) -> None:
    if found != wanted:
        raise _failed(one, "は承認された画像ではありません", "is not the image that was approved")


def _await(access: Access, one: Attached, number: str, data: object) -> None:
    """Wait until X has worked on it. Raises Held, Refusal."""
    while True:
        info = data.get("processing_info") if isinstance(data, dict) else None
        state = info.get("state") if isinstance(info, dict) else None
        if state in (None, "succeeded"):
            return
        if state == "failed":
            raise _failed(one, "を X が処理できません", "cannot be processed by X")
        wait = info.get("check_after_secs") if isinstance(info, dict) else None
        pause = float(min(max(wait, WAIT), 10.0)) if isinstance(wait, int | float) else WAIT
        time.sleep(max(0.0, min(pause, access.until - moment() - 1)))
        asked: dict[str, Any] = {"query": {"media_id": number, "command": "STATUS"}}
        data = access.asked("GET", "/2/media/upload", **asked).get("data")


def _described(access: Access, one: Attached, up: _Up, memory: _Memory) -> None:
    """See to it that it has its alternative text. Raises Held, Refusal."""
    if one.alt and up.alt != one.alt:
        access.asked("POST", "/2/media/metadata", json={"id": up.number, "metadata": {"alt_text": {"text": one.alt}}})
        memory.keep(msgspec.structs.replace(up, alt=one.alt))


def _number(data: object) -> str:
    number = data.get("id") if isinstance(data, dict) else None
    if not (isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 20):
        raise Held("prevented", "X の答えが読めません（画像）", "X's answer to an upload cannot be read", time.time() + 30.0)
    return number


class _Memory:
    """What is up already, by what it holds, what it says to whoever cannot see it, and whose it is: an upload keeps the words that it was
    once given, and they are on every post that it is on."""

    def __init__(self, access: Access, digest: str, alt: str) -> None:
        which = sha256(f"{access.own().number}\0{digest}\0{alt}".encode()).hexdigest()
        self.place: Path = access.memory / f"{access.account}.{which[:40]}.up"

    def known(self) -> _Up | None:
        """The upload of these bytes, if X still has it. What is too old is taken away, of all."""
        with suppress(OSError):
            for old in self.place.parent.glob("*.up"):
                if old.stat().st_mtime < time.time() - KEPT:
                    old.unlink(missing_ok=True)
        try:
            found = msgspec.json.decode(self.place.read_bytes(), type=_Up)
        except (OSError, msgspec.DecodeError):
            return None
        return found if time.time() - KEPT < found.at <= time.time() else None

    def keep(self, up: _Up) -> None:
        """Where this cannot be kept, it goes up again."""
        with suppress(OSError):
            put(self.place, msgspec.json.encode(up))


def _failed(one: Attached, why: str, why_en: str) -> Held:
    name = Path(one.path).name.encode(errors="replace").decode()
    return Held("failed", f"画像 {name} {why}", f"the image {name} {why_en}")
