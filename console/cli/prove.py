"""`kohoban policy coverage --prove`: switch off what holds each clause, and show that a named test turns red. Needs a checkout with tests."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from console.cli.command import Session, text
from console.cli.outcome import FINDINGS, FINE, WRONG, Failure
from console.cli.terminal import SCHEMA, clean, err, out, out_json, room, table
from daemon.rulebook.coverage import Covered

PROCESSES = 2
LOOK = 0.5
"""Seconds between two looks at how far the processes are."""


class Shown(msgspec.Struct, kw_only=True):
    """What was off (`rules`: the clause's rules; else a mechanism), the test that turned red, and its first words. No test: none did."""

    off: str
    test: str
    red: str
    tried: int


class Proof(msgspec.Struct, kw_only=True):
    """What came of one clause. `tried` counts the tests that were run against it."""

    clause: str
    held_by: tuple[str, ...] = ()
    proved: bool = False
    shown: tuple[Shown, ...] = ()
    tried: int = 0
    seconds: float = 0.0


_lines: msgspec.json.Decoder[Proof] = msgspec.json.Decoder(Proof)


def prove(session: Session, clauses: Sequence[Covered], checkout: Path) -> int:
    """Prove these clauses; exit 1 where one that is held is not proved. What nothing holds is named and cannot be proved."""
    if not (checkout / "tests" / "proving.py").is_file():
        raise Failure(WRONG, text("prove.no_checkout"))
    held = [clause for clause in clauses if clause.held_by]
    known = {proof.clause: proof for proof in _run(held, checkout)}
    proofs = [known.get(clause.id, Proof(clause=clause.id, held_by=clause.held_by)) for clause in held]
    unmapped = [clause.id for clause in clauses if not clause.held_by]
    _say(session, proofs, unmapped)
    return FINE if all(proof.proved for proof in proofs) else FINDINGS


def _run(held: Sequence[Covered], checkout: Path) -> list[Proof]:
    """Two processes of pytest, each with every other clause; says how far they are."""
    with tempfile.TemporaryDirectory(prefix="kohoban-prove-") as place:
        files = [Path(place) / f"{n}.jsonl" for n in range(PROCESSES)]
        logs = [Path(place) / f"{n}.log" for n in range(PROCESSES)]
        running = [
            _start(held[n::PROCESSES], checkout, files[n], logs[n], Path(place) / f"t{n}")
            for n in range(PROCESSES)
            if held[n::PROCESSES]
        ]
        try:
            while any(process.poll() is None for process in running):
                _tell(len(_read(files)), len(held))
                time.sleep(LOOK)
        finally:
            for process in running:
                process.terminate()
                process.wait()
        found = _read(files)
        if len(found) < len(held):
            err("\n".join(log.read_text(encoding="utf-8")[-2000:] for log in logs if log.exists()))
            raise Failure(WRONG, text("prove.broken", done=len(found), count=len(held)))
        return found


def _start(clauses: Sequence[Covered], checkout: Path, file: Path, log: Path, temp: Path) -> subprocess.Popen[bytes]:
    words = ["-q", "-p", "no:cacheprovider", "-p", "tests.proving", f"--basetemp={temp}", "--prove", str(file)]
    words += [word for clause in clauses for word in ("--off", clause.id)]
    with log.open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "pytest", *words, "tests"], cwd=checkout, stdin=subprocess.DEVNULL, stdout=said, stderr=said
        )


def _read(files: Sequence[Path]) -> list[Proof]:
    """What has been written so far; a line that is half there is left for the next look."""
    lines = (line for file in files if file.exists() for line in file.read_bytes().split(b"\n")[:-1])
    return [_lines.decode(line) for line in lines]


def _tell(done: int, count: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{text('prove.progress', done=done, count=count)}")
        sys.stderr.write("\n" if done == count else "")
        sys.stderr.flush()


def _say(session: Session, proofs: Sequence[Proof], unmapped: Sequence[str]) -> None:
    if session.json:
        out_json({"schema": SCHEMA, "clauses": proofs, "unmapped": unmapped, "proved": sum(proof.proved for proof in proofs)})
        return
    head = [text(f"prove.{name}") for name in ("clause", "result", "off", "test")]
    rows = [
        (
            clean(proof.clause),
            text("prove.proved" if each.test else "prove.not_proved" if each.tried else "prove.no_test"),
            clean(each.off) if each.off != "rules" else text("prove.rules"),
            clean(each.test or "-"),
        )
        for proof in proofs
        for each in proof.shown
    ]
    for line in table(rows, head, room=room()):
        out(line)
    out(text("prove.total", proved=sum(proof.proved for proof in proofs), count=len(proofs), unmapped=len(unmapped)))
    if unmapped:
        out(text("prove.unmapped", clauses=clean(" ".join(unmapped))))
