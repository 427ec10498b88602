"""起案: a draft written at the console. The form is the front matter, the text stands below it, and what would be found stands beside them
while one writes. What comes of it is a file in the drafts folder like any other."""

from __future__ import annotations

import asyncio
import os
import unicodedata
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.timer import Timer

from console.link import LinkDown
from console.plain_file import read_plain
from console.text import DisplayText
from console.tui import own_editor
from console.tui.compose_sheet import field_line, found_sheet, heading, named
from console.tui.compose_view import ComposeView
from console.tui.lines import Lines
from console.tui.tell import either, tell
from console.tui.templates import Template, templates
from console.tui.which_account import accounts_read
from console.tui.writing import LARGEST, LONGEST, Fields, Kept, file_name, file_text, parts_of, put_new
from console.words import word
from console.words.marks import listed
from daemon.wire import FieldAsked, FindDraft, Named, Refusal, Tried, Try

if TYPE_CHECKING:
    from console.tui.app import Console

PAUSE = 0.15
"""Seconds without a key after which what is written is kept, and tried."""

ARRIVES = 0.25
"""Seconds between two looks whether the daemon has taken the new file in, forty times at most."""

_ORDER = ("block", "hold", "warn", "info")
_NAME, _FIELDS = 10, 6
_EXCERPT = 16
_THROUGH = ("escape", "tab", "f2", "f3", "f4", "f5")
"""Keys that are commands while one writes; every other is text, or moves in it."""


