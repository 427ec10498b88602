"""絵: an image of the draft that is chosen, as a picture where the terminal can draw one; beside it what it is, in words.

Any key closes it, and does nothing else: what was meant for the screen behind is typed there. Only `I` goes on to the next image.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import ComposeResult
from textual.widget import Widget

from console.link import LinkDown
from console.text import DisplayText
from console.tui import drawing, graphics
from console.tui.bottom import OneLine
from console.tui.commands import by_key
from console.tui.graphics import Able
from console.tui.ink import Ink, mono
from console.tui.overlay import Overlay
from console.tui.paint import Strip, strip
from console.tui.part import Part
from console.tui.pictures import kilobytes, picture_parts
from console.tui.sheets import line
from console.tui.tell import SPACE, either, tell
from console.tui.views import Sheet, View
from daemon.wire import DraftDetail, PictureFacts, QueueRow, Refusal, Show
from daemon.wire.picturing import HIGHEST, MOST_COLOURS, WIDEST, PictureOf, SmallPicture

if TYPE_CHECKING:
    from console.tui.app import Console

LEAST, MOST = 64_000, 256_000
"""Bytes of a first picture, and of any: 64 kB fill a line of 128 kbit/s for four seconds."""
SECONDS = 4.0
"""Of a later one as many bytes as the one before shows that they come in these."""
PATIENCE = 30.0
"""Seconds for the daemon's answer: it decodes one image at a time, ten seconds each at most."""
FAST = 64_000
"""Bytes a second from which on a line is fast."""
SIZES = ((WIDEST, HIGHEST, MOST_COLOURS), (WIDEST, HIGHEST, 16), (256, 192, 16), (208, 156, 16), (160, 120, 16))
"""Width, height and colours, one after the other until a picture has few enough bytes; those are left out that the one before shows to be
too large, too."""
FEWER = 0.34
"""What is about left of the bytes with a quarter of the colours."""
SPARE = 1
"""Rows left free below the picture, where a longer message grows."""
COARSE = (100, 30)
"""Columns and rows of a picture of half blocks, at most."""
WATCHED = 0.3
"""Seconds between two looks at how much of a picture has gone."""


class Field(Widget, can_focus=False):
    """The room for the picture: blank cells, or a coarse picture made of text."""

    DEFAULT_CSS = "Field { height: 1fr; }"

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__(id="field-picture")
        self._lines: Sequence[Sequence[Part]] = ()
        self._changed = changed

    def show(self, lines: Sequence[Sequence[Part]] = ()) -> None:
        """Show these lines; without any, nothing."""
        if self._lines or lines:
            self._lines = lines
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row."""
        return strip(self._lines[y] if y < len(self._lines) else (), self.size.width)

    def on_resize(self) -> None:
        self._changed()


class PictureView(View):
    """A heading, the facts, and the room for the picture; the facts alone where there is none."""

    DEFAULT_CSS = """
    #sheet-picture { height: 5; }
    PictureView.words #sheet-picture { height: 1fr; }
    PictureView.words #field-picture { display: none; }
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__("picture")
        self.how = OneLine("how-picture")
        self.sheet = Sheet("sheet-picture")
        self.field = Field(changed)

    def compose(self) -> ComposeResult:
        yield self.heading
        yield self.how
        yield self.sheet
        yield self.field


