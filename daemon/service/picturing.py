"""Images of drafts as small pictures: whoever may read a draft may see what it would show, from any login that reaches the socket.

What is shown is what was sealed: the bytes that the store keeps, or the file beside the draft as long as it is still the same. One image is
decoded at a time, whoever asks, in a process of its own (`intake.apart`); what was shown lately is remembered.
"""

from __future__ import annotations

import asyncio
from functools import partial
from weakref import WeakSet

from daemon.desk.case import Case, load
from daemon.intake.apart import Ended
from daemon.intake.small import UNDRAWN, Small, drawn_small, read_sealed
from daemon.refused import Refused
from daemon.rulebook.picture import Picture
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.picturing import HIGHEST, MOST_COLOURS, WIDEST, PictureOf, SmallPicture

REMEMBERED = 16
"""Small pictures that are remembered, of 77 kB each at most."""
WAITING = 4
"""Questions that may wait for the one that is being answered; one of each connection."""

_Key = tuple[str, int, int, int]


class Picturing:
    """Answers `PictureOf` for one office."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self._turn = asyncio.Lock()
        self._asking: WeakSet[Session] = WeakSet()
        self._known: dict[_Key, Small] = {}

    async def small(self, query: PictureOf, session: Session, request: str) -> SmallPicture:
        """The answer. Raises Refused where there is no such draft or image, where it is another by now or cannot be drawn, and (`busy`) where
        this connection, or too many others, wait for one already."""
        office = self._office
        case = await office.store.read(partial(load, draft=query.draft, book=office.current.rulebook))
        picture = _which(case, query)
        key = (
            picture.hash,
            min(max(query.width, 1), WIDEST),
            min(max(query.height, 1), HIGHEST),
            min(max(query.colours, 2), MOST_COLOURS),
        )
        if session in self._asking or len(self._asking) > WAITING:
            raise Refused(
                "busy",
                "ほかの画像を用意しています。少し待ってから、もう一度押してください。",
                "Another image is being prepared: wait a moment, then ask again.",
            )
        self._asking.add(session)
        try:
            async with self._turn:
                data = await self._bytes(case, picture)
                found = self._known.pop(key, None) or await _drawn(data, key)
        finally:
            self._asking.discard(session)
        self._known[key] = found
        if len(self._known) > REMEMBERED:
            self._known.pop(next(iter(self._known)))
        return SmallPicture(width=found.width, height=found.height, palette=found.palette, pixels=found.pixels)

    async def _bytes(self, case: Case, picture: Picture) -> bytes:
        """Read anew each time, however well the picture is known: what has been erased since is not to be seen. Raises Refused."""
        if picture.kept:
            return await self._office.store.bytes_of(picture.hash)
        drafts = self._office.folder / "drafts"
        data = await asyncio.to_thread(read_sealed, drafts, case.account.id, picture.file, picture.hash)
        if data is None:
            raise Refused(
                "stale",
                "判定したときの画像が、もうフォルダーにありません（差し替えたなら、新しい版になってから見られます）。",
                "The image that was judged is not in the folder any more (another one can be seen once it is a new revision).",
            )
        return data


async def _drawn(data: bytes, key: _Key) -> Small:
    try:
        return await asyncio.to_thread(drawn_small, data, *key[1:])
    except (Ended, OSError):
        raise Refused(
            "state",
            "この画像は絵にできませんでした（壊れているか、大きすぎます）。手元のパソコンで開いて確かめてください。",
            "This image cannot be drawn (damaged, or too large): open it on your own computer.",
        ) from None


def _which(case: Case, query: PictureOf) -> Picture:
    """The image that is meant, if it can be drawn at all."""
    if not 0 <= query.n < len(case.pictures):
        raise Refused(
            "no_such",
            f"下書き {case.id} に {query.n + 1} 枚目の画像はありません。",
            f"Draft {case.id} has no image {query.n + 1}.",
        )
    picture = case.pictures[query.n]
    if query.hash not in ("", picture.hash):
        raise Refused(
            "stale",
            "画像が差し替えられています。開き直してください。",
            "Another image has taken its place: open the draft again.",
        )
    seen = next((each for each in case.item.looked if each.file == picture.file), None)
    if not picture.hash or seen is None or seen.wrong or seen.format in UNDRAWN:
        raise Refused(
            "state",
            "この画像は絵にできません（読めないか、調べられないか、絵にできない形式です）。手元のパソコンで開いて確かめてください。",
            "This image cannot be drawn (unreadable, not looked into, or of a kind that is not decoded): open it on your own computer.",
        )
    return picture