class Composing:
    """The one draft that is being written at this console."""

    def __init__(self, console: Console) -> None:
        self.view = ComposeView(self)
        self.account = ""
        self.fields: Fields = {}
        self.tried: Tried | None = None
        self._console = console
        self._kept = Kept(console.state_dir.parent)
        self._timer: Timer | None = None
        self._asked = 0
        self._begin_with: str | None = None
        self._state = "fresh"
        """`fresh` (what is shown is of this very text), `writing`, `lost` (nobody answers), `overtaken` (by another question)."""
        self._in_text = False

    # -- what the rest of the console asks ----------------------------------------------------------------------------

    def table(self) -> dict[str, Callable[[str], Coroutine[Any, Any, None]]]:
        """The conversations by the names of their commands."""
        return {
            "compose": self.begin,
            "save_text": self.save,
            "drop_text": self.drop,
            "other_part": self.other_part,
            "own_editor": self.own_editor,
        }

    @property
    def typing(self) -> bool:
        """Whether keys are text now."""
        return self._console.place == "compose" and self.view.area is not None and self.view.area.has_focus

    def takes(self, key: str) -> bool:
        """Whether this key is the text's, and no command."""
        return self.typing and key not in _THROUGH

    def leaves_text(self) -> bool:
        """Esc in the text: from there to the form. False where it was not in the text."""
        if not self.typing:
            return False
        self._focus(False)
        self._console.notice(tell("compose.in_form"), "dim", keep=False)
        return True

    @property
    def file(self) -> str:
        """The file as it would be saved now."""
        return file_text(self.fields, self.view.area.text if self.view.area else "")

    def paint(self) -> None:
        """Every second: ask again where nobody had answered."""
        if self._state in ("lost", "overtaken") and self._console.seen.connected:
            self._console.spawn(self._try())

    async def open(self) -> None:
        """The view comes up, for the first time or again."""
        if self._begin_with is not None and self.view.area is not None:
            self.view.area.put(self._begin_with)
            self._begin_with = None
        self._show()
        self._focus(True)
        await self._try()

    # -- conversations ------------------------------------------------------------------------------------------------

    async def begin(self, argument: str) -> None:
        """新規: which account, which template; or what was left unfinished there."""
        console = self._console
        account = await self._which(argument)
        if account is None:
            return
        kept = await asyncio.to_thread(self._kept.read, account)
        text = kept if kept is not None else await self._template()
        if text is None:
            return
        fields, body = parts_of(text)
        if kept is None and not body.startswith("+++"):
            fields = {"author": console.link.welcome.login if console.link.welcome else "", **fields}
        self.account, self.fields, self.tried, self._begin_with = account, fields, None, body
        await console.places.go("compose")
        if kept is not None:
            console.notice(tell("compose.continued", where=DisplayText.of(str(self._kept.path(account)))), "good")

    async def leave(self) -> None:
        """Esc in the form: back, with what was written kept."""
        console = self._console
        written = self.view.area is not None and bool(self.view.area.text.strip())
        if written and not await console.bottom.confirm(tell("compose.sure_leave")):
            self._focus(True)
            return
        await self._keep()
        await console.places.up()

    async def drop(self, _: str) -> None:
        """破棄: nothing of it stays."""
        console = self._console
        if await console.bottom.confirm(tell("compose.sure_drop")):
            await self._end()
            console.notice(tell("compose.dropped"), "warn")

    async def other_part(self, _: str) -> None:
        """Tab: from the text to the form, and back."""
        to_text = not self.typing
        self._focus(to_text)
        self._console.notice(tell("compose.in_text" if to_text else "compose.in_form"), "dim", keep=False)

    async def field(self) -> None:
        """Enter in the form: fill the chosen field in."""
        asked = self._asked_fields()
        at = self.view.form.cursor
        if at >= len(asked):
            return
        one = asked[at]
        choices = [c for c in one.choices if c != "true" and c != "false"]
        numbered = "  ".join(f"{n}:{word('kind', c) if one.key == 'kind' else c}" for n, c in enumerate(choices, 1))
        key = "compose.ask_yes_no" if one.key == "emergency" else "compose.ask_choice" if choices else "compose.ask_field"
        hint = either(one.message, one.message_en)
        typed = await self._console.bottom.ask(tell(key, field=named(one.key), choices=DisplayText.of(numbered), hint=hint))
        if typed is None:
            self._focus(False)
            return
        value = unicodedata.normalize("NFKC", typed).strip() if choices or one.key == "emergency" else typed.strip()
        if one.key == "emergency":
            self.fields[one.key] = value.lower() in ("y", "yes", "はい", "true", "1")
        elif choices and value.isdecimal() and 1 <= int(value) <= len(choices):
            self.fields[one.key] = choices[int(value) - 1]
        elif value:
            self.fields[one.key] = value
        else:
            self.fields.pop(one.key, None)
        self._focus(False)
        self._show()
        await self._paused()

    async def save(self, argument: str) -> None:
        """保存: the file appears in the drafts folder, by the operator's own hand."""
        console = self._console
        body = self.view.area.text if self.view.area else ""
        if not body.strip():
            console.notice(tell("compose.nothing"), "warn")
            return
        typed = argument or await console.bottom.ask(tell("compose.ask_name", name=DisplayText.of(_name_or_none("", body))))
        if typed is None:
            self._focus(True)
            return
        folder = console.state_dir.parent / "drafts" / self.account
        try:
            path = await asyncio.to_thread(self._put, folder, file_name(typed, body), self.file)
        except ValueError:
            console.notice(tell("compose.no_name", typed=DisplayText.of(typed)), "warn")
        except FileExistsError:
            console.notice(tell("compose.name_taken"), "warn")
        except OSError as error:
            why = DisplayText.of(os.strerror(error.errno or 0))
            console.notice(tell("compose.unwritable", folder=DisplayText.of(str(folder)), why=why), "alert")
        else:
            await self._end()
            console.notice(tell("compose.saved", path=DisplayText.of(f"drafts/{self.account}/{path.name}")), "good")
            console.spawn(self._arrives(f"drafts/{self.account}/{path.name}"))
            return
        self._focus(True)

    async def own_editor(self, _: str) -> None:
        """エディタ: the operator's own, where the office allows it."""
        console = self._console
        if self.tried is None or not self.tried.editor:
            console.notice(tell("compose.no_editor"), "warn")
            return
        command = own_editor.command()
        if not command:
            console.notice(tell("compose.which_editor"), "warn")
        elif await console.bottom.confirm(tell("compose.sure_editor", editor=DisplayText.of(command[0]))):
            try:
                await asyncio.to_thread(self._kept.write, self.account, self.file)
                own_editor.run(console, command, self._kept.path(self.account))
                self.fields, body = parts_of(
                    await asyncio.to_thread(read_plain, self._kept.path(self.account), LARGEST, own=True)
                )
            except (OSError, UnicodeDecodeError) as error:
                console.notice(tell("compose.editor_failed", why=DisplayText.of(str(error))), "alert")
            else:
                if self.view.area is not None:
                    self.view.area.put(body.removesuffix("\n"))
        self._focus(True)
        await self._try()

    # -- while one writes ---------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something was typed: after a pause it is kept and tried."""
        self._state = "writing"
        if self._timer is not None:
            self._timer.stop()
        self._timer = self._console.set_timer(PAUSE, lambda: self._console.spawn(self._paused()))

    def odd(self, flags: frozenset[Any]) -> None:
        """Something that cannot be seen was typed or pasted."""
        said = listed(tell(f"flag.{flag}").plain for flag in sorted(flags))
        self._console.notice(tell("compose.odd", what=DisplayText.of(said)), "warn")

    def full(self) -> None:
        """The text is as long as any platform takes."""
        self._console.notice(tell("compose.full", longest=f"{LONGEST:,}"), "warn")

    async def _paused(self) -> None:
        if self._console.place == "compose":
            trying = asyncio.ensure_future(self._try())
            await self._keep()
            await trying

    async def _keep(self) -> None:
        try:
            await asyncio.to_thread(self._kept.write, self.account, self.file)
        except OSError as error:
            self._console.notice(tell("compose.not_kept", why=DisplayText.of(os.strerror(error.errno or 0))), "alert")

    async def _try(self) -> None:
        """Have what stands there judged; of several questions the last counts."""
        self._asked += 1
        mine = self._asked
        try:
            answer = await self._console.link.ask(Try(file=self.file, account=self.account))
        except LinkDown:
            answer = None
        if mine != self._asked:
            return
        if isinstance(answer, Tried):
            self.tried, self._state = answer, "fresh"
        elif not isinstance(answer, Refusal):
            self._state = "lost"
        elif answer.code == "stale":  # a comparison took its place: it is asked again when one is back
            self._state = "overtaken"
        else:
            self._console.refused(answer)
        self._show()

    # -- parts --------------------------------------------------------------------------------------------------------

    def _focus(self, text: bool) -> None:
        area, screen = self.view.area, self._console.screen
        if area is None:
            return
        area.can_focus = text
        screen.set_focus(area if text else None)
        self._in_text, self.view.form.active = text, not text  # without colour, too, one sees where the keys go
        self._show()
        self._console.call_after_refresh(self._console.look)

    def _show(self) -> None:
        account = self._console.seen.account(self.account)
        self.view.heading.show(heading(account or self.account, self.tried, lost=self._state == "lost", text=self._in_text))
        fields = self._asked_fields()
        self.view.form.styles.height = min(_FIELDS, len(fields)) + 1
        self.view.form.show(Lines([field_line(one, self.fields) for one in fields]), self.view.form.cursor)
        self.view.found.show(found_sheet(self.tried, lost=self._state == "lost"))

    def _asked_fields(self) -> list[FieldAsked]:
        """The fields to show: what is asked for now first, then kind and topic, then what is filled in."""
        asked = self.tried.fields if self.tried else ()
        shown = [one for one in asked if one.now or one.key in ("kind", "topic") or one.key in self.fields]
        known = {one.key for one in shown}
        others = [FieldAsked(key=key, now=False) for key in self.fields if key not in known]
        return [*(one for one in shown if one.now), *(one for one in shown if not one.now), *others]

    async def _which(self, argument: str) -> str | None:
        """The account: by number, by name, or the one at hand."""
        console = self._console
        accounts = await accounts_read(console)
        if not accounts:
            console.notice(tell("notice.no_link"), "warn")
            return None
        row = console.row()
        default = row.account if row and row.account in accounts else self.account or accounts[0]
        numbered = DisplayText.of("  ".join(f"{n}:{each}" for n, each in enumerate(accounts, 1)))
        typed = argument or await console.bottom.ask(
            tell("compose.ask_account", choices=numbered, default=DisplayText.of(default))
        )
        if typed is None:
            return None
        named = unicodedata.normalize("NFKC", typed).strip() or default
        if named.isdecimal() and 1 <= int(named) <= len(accounts):
            return accounts[int(named) - 1]
        if named in accounts:
            return named
        console.notice(tell("notice.no_account", typed=DisplayText.of(named)), "warn")
        return None

    async def _template(self) -> str | None:
        """The text to begin with."""
        found: list[Template] = await asyncio.to_thread(templates, self._console.state_dir.parent)
        numbered = DisplayText.of("  ".join(f"{n}:{each.name}" for n, each in enumerate(found, 1)))
        typed = await self._console.bottom.ask(tell("compose.ask_template", choices=numbered))
        if typed is None:
            return None
        number = unicodedata.normalize("NFKC", typed).strip()
        if number.isdecimal() and 1 <= int(number) <= len(found):
            return found[int(number) - 1].text
        return next((each.text for each in found if each.name == typed.strip()), "")

    def _put(self, folder: Path, name: str, text: str) -> Path:
        """In a thread: nothing is lost before the file stands in the folder."""
        return put_new(folder, name, text.rstrip("\n").encode("utf-8", "replace") + b"\n")

    async def _end(self) -> None:
        """Nothing is being written any more."""
        if self._timer is not None:
            self._timer.stop()
        self._kept.drop(self.account)
        if self.view.area is not None:
            self.view.area.put("")
        self._focus(False)
        self.fields, self.tried = {}, None
        if self._console.place == "compose":
            await self._console.places.up()

    async def _arrives(self, path: str) -> None:
        """Open the new draft as soon as the daemon has it, unless the operator has gone on to something else."""
        console = self._console
        for _ in range(40):
            await asyncio.sleep(ARRIVES)
            try:
                answer = await console.link.ask(FindDraft(name=path))
            except LinkDown:
                continue
            if isinstance(answer, Named) and answer.drafts:
                if console.place == "queue" and not console.bottom.answering:
                    await console.places.open_draft(answer.drafts[0])
                return


def _name_or_none(typed: str, body: str) -> str:
    try:
        return file_name(typed, body)
    except ValueError:
        return "-"
