"""`kohoban audit head`, `checkpoint`, `key`: the record's head on paper and under a signature; and verification without the daemon."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from console.cli.command import Session, argument, command, option, text
from console.cli.link import SLOW
from console.cli.outcome import FINDINGS, FINE, REFUSED, WRONG, Failure
from console.cli.place import TOKYO, office_here
from console.cli.terminal import SCHEMA, clean, out, out_json
from console.record import short_hash
from console.words import choose
from daemon.program import program
from daemon.wire import AuditHead, AuditSeal, AuditSealed

_GROUP = 4
_LINE = 8
"""Groups of digits in a line of the printed hash."""


@command("audit head")
def head(session: Session) -> int:
    """The head of the record, signed, as a page to print, date and seal."""
    with session.link() as link:
        sealed = link.ask(AuditSeal(), AuditSealed, timeout=SLOW)
    if session.json:
        out_json({"schema": SCHEMA, **msgspec.structs.asdict(sealed)})
        return FINE
    for line in text("audit.page", **_printed(sealed)).strip("\n").splitlines():
        out(line.rstrip())
    return FINE


@command(
    "audit checkpoint",
    option("--key", metavar="FILE", required=True, key="signing_key"),
    option("--to", metavar="FILE", required=True, key="checkpoint_to"),
)
def checkpoint(session: Session, key: str, to: str) -> int:
    """Verify the record, then sign its head with a key of the office's own."""
    store = memory_of(session)
    if store is None:
        raise Failure(REFUSED, text("audit.closed"))
    done = _work("daemon.store.seal_main", ["checkpoint", str(store), str(Path(key).absolute()), str(Path(to).absolute())])
    if session.json:
        out_json({"schema": SCHEMA, **done})
    elif "why" in done:
        out(text("audit.bad", entry=done.get("first_bad", "-"), why=clean(choose(*done["why"]))))
    else:
        out(text("audit.signed", entries=done["entries"], key=done["key"], file=clean(to)))
    return FINDINGS if "why" in done else FINE


@command("audit key", argument("FILE"))
def key(session: Session, file: str) -> int:
    """Make a key pair to sign checkpoints with."""
    done = _work("daemon.store.seal_main", ["key", str(Path(file).absolute())])
    if session.json:
        out_json({"schema": SCHEMA, **done})
    else:
        out(text("audit.key_made", file=clean(file), public=clean(done["public"]), key=done["key"]))
    return FINE


def memory_of(session: Session) -> Path | None:
    """The folder of what the office remembers, where this login may read it."""
    store = office_here(session.office).absolute() / "state" / "store"
    try:
        return store if os.access(store / "kohoban.db", os.R_OK) else None
    except OSError:
        return None


def verified(store: Path, checkpoints: Sequence[str], public: str | None) -> AuditHead:
    """What a verification of the record in this folder finds, by processes of its own. Raises Failure."""
    words = [str(store), *(f"--anchors={Path(file).absolute()}" for file in checkpoints)]
    if public:
        words.append(f"--public={Path(public).absolute()}")
    return msgspec.convert(_work("daemon.store.verify_main", words)["found"], AuditHead)


def _work(module: str, words: Sequence[str]) -> dict[str, Any]:
    """Run one of the daemon's programs, showing how far it is; what it reports. Raises Failure."""
    live = sys.stderr.isatty()
    with tempfile.TemporaryFile() as said:
        trace = []
        with subprocess.Popen(
            program(module, *words), stdin=subprocess.DEVNULL, stdout=said, stderr=subprocess.PIPE, text=True
        ) as process:
            assert process.stderr is not None
            for line in process.stderr:
                done, _, of = line.strip().partition(" ")
                if not (done.isdigit() and of.isdigit()):
                    trace.append(line)
                elif live:
                    sys.stderr.write("\r\033[K" + text("audit.progress", done=int(done), all=int(of)))
                    sys.stderr.flush()
        if live:
            sys.stderr.write("\r\033[K")
        said.seek(0)
        answer = said.read()
    if not answer:
        if trace:
            raise RuntimeError(
                "".join(trace)
            )  # a defect of this program's: its trace is kept, under a number that people can name
        raise Failure(WRONG, text("keeping.ended", code=process.returncode))
    outcome: dict[str, Any] = msgspec.json.decode(answer)
    if "error" in outcome:
        raise Failure(WRONG, clean(choose(*outcome["error"])))
    return outcome


def _printed(sealed: AuditSealed) -> dict[str, object]:
    """The page's blanks, filled: long digits in groups, as people read them aloud."""
    return {
        "office": clean(sealed.office),
        "record": sealed.record,
        "entries": f"{sealed.entries:,}",
        "head": _grouped(sealed.head),
        "short": short_hash(sealed.head),
        "at": f"{sealed.at.astimezone(TOKYO):%Y-%m-%d %H:%M:%S %z}",
        "key": sealed.key or text("audit.unsigned"),
        "signature": _grouped(sealed.signature),
    }


def _grouped(digits: str) -> str:
    groups = [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
    lines = [" ".join(groups[start : start + _LINE]) for start in range(0, len(groups), _LINE)]
    return "\n    ".join(lines) or text("audit.unsigned")
