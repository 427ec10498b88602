"""The list of the tests that prove each clause, put into a wheel: an installation has no tests, and its clause board names them all the same."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from pathlib import Path

from daemon.rulebook.coverage import proofs
from daemon.rulebook.proved import LIST, as_listed

PLACE = f"daemon/rulebook/{LIST}"
_OLDEST = (1980, 1, 1, 0, 0, 0)


def list_proofs(wheel: Path, tests: Path) -> None:
    """Write the list of these tests into a wheel, and into the record of what is in it. The same wheel and tests give the same bytes."""
    data = as_listed(proofs(tests)).encode()
    part = wheel.with_name(f".{wheel.name}.part")
    with zipfile.ZipFile(wheel) as old, zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            content = old.read(info)
            if info.filename.endswith(".dist-info/RECORD"):
                new.writestr(_like(info, PLACE), data)
                content = _recorded(content.decode(), data).encode()
            if info.filename != PLACE:
                new.writestr(_like(info, info.filename), content)
    part.rename(wheel)


def _recorded(record: str, data: bytes) -> str:
    """The record with a line for the list, in the place of one that is there already."""
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    lines = [line for line in record.splitlines() if not line.startswith(f"{PLACE},")]
    return "".join(f"{line}\n" for line in (*lines[:-1], f"{PLACE},sha256={digest},{len(data)}", lines[-1]))


def _like(info: zipfile.ZipInfo, name: str) -> zipfile.ZipInfo:
    """The entry of a file with the time and mode of another."""
    made = zipfile.ZipInfo(name, max(info.date_time, _OLDEST))
    made.compress_type, made.external_attr, made.create_system = zipfile.ZIP_DEFLATED, info.external_attr, info.create_system
    return made
