"""Who is on the other end: the kernel names the uid (SO_PEERCRED), the register names the person. A client's word counts only in
a training office, where the login that owns the office may act as any of its fictional operators."""

from __future__ import annotations

import socket
import struct

from daemon.desk.logins import login_of
from daemon.refused import Refused
from daemon.rulebook.model import Operator, Rulebook

_UCRED = struct.Struct("3i")


def peer_uid(connection: socket.socket) -> int:
    """The uid of the process on the other end, as it was when it connected."""
    _, uid, _ = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    return int(uid)


def identify(uid: int, plays: str, owner_uid: int, book: Rulebook) -> Operator:
    """The operator behind a uid. `plays` is the login that a client of a training office wants to act as (empty: its own, else the
    first on the register). Raises Refused for anyone who is not on the register."""
    login = login_of(uid)
    if book.office.training and uid == owner_uid:
        return _player(plays or login, bool(plays), book)
    if plays and plays != login:
        raise Refused(
            "not_training",
            "ほかの担当者を演じられるのは訓練の部署だけです（rules.toml の training = true、部署の持ち主のログイン）。",
            "Only the owner of a training office may act as another operator (training = true in rules.toml).",
        )
    operator = book.operators.get(login)
    if operator is None:
        raise Refused(
            "not_on_register",
            f"ログイン {login} は担当者名簿にありません。管理者が rules.toml の [[operators]] に載せると使えます。"
            "停止（kohoban stop）だけは今もできます。",
            f"The login {login} is not on the register: the manager adds it under [[operators]] in rules.toml. "
            "A stop (kohoban stop) is possible all the same.",
        )
    return operator


def _player(login: str, named: bool, book: Rulebook) -> Operator:
    operator = book.operators.get(login)
    if operator is not None:
        return operator
    if named or not book.operators:
        known = "、".join(book.operators) or "—"
        raise Refused(
            "not_on_register",
            f"担当者 {login} は名簿にありません。演じられるのは: {known}",
            f"{login} is not on the register. There are: {', '.join(book.operators) or '—'}",
        )
    return next(iter(book.operators.values()))
