"""One detector on one text."""

from __future__ import annotations

from datetime import date

from daemon.rulebook.item import Item
from daemon.screening.detectors import BODY, EVERYWHERE
from daemon.screening.hit import Facts, Hit, Text

FRIDAY = date(2026, 11, 20)
NASTY = (
    "090-1234-5678", "０３（３５７８）２１１１", "+81", "a@b.jp", "＠", "〒", "東京都港区芝", "3丁目2-1", "番地", "1234 5678 9018", "マイナンバー", "4111", "-", "−",
    "銀行", "普通 1234567", "https://", "user:pass@", "lg.jp", ".", "xn--", "192.168.0.1", "о", "①", "\ud83d", "\u202e", "24:00", "から", "午後13時", "さん", "\n", "の",
)  # fmt: skip


def hits(name: str, text: str, *, public: tuple[str, ...] = (), posts: tuple[str, ...] = (), **options: object) -> list[Hit]:
    """What the detector finds; its spans are those of the text."""
    detect = EVERYWHERE.get(name) or BODY[name]
    facts = Facts(Item(text=text), "", ("x",), FRIDAY, public=public, posts=posts)
    return list(detect(Text(text), facts, options))  # type: ignore[arg-type]


def found(name: str, text: str, *, public: tuple[str, ...] = (), posts: tuple[str, ...] = (), **options: object) -> list[str]:
    """The words of the text that the detector points at."""
    return [text[hit.start : hit.end] for hit in hits(name, text, public=public, posts=posts, **options)]
