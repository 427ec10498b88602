"""Media at the fake X: at once, or announced, in pieces and completed; what the platform takes; descriptions."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from tests.platforms.contract import Said
from tests.platforms.x_answers import forbidden, invalid, missing
from tests.platforms.x_posts import Here
from tests.platforms.x_world import Media

LARGEST = {"tweet_image": 5 * 2**20, "tweet_gif": 15 * 2**20, "tweet_video": 512 * 2**20}
"""Bytes, by category."""
EXPIRES = 86_400
"""Seconds for which media wait for a post."""
BEGINNINGS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"GIF8": "image/gif", b"BM": "image/bmp"}
BEGINNINGS |= {b"II*\0": "image/tiff", b"MM\0*": "image/tiff"}


def kind_of(content: bytes) -> str | None:
    """The type that the bytes begin as; None for what X does not take (HEIC among it)."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[4:8] == b"ftyp" and content[8:12] not in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"):
        return "video/mp4"
    return next((kind for begin, kind in BEGINNINGS.items() if content.startswith(begin)), None)


class Uploads:
    def __init__(self, here: Here) -> None:
        self._here = here
        self.seconds, self.outcome = 2.0, "succeeded"
        """How long films and animations take until they can be attached, and what becomes of them."""
        self.operations: dict[str, Callable[[str, Said, float], Any]] = {
            "mediaUpload": self.at_once,
            "initializeMediaUpload": self.announce,
            "appendMediaUpload": self.append,
            "finalizeMediaUpload": self.complete,
            "getMediaUploadStatus": self.status,
            "createMediaMetadata": self.describe,
        }

    def at_once(self, user: str, said: Said, lag: float) -> Any:
        content = _bytes(said)
        category = said.body["media_category"]
        made = self._made(user, category, kind_of(content) or "", len(content))
        made.parts[0] = content
        return {"data": self._complete(made)}

    def announce(self, user: str, said: Said, lag: float) -> Any:
        for name in ("media_type", "total_bytes", "media_category"):
            if name not in said.body:
                raise invalid(f"{name} is required.", name)
        made = self._made(user, said.body["media_category"], said.body["media_type"], said.body["total_bytes"])
        return {"data": {"id": made.id, "media_key": made.key, "expires_after_secs": EXPIRES}}

    def append(self, user: str, said: Said, lag: float) -> Any:
        made = self._own(user, said.path["id"], complete=False)
        made.parts[said.body["segment_index"]] = _bytes(said)
        return {"data": {"expires_at": int(self._here.now()) + EXPIRES}}

    def complete(self, user: str, said: Said, lag: float) -> Any:
        return {"data": self._complete(self._own(user, said.path["id"], complete=False))}

    def status(self, user: str, said: Said, lag: float) -> Any:
        key = said.query["media_id"]
        found = self._here.world.media.get(key)
        if found is None or found.owner != user:
            return {"errors": [missing("media", "media_id", key)]}
        return {"data": self._about(found)}

    def describe(self, user: str, said: Said, lag: float) -> Any:
        found = self._own(user, said.body["id"])
        alt = said.body.get("metadata", {}).get("alt_text")
        if alt is not None:
            found.alt = alt["text"]
        return {"data": {"id": found.id, "associated_metadata": {"alt_text": alt} if alt else {}}}

    def _made(self, user: str, category: str, kind: str, size: int) -> Media:
        if category not in LARGEST:
            raise invalid(f"This account posts no {category}.", "media_category")
        if not 0 < size <= LARGEST[category]:
            raise invalid(f"{size} bytes are nothing, or too many for {category}.", "media")
        made = Media(self._here.world.next_id(self._here.now()), user, category, kind, size)
        self._here.world.media[made.id] = made
        return made

    def _own(self, user: str, key: str, complete: bool | None = None) -> Media:
        found = self._here.world.media.get(key)
        if found is None or found.owner != user:
            raise invalid("There is no such media.", "id")
        if complete is False and found.ready is not None:
            raise invalid("These media are complete.", "id")
        return found

    def _complete(self, made: Media) -> dict[str, Any]:
        if sorted(made.parts) != [*range(len(made.parts))]:
            raise invalid("A segment is missing.", "segment_index")
        content = b"".join(made.parts[number] for number in sorted(made.parts))
        if len(content) != made.size:
            raise invalid(f"{len(content)} bytes came of {made.size}.", "media")
        kind = kind_of(content)
        wanted = {"tweet_gif": "image/gif", "tweet_video": "video/"}.get(made.category, "image/")
        if kind is None or not kind.startswith(wanted):
            raise forbidden("The media type is not recognised.")
        waits = made.category != "tweet_image"
        made.kind, made.outcome = kind, self.outcome if waits else "succeeded"
        made.ready = self._here.now() + (self.seconds if waits else 0)
        return self._about(made)

    def _about(self, made: Media) -> dict[str, Any]:
        about: dict[str, Any] = {"id": made.id, "media_key": made.key, "size": made.size, "expires_after_secs": EXPIRES}
        if made.category == "tweet_image":
            return about | ({"image": {"image_type": made.kind}} if made.ready is not None else {})
        if made.ready is not None:
            left = made.ready - self._here.now()
            info = {"state": "in_progress", "check_after_secs": max(1, int(left)), "progress_percent": 50}
            about["processing_info"] = info if left > 0 else {"state": made.outcome, "progress_percent": 100}
        return about


def _bytes(said: Said) -> bytes:
    """The bytes of a form's file, or of JSON's base64."""
    if said.in_form:
        return str(said.body["media"]).encode("latin-1")
    try:
        return base64.b64decode(said.body["media"], validate=True)
    except (binascii.Error, ValueError):
        raise invalid("The media are no base64.", "media") from None
