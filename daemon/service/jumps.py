"""The clock, looked at in every round: a jump is taken over with everything held that would have gone out for it, and said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from daemon.desk.jumped import jumped
from daemon.desk.releasing import MACHINE
from daemon.service.clock import Noted
from daemon.service.incoming import Incoming
from daemon.service.left import CLOCK
from daemon.service.running import Running
from daemon.store import Tx, to_db

log = structlog.get_logger()

STANDS = timedelta(hours=1)
"""How long the alarm of something that is over stands on every screen; the record keeps it."""
JUMPED = "clock:jump"
"""The alarm of a jump: while it stands, the clock is not to be believed."""


class Jumps:
    """What one office does when the machine's clock is set, or the machine has slept."""

    def __init__(self, office: Running, incoming: Incoming) -> None:
        self._office, self._incoming = office, incoming
        self._until: dict[str, datetime] = {}

    async def look(self) -> None:
        """One look. Raises StoreError where what is to be done cannot be kept: then the old time goes on."""
        clock = self._office.clock
        if by := clock.look():
            await self._jumped(by)
        if gap := clock.gap():
            await self._woke(gap)
        if noted := clock.to_note():
            await self._office.store.write(_note(noted))
            clock.noted(noted)
        for name, until in tuple(self._until.items()):
            if clock() > until:
                del self._until[name]
                self._office.alarms.pop(name, None)

    async def _jumped(self, by: timedelta) -> None:
        office = self._office
        before = office.clock()
        setting = office.setting(before + by)
        held = await office.store.write(jumped(by, setting))
        office.clock.adopt(by)
        way, way_en = ("進み", "forward") if by > timedelta() else ("戻り", "back")
        self._say(
            JUMPED,
            f"この機械の時計が {_long(by)[0]}{way}ました（{before:%m/%d %H:%M:%S} → {setting.now:%m/%d %H:%M:%S}）。"
            f"時刻が来たことになる下書きなど {len(held)} 件を保留にしました。時計が正しいか確かめ、正しければ承認し直してください。",
            f"This machine's clock jumped {way_en} by {_long(by)[1]} ({before:%m/%d %H:%M:%S} → {setting.now:%m/%d %H:%M:%S}). "
            f"{len(held)} drafts that would have gone out for it are held: see whether the clock is right, then approve them again.",
        )
        log.warning("the clock jumped", seconds=by.total_seconds(), held=len(held))
        office.hub.publish("clock")
        for case in held:
            office.hub.publish("draft", draft=case.id, account=case.account.id, state=case.state, verdict=case.verdict)
            self._incoming.note(case.account.id, case.id)

    async def _woke(self, gap: timedelta) -> None:
        """Nothing to be mended: every round goes by the time that it is, and what is late by then is asked again. But it is said."""
        await self._office.store.write(lambda tx: tx.record(MACHINE, "gap", None, seconds=round(gap.total_seconds())))
        self._say(
            "clock:gap",
            f"見回りが {_long(gap)[0]}止まっていました（機械の休止か、デーモンの一時停止）。その間に時刻を過ぎた予約は、遅れが大きければ保留にします。",
            f"Nobody looked after anything for {_long(gap)[1]} (the machine slept, or the daemon was halted). "
            "What was scheduled meanwhile and is too late by now is held.",
        )
        log.warning("woke", seconds=gap.total_seconds())

    def _say(self, name: str, ja: str, en: str) -> None:
        self._office.alarms[name] = ja, en
        self._until[name] = self._office.clock() + STANDS


def _note(noted: Noted) -> Callable[[Tx], None]:
    def op(tx: Tx) -> None:
        tx.db.execute(
            "INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value",
            (CLOCK, f"{noted.boot} {to_db(noted.start)}"),
        )

    return op


def _long(time: timedelta) -> tuple[str, str]:
    """A length of time in words, to the second below a minute, else to the minute."""
    seconds = round(abs(time.total_seconds()))
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours:,}時間{minutes}分", f"{hours:,} h {minutes} min"
    return (f"{minutes}分", f"{minutes} min") if minutes else (f"{seconds}秒", f"{seconds} s")
