"""Where an office stands: on which machine, and whose right to send has to be over before it may be resumed there.

It is kept in one row of `meta`, which a backup and a copied disk carry along, and in the record, from which a repair has it back.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from daemon.desk import moving
from daemon.rulebook.model import Operator
from daemon.service.left import MACHINE
from daemon.service.machine import Machine
from daemon.service.restoring import note_stop
from daemon.service.successors import TakenOver
from daemon.store import Store, Tx
from daemon.wire.answers import Done

MOVED, SUPERSEDED, TAKE_OVER = "moved", "superseded", "take_over"
"""The acts under which the record knows a move, a take-over by another machine, and one by this machine; `MACHINE` is the act that names the
machine of the first start, and the row of `meta`."""


class Stand(Struct, frozen=True, kw_only=True):
    """Where an office stands: on which machine, and whose right to send must be over before it may be resumed there. `turn` counts
    take-overs, `at` (microseconds since 1970) is the moment of the last change, `taken` the line that tells others of our take-over,
    `over_from` the machines that it was taken over from."""

    machine: Machine
    came_from: tuple[Machine, ...] = ()
    taken_by: str = ""
    turn: int = 0
    at: int = 0
    taken: TakenOver | None = None
    over_from: tuple[str, ...] = ()

    def on(self, here: Machine) -> Stand:
        """The same office as it starts on this machine: the one where it was, or another that has to take over first."""
        if here.id == self.machine.id:
            return self
        before = (*(each for each in self.came_from if each.id not in (here.id, self.machine.id)), self.machine)
        return replace(self, machine=here, came_from=before, taken_by="", taken=None)

    def behind(self, line: TakenOver) -> Stand:
        """The same office after another machine has taken it over."""
        others = tuple(each for each in self.came_from if each.id != line.machine)
        return replace(self, came_from=(*others, Machine(line.machine, line.name)), taken_by=line.name)


def words(stand: Stand) -> tuple[str, str]:
    """Why nothing goes out here, and what to do about it, in both languages."""
    names = "、".join(each.name for each in stand.came_from)
    todo = f"{names} が発信できないこと（権限の取り消し、または停止）を確かめ、管理者が kohoban takeover を実行してください。"
    todo_en = f"Make sure that {names} cannot send (its right revoked, or switched off); then a manager runs kohoban takeover."
    if stand.taken_by:
        return (
            f"別の機械（{stand.taken_by}）がこの部署を引き継いでいます。この機械からは何も発信しません。ここで再開するなら、{todo}",
            f"Another machine ({stand.taken_by}) has taken this office over: nothing goes out from here. To resume here: {todo_en}",
        )
    return (
        f"この部署は別の機械（{names}）から移ってきました。停止しています。{todo}",
        f"This office has come from another machine ({names}) and is stopped. {todo_en}",
    )


async def remembered(store: Store) -> Stand | None:
    """The stand as it was last written; None for an office that has never been started."""
    rows = await store.fetch("SELECT value FROM meta WHERE key = ?", (MACHINE,))
    if rows:
        return msgspec.json.decode(rows[0]["value"], type=Stand)
    marks = (MACHINE, MOVED, SUPERSEDED, TAKE_OVER)
    rows = await store.fetch("SELECT record FROM audit WHERE act IN (?, ?, ?, ?) ORDER BY seq DESC LIMIT 1", marks)
    return msgspec.json.decode(msgspec.json.decode(rows[0]["record"])["detail"]["stand"], type=Stand) if rows else None


def first(here: Machine) -> Callable[[Tx], Stand]:
    """The operation of an office's first start: from now on it knows its machine."""
    return lambda tx: _keep(tx, Stand(machine=here), "daemon", MACHINE)[0]


def arrived(stand: Stand) -> Callable[[Tx], Stand]:
    """The operation for an office that finds itself on another machine: stopped, and what was under way is 不明."""

    def op(tx: Tx) -> Stand:
        note_stop(tx, "daemon", "別の機械から移ってきたため")
        unknown = moving.in_doubt(tx)
        return _keep(tx, stand, "daemon", MOVED, unknown=unknown)[0]

    return op


def superseded(stand: Stand, line: TakenOver) -> Callable[[Tx], Stand]:
    """The operation for an office that another machine has taken over: stopped."""

    def op(tx: Tx) -> Stand:
        note_stop(tx, "daemon", f"別の機械（{line.name}）が引き継いだため")
        return _keep(tx, stand, "daemon", SUPERSEDED, successor=line.name, turn=line.turn)[0]

    return op


def taken_over(stand: Stand, how: str, proof: str, who: Operator) -> Callable[[Tx], Done]:
    """The operation of a take-over: who vouches for it, how, and with what proof; and everything that may be out already comes back held."""

    def op(tx: Tx) -> Done:
        held = moving.hold_for_a_look(tx)
        _, head = _keep(tx, stand, who.login, TAKE_OVER, how=how, proof=proof, over_from=list(stand.over_from), held=held)
        return Done(
            message=f"引き継ぎました。停止のままです。{len(held)} 件を保留にしました。媒体を見て、もう出ているものは取り下げてから、"
            "管理者が kohoban resume で再開してください。",
            message_en=f"Taken over; everything is still stopped. {len(held)} drafts are held: look at the platforms, withdraw what is "
            "out already, then a manager resumes with kohoban resume.",
            audit_head=head,
        )

    return op


def _keep(tx: Tx, stand: Stand, by: str, act: str, **detail: str | int | list[str] | list[int]) -> tuple[Stand, str]:
    """Write where the office stands, and the entry that says so; returns it with its moment, and the new head of the record."""
    stand = replace(stand, at=tx.now)
    said = msgspec.json.encode(stand).decode()
    tx.db.execute("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", (MACHINE, said))
    head = tx.record(by, act, None, machine=stand.machine.name, stand=said, **detail)
    tx.anchor()
    return stand, head
