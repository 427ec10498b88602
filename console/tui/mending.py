"""直す: the fixes that the findings of a draft offer, shown as a difference and carried out at a person's word.

The console writes the file itself, as the operator whose terminal it is: whoever may write a draft may mend it, and nobody else. What comes
of it is a new revision like any other, judged and approved from the start; the image of a draft is never touched.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Coroutine
from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Any

from console.cli.mending import Offer, offer
from console.rewriting import NotRewritten, read_plain, rewrite
from console.text import DisplayText
from console.tui.ink import Ink
from console.tui.part import Part
from console.tui.rows import named
from console.tui.sheets import blank, headline, line
from console.tui.tell import tell
from daemon.wire import DraftDetail, QueueRow

if TYPE_CHECKING:
    from console.tui.app import Console

_INK: dict[str, Ink] = {"-": "alert", "+": "good", "@": "dim"}
_CONTEXT = 1
"""Lines shown on either side of what changes."""


class Mending:
    """The question of `f`, and what it does."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversation by the name of its command."""
        return {"fix": self.fix}

    async def fix(self, argument: str) -> None:
        """Show what mending would change and ask; first what is safe, then what may change what the text says."""
        detail = self._console.detail.detail
        if detail is None:
            self._console.notice(tell("notice.no_draft"), "warn")
            return
        path = self._path(detail.row)
        try:
            data = await asyncio.to_thread(read_plain, path)
            if hashlib.sha256(data).hexdigest() != _bytes_hash(detail):
                raise NotRewritten("changed")
            safe, whole = (offer(data, detail.text, detail.findings, unsafe=unsafe) for unsafe in (False, True))
            if not whole.places:
                self._console.notice(tell("mending.nothing"), "warn")
            elif (new := await self._agreed(detail.row, safe, whole)) is not None:
                await asyncio.to_thread(rewrite, path, data, new.data)
                self._console.notice(tell("mending.done", places=new.places), "good")
        except ValueError:
            self._console.notice(tell("mending.encoding"), "warn")
        except FileNotFoundError:
            self._console.notice(tell("mending.changed"), "warn")
        except NotRewritten as refused:
            self._console.notice(tell(f"mending.{refused.why}"), "warn")
        except OSError as error:
            self._console.notice(tell("mending.unwritable", why=DisplayText.of(os.strerror(error.errno or 0))), "warn")

    async def _agreed(self, row: QueueRow, safe: Offer, whole: Offer) -> Offer | None:
        """What the person has agreed to: all of it, what is safe, or nothing."""
        agreed = safe if safe.places and await self._asked(row, safe, "safe") else None
        if whole.places == safe.places or (safe.places and agreed is None):
            return agreed
        return whole if await self._asked(row, whole, "unsafe") else agreed

    async def _asked(self, row: QueueRow, offered: Offer, how: str) -> bool:
        detail = self._console.detail
        detail.lay(difference_sheet(offered))
        try:
            return await self._console.bottom.confirm(tell(f"sure.fix_{how}", draft=named(row), places=offered.places))
        finally:
            detail.lay(None)

    def _path(self, row: QueueRow) -> Path:
        """The file of a draft. The daemon names it as text; a name that is not UTF-8 is found by what it looks like."""
        named_so = self._console.state_dir.parent / row.path
        if named_so.exists() or not named_so.parent.is_dir():
            return named_so
        beside = (
            path
            for path in named_so.parent.iterdir()
            if os.fsencode(path.name).decode("utf-8", "backslashreplace") == named_so.name
        )
        return next(beside, named_so)


def difference_sheet(offered: Offer) -> list[Part]:
    """What would change, line by line, with signs as well as colours."""
    before, after = offered.before.splitlines(), offered.after.splitlines()
    parts = [*headline(tell("mending.heading", places=offered.places)), *blank()]
    for each in [*unified_diff(before, after, n=_CONTEXT, lineterm="")][2:]:
        parts += line(Part(DisplayText.of(each), _INK.get(each[:1], "plain")))
    return parts


def _bytes_hash(detail: DraftDetail) -> str:
    """The sha256 of the file's bytes as the daemon has judged them."""
    return next((each.bytes_hash for each in detail.revisions if each.n == detail.row.revision), "")
