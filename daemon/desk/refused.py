"""A refusal on its way to the person: raised anywhere at the desk, it undoes the transaction and becomes the answer."""

from __future__ import annotations

from daemon.wire.answers import Refusal, RefusalCode


class Refused(Exception):
    """Not done; `refusal` says why and what to do next."""

    def __init__(self, code: RefusalCode, message: str, message_en: str, *, clause: str = "") -> None:
        self.refusal = Refusal(code=code, message=message, message_en=message_en, clause=clause)
        super().__init__(message)
