"""The images of a draft as facts, put together from what its author declares, what the store sealed and what looking into them found."""

from __future__ import annotations

from collections.abc import Sequence

from daemon.rulebook.item import Item
from daemon.rulebook.picture import Picture
from daemon.wire.trying import PictureFacts


def picture_facts(item: Item, pictures: Sequence[Picture] = ()) -> tuple[PictureFacts, ...]:
    """Every image of the item, in its order."""
    looked = {each.file: each for each in item.looked}
    sealed = {each.file: each for each in pictures}
    found = []
    for image in item.images:
        seen, bytes_ = looked.get(image.file), sealed.get(image.file)
        found.append(
            PictureFacts(
                file=image.file,
                alt=image.alt,
                rights=image.rights,
                consent=image.consent,
                seen=seen is not None,
                format=seen.format if seen else "",
                size=bytes_.size if bytes_ else seen.size if seen else 0,
                width=seen.width if seen else 0,
                height=seen.height if seen else 0,
                frames=seen.frames if seen else 1,
                private=seen.private if seen else (),
                codes=seen.codes if seen else (),
                wrong=seen.wrong if seen else "",
                hash=bytes_.hash if bytes_ else "",
            )
        )
    return tuple(found)