class Picturing:
    """The images of one draft, one at a time."""

    def __init__(self, console: Console) -> None:
        self.view = PictureView(self._resized)
        self.row: QueueRow | None = None
        self._images: tuple[PictureFacts, ...] = ()
        self._n = 0
        self._able: Able | None = None
        self._shown: tuple[Overlay, str] | None = None
        self._turn = 0
        self._room: tuple[int, int] | None = None
        self._one = asyncio.Lock()
        self._rate = 0.0  # bytes a second at which the last picture went
        self._console = console

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversation, by the name of its command."""
        return {"picture": self.look}

    async def look(self, argument: str = "") -> None:
        """Show the chosen draft's first image, or the one of that number."""
        console = self._console
        if (draft := self._draft()) is None:
            console.notice(tell("notice.no_draft"), "warn")
            return
        try:
            answer = await console.link.ask(Show(draft=draft))
        except LinkDown:
            console.notice(tell("notice.no_link"), "warn")
            return
        if isinstance(answer, Refusal):
            console.refused(answer)
        elif isinstance(answer, DraftDetail) and not answer.images:
            console.notice(tell("picturing.no_image"), "warn", keep=False)
        elif isinstance(answer, DraftDetail):
            self.row, self._images = answer.row, answer.images
            wanted = int(argument) - 1 if argument.strip().isdecimal() else 0
            self._n = max(0, min(wanted, len(self._images) - 1))
            await console.places.go("picture")

    async def open(self) -> None:
        """Show the image that is chosen; what the daemon and the terminal have to say to it comes later."""
        self._begin()

    def paint(self) -> None:
        """How much of it has gone."""
        if self._shown is None:
            return
        over, how = self._shown
        if over.whole:
            self._say(tell("picturing.shown", how=tell(f"picturing.{how}"), size=DisplayText.of(kilobytes(over.size))), "dim")
        else:
            done, size = DisplayText.of(kilobytes(over.sent)), DisplayText.of(kilobytes(over.size))
            self._say(tell("picturing.sending", done=done, size=size), "live")

    async def pressed(self, key: str, character: str | None) -> None:
        """Any key: `I` goes on to the next image, every other one closes the picture and does nothing else."""
        command = by_key(character if character and character.isprintable() else key, "picture")
        if command is not None and command.name == "picture" and len(self._images) > 1:
            self._n = (self._n + 1) % len(self._images)
            self._begin()
        else:
            await self._console.places.up()

    def leave(self) -> None:
        """Another place is shown: nothing of a picture stays on the screen."""
        self._turn += 1
        self._shown = None
        self._console.lay_picture(None)
        self.view.field.show()

    def close(self) -> None:
        """It was stopped: go, if a picture is shown. The first press of the key changes nothing but the first row, which is to be seen at
        once."""
        if self._console.place == "picture":
            self.leave()
            self._console.spawn(self._console.places.up())

    def _draft(self) -> int | None:
        """The draft that a picture would be of, here."""
        console = self._console
        if console.place == "decide":
            return console.deciding.facts.draft if console.deciding.facts else None
        if console.place == "preview":
            return console.trials.draft
        row = console.row()
        return row.id if row else None

    def _begin(self) -> None:
        """Show the facts of the image that is chosen, and begin to draw it."""
        self.leave()
        image, count = self._images[self._n], len(self._images)
        heading = [Part(tell("picturing.heading", draft=self.row.id if self.row else 0, n=self._n + 1, count=count), "strong")]
        if count > 1:
            heading += [Part(SPACE + SPACE), Part(tell("picturing.next"), "good")]
        self.view.heading.show([*heading, Part(SPACE + SPACE), Part(tell("picturing.closes"), "dim")])
        self.view.sheet.show(picture_parts(image), top=True)
        if why := self._undrawn(image):
            self._only_words(why)
            return
        self.view.remove_class("words")
        self._say(tell("picturing.fetching"), "dim")
        self._room = None  # drawn as soon as it is known how much room there is
        self._console.call_after_refresh(self._resized)

    def _undrawn(self, image: PictureFacts) -> DisplayText | None:
        """Why there is no picture of this image, whatever the terminal can."""
        if mono():
            return tell("picturing.no_colour")
        if self._console.reader.on:
            return tell("picturing.read_out")
        if image.wrong or not image.seen or not image.hash or not image.width:
            return tell("picturing.not_drawn")
        return None

    def _only_words(self, why: DisplayText) -> None:
        self.view.add_class("words")
        self._say(DisplayText(""), "plain")
        self.view.sheet.show([*line(Part(why, "warn")), *picture_parts(self._images[self._n])], top=True)

    def _say(self, what: DisplayText, ink: Ink) -> None:
        self.view.how.show([Part(what, ink)])

    def _resized(self) -> None:
        """The room for the picture is known, or is another one now: draw it anew."""
        size = self.view.field.size
        room = size.width, size.height
        if self._console.place != "picture" or self.view.has_class("words") or not all(room) or room == self._room:
            return
        self._room = room
        self._turn += 1
        self._console.spawn(self._draw(self._turn))

    async def _draw(self, turn: int) -> None:
        """Fetch it and draw it, one at a time; give way as soon as something else is to be shown."""
        self._shown = None
        self._console.lay_picture(None)
        self.view.field.show()
        try:
            async with self._one:
                if turn != self._turn:
                    return
                able = await self._how()
                over = await self._in_pixels(able, turn) if able.way in ("kitty", "sixel") else None
                if over is None:
                    await self._in_text(able.why or "too_much", turn)
        except LinkDown:
            if turn == self._turn:
                self._only_words(tell("notice.no_link"))
            return
        if over is not None:
            await self._lay(over, able.way, turn)

    async def _how(self) -> Able:
        """What this terminal can do. Asked once; one that has not answered is asked again the next time."""
        region = self.view.field.region
        if self._able is None and region.height < graphics.NEEDED:
            return Able("blocks", "no_room")
        if self._able is None:
            able = await self._console.able(region.y)
            if able.why == "no_answer":
                return able
            self._able = able
        return self._able

    async def _in_pixels(self, able: Able, turn: int) -> Overlay | None:
        """The picture as large as the line carries it in a few seconds; None where there is none, or none that is small enough."""
        region = self.view.field.region
        room = drawing.Cells(region.y, region.x + 1, region.height - SPARE, region.width - 2, able.pixels)
        piece = drawing.PIECE_AT_EASE if self._rate > FAST else drawing.PIECE
        make = drawing.for_kitty if able.way == "kitty" else partial(drawing.for_sixel, piece=piece)
        most = max(LEAST, min(MOST, int(SECONDS * self._rate)))
        wide, high = (room.width * able.pixels[0], room.height * able.pixels[1]) if able.way == "sixel" else (WIDEST, HIGHEST)
        before = (0, SIZES[0])
        for width, height, colours in SIZES:
            size, (wider, higher, richer) = before
            likely = size * width * height / (wider * higher) * (FEWER if colours < richer else 1)
            if likely > most and (width, height, colours) != SIZES[-1]:
                continue
            picture = await self._fetched(min(width, wide), min(height, high), colours, turn)
            if picture is None:
                return None
            over = await asyncio.to_thread(make, picture, room)
            if over.size <= most:
                return over
            before = over.size, (width, height, colours)
        return None

    async def _lay(self, over: Overlay, how: str, turn: int) -> None:
        """Lay it over the blank field, and tell how much of it has gone."""
        self._shown = over, how
        begun = time.monotonic()
        while turn == self._turn and self._console.place == "picture":
            painter = self._console.painter
            if (
                painter is not None and painter.overlay is not over
            ):  # the field was not blank yet, or text stood there for a moment
                over.anew()
                painter.lay(over)
            self.paint()
            if over.whole and painter is not None and painter.overlay is over:
                self._rate = over.size / max(time.monotonic() - begun, WATCHED)
                return
            await asyncio.sleep(WATCHED)

    async def _in_text(self, why: str, turn: int) -> None:
        size = self.view.field.size
        columns, rows = min(size.width - 2, COARSE[0]), min(size.height - SPARE, COARSE[1])
        picture = await self._fetched(columns, 2 * rows, MOST_COLOURS, turn) if columns > 0 and rows > 0 else None
        if picture is not None:
            lines = await asyncio.to_thread(drawing.in_blocks, picture)
            if turn == self._turn:
                self.view.field.show([[Part(SPACE), *line] for line in lines])
                self._say(tell("picturing.coarse", why=tell(f"picturing.{why}")), "dim")

    async def _fetched(self, width: int, height: int, colours: int, turn: int) -> SmallPicture | None:
        """The image within so many pixels and colours; None where something else is to be shown now, or why there is none has been said."""
        image, row = self._images[self._n], self.row
        if row is None or turn != self._turn or self.view.has_class("words"):
            return None
        asked = PictureOf(draft=row.id, n=self._n, hash=image.hash, width=width, height=height, colours=colours)
        answer = await self._console.link.ask(asked, patience=PATIENCE)
        if turn != self._turn:
            return None
        if isinstance(answer, Refusal):
            self._only_words(either(answer.message, answer.message_en))
            return None
        if not isinstance(answer, SmallPicture) or not answer.sound:
            self._only_words(tell("picturing.not_drawn"))
            return None
        return answer
