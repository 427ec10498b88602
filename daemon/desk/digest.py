"""What a notice says: account and number, never a text, a title, a file's name or a reason. Pure: rows in, one letter out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from daemon.rulebook.calendar import TOKYO, ruled_day
from daemon.rulebook.days import SpecialDays
from daemon.rulebook.model import Account, Hours, Operator
from daemon.rulebook.notices import NoticeKind

LINES_MOST = 50
"""Lines of one notice; how many more there are is said."""

WORDS: Mapping[NoticeKind, tuple[str, str]] = {
    "waits": ("あなたを待っています", "waits for you"),
    "returned": ("差し戻されました", "was returned to you"),
    "due": ("期限が近いか、過ぎています", "is due soon, or overdue"),
    "unknown": ("発信されたか不明です", "nobody knows whether it went out"),
    "stopped": ("停止しています", "is stopped"),
    "review": ("後閲の期限を過ぎています", "its retrospective approval is late"),
    "reaction": ("反応の報告があります", "reactions have been reported"),
    "unattended": ("待っているものを誰も見ていません", "what waits is attended by nobody"),
    "test": ("試し送りです", "this is a trial"),
}

_DAYS_LOOKED = 60


class Line(Struct, frozen=True, kw_only=True):
    """One thing that a person is told of."""

    kind: NoticeKind
    account: str
    ref: str
    at: datetime


class Letter(Struct, frozen=True, kw_only=True):
    """One notice for one person. `id` stays the same however often it is sent: whoever gets it twice can tell."""

    id: str
    to: Operator
    office: str
    urgent: bool
    lines: tuple[Line, ...]


def as_json(letter: Letter) -> bytes:
    """What a hook reads on its stdin."""
    document: dict[str, Any] = {
        "schema": 1,
        "id": letter.id,
        "office": letter.office,
        "to": {"login": letter.to.login, "name": letter.to.name, "mail": letter.to.mail},
        "urgent": letter.urgent,
        "items": [msgspec.structs.asdict(line) for line in letter.lines[:LINES_MOST]],
        "more": max(0, len(letter.lines) - LINES_MOST),
    }
    return msgspec.json.encode(document) + b"\n"


def as_mail(letter: Letter, sender: str) -> bytes:
    """What sendmail reads on its stdin. Raises ValueError where a value could end a line of the head."""
    from email.message import EmailMessage  # only an office that sends mail needs it, and no daemon at its start
    from email.policy import SMTP

    count = len(letter.lines)
    mail = EmailMessage(policy=SMTP.clone(linesep="\n"))
    mail["To"] = letter.to.mail
    if sender:
        mail["From"] = sender
    mail["Subject"] = f"[広報番]{'【至急】' if letter.urgent else ''} {count} 件の通知（{letter.office}）"
    mail["Message-ID"] = f"<{letter.id}@kohoban.invalid>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content("\n".join(_body(letter)), charset="utf-8", cte="base64")
    return mail.as_bytes()


def _body(letter: Letter) -> list[str]:
    lines = [f"{letter.to.name} 様", ""]
    for line in letter.lines[:LINES_MOST]:
        ja, en = WORDS[line.kind]
        about = " ".join(filter(None, (line.account, line.ref)))
        told = filter(None, (about, f"{ja} / {en}", f"{line.at.astimezone(TOKYO):%m/%d %H:%M}"))
        lines.append(f"- {'  '.join(told)}")
    if len(letter.lines) > LINES_MOST:
        lines.append(f"- ほか {len(letter.lines) - LINES_MOST} 件 / and {len(letter.lines) - LINES_MOST} more")
    return [
        *lines,
        "",
        "内容は広報番の画面で確かめてください（kohoban）。このメールには本文も件名も書かれません。",
        "Look at them in the console (kohoban): no text and no title is ever written in this mail.",
    ]


def worked(rule: Hours, start: datetime, end: datetime, account: Account, days: SpecialDays) -> timedelta:
    """How much of the time from `start` to `end` lies within these hours; of more than two months the last two."""
    first, last = start.astimezone(TOKYO), end.astimezone(TOKYO)
    total, day = timedelta(0), max(first.date(), last.date() - timedelta(days=_DAYS_LOOKED))
    while day <= last.date():
        for stretch in ruled_day(rule, day, days, account).stretches:
            total += max(timedelta(0), min(stretch.end, last) - max(stretch.start, first))
        day += timedelta(days=1)
    return total


def at_work(rule: Hours, now: datetime, account: Account | None, days: SpecialDays) -> bool:
    """Whether these hours are open now: what is not urgent does not wake anybody."""
    local = now.astimezone(TOKYO)
    return any(each.start <= local < each.end for each in ruled_day(rule, local.date(), days, account).stretches)


def due_digest(oldest: datetime, now: datetime, minutes: int) -> bool:
    """Whether what has gathered since `oldest` is to be sent now."""
    return now - oldest >= timedelta(minutes=minutes)


BACK_OFF = (1, 2, 5, 10, 30, 60, 120, 240, 480)
"""Minutes until the next try; after the last of them it is given up, and shown until somebody has seen to it."""


def next_try(tries: int, now: datetime) -> datetime | None:
    """When it is tried again after so many vain tries; None where it is given up."""
    return now + timedelta(minutes=BACK_OFF[tries - 1]) if tries <= len(BACK_OFF) else None
