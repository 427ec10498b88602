"""An installation for a test: under a prefix of its own, with the network taken away, and an office that lies outside it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

BEFORE = ("v0.1.0", "cdc3128")
"""The release before: its tag, and where a clone has no tags, its commit."""
PATIENCE = 60.0
DRAFT = '+++\nauthor = "akasaka"\ntopic = "区政情報"\n+++\n{text}\n'
_numbers = count(1)


def python_here() -> list[str]:
    """The builder's options for this Python and machine alone."""
    return ["--pythons", "{}.{}".format(*sys.version_info[:2]), "--machines", platform.machine()]


class Installation:
    """Everything of it lies in `folder`: the prefix, the commands, the backups, an office at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.prefix, self.bin, self.backups = folder / "opt", folder / "bin", folder / "backups"
        self.kept = folder / "kept"
        self.office = folder / "none"

    def command(self, archive: Path | None, *words: str) -> list[str]:
        """The installer of an archive, or the installed one, without a network."""
        program = self.bin / "kohoban-install" if archive is None else archive / "kohoban-install"
        places = ["--prefix", str(self.prefix), "--bin", str(self.bin), "--backups", str(self.backups)]
        return ["unshare", "--net", str(program), *words, *places]

    def run(self, archive: Path | None, *words: str, code: int = 0) -> str:
        """Run the installer to its end; what it said on both streams."""
        python = f"{sys.base_prefix}/bin/python3"
        done = subprocess.run(
            self.command(archive, *words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env={**os.environ, "KOHOBAN_PYTHON": python, "KOHOBAN_LANG": "en"},
        )
        assert done.returncode == code, done.stdout
        assert "Traceback" not in done.stdout
        return done.stdout

    @property
    def version(self) -> str:
        """What the command on the PATH calls itself."""
        return subprocess.run([self.bin / "kohoban", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]

    def versions(self) -> dict[str, Any]:
        """`kohoban-install list --json`."""
        return dict(json.loads(self.run(None, "list", "--json")))

    def documents(self) -> list[str]:
        """The manual pages and completions that man and the shells would find."""
        share = self.folder / "share"
        return sorted(str(path.relative_to(share)) for path in share.rglob("*") if path.is_symlink() and path.is_file())

    # The office

    def open_office(self) -> None:
        """A training office with its daemon, of the version in force."""
        self.office = self.folder / f"office-{next(_numbers)}"
        self.kohoban("init", str(self.office))
        self.kohoban("daemon", "--detach")

    def close_office(self) -> None:
        """End its daemon, and bring the installation back to the one version."""
        self.end()
        (oldest, *later) = self.versions()["versions"]
        link = self.prefix / "new"
        link.symlink_to(Path("versions", oldest))
        link.rename(self.prefix / "current")
        for version in later:
            shutil.rmtree(self.kept / version, ignore_errors=True)
            self.kept.mkdir(exist_ok=True)
            (self.prefix / "versions" / version).rename(self.kept / version)
        record = self.prefix / "installed.json"
        record.write_text(json.dumps({**json.loads(record.read_text()), "offices": [], "switch": None}))

    def lay_ready(self) -> None:
        """What was installed beside the oldest version for an office before this one lies there again: it need not be installed once more."""
        for version in self.kept.glob("*"):
            version.rename(self.prefix / "versions" / version.name)

    def end(self) -> None:
        """End the office's daemon, if one runs."""
        if (pid := self.pid()) is not None:
            os.kill(pid, 15)
            until(lambda: not Path(f"/proc/{pid}").exists(), "the end of the daemon")

    def pid(self) -> int | None:
        """The daemon's process: the one whose command line names the office."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if b"daemon.service.main" in words and os.fsencode(self.office) in words:
                return int(process.name)
        return None

    def kohoban(self, *words: str, code: int | None = 0) -> str:
        """A command of the program on this office; what it said on stdout. Not from the checkout, whose rooms Python would find before those that
        are installed: the daemon of 0.1.0 is started by `python -m`."""
        env = {**os.environ, "KOHOBAN_LANG": "en", "KOHOBAN_OFFICE": str(self.office)}
        done = subprocess.run(
            [self.bin / "kohoban", *words], capture_output=True, text=True, check=False, env=env, cwd=self.folder
        )
        assert code is None or done.returncode == code, (words, done.stdout, done.stderr)
        return done.stdout

    def json(self, *words: str) -> dict[str, Any]:
        """The same with `--json`."""
        return dict(json.loads(self.kohoban(*words, "--json")))

    def drop(self, name: str, text: str) -> int:
        """Put a draft into 港区's folder and wait for its verdict; its number."""
        (self.office / "drafts" / "minato-x" / name).write_text(DRAFT.format(text=text), encoding="utf-8")
        return until(lambda: self.number(name), f"a verdict on {name}")

    def number(self, name: str) -> int:
        """The number of the draft in this file; 0 where there is none, or where nobody can say: a daemon may just be giving way to the next."""
        said = self.kohoban("queue", "--json", code=None)
        drafts = json.loads(said)["drafts"] if "{" in said else []
        return next((draft["id"] for draft in drafts if draft["path"] == f"drafts/minato-x/{name}"), 0)

    def state(self, name: str) -> str:
        """The state of the draft in this file."""
        return str(next(d["state"] for d in self.json("queue")["drafts"] if d["path"] == f"drafts/minato-x/{name}"))

    def module(self, version: str, name: str) -> Path:
        """The file of a module of an installed version."""
        (found,) = (self.prefix / "versions" / version / "lib").glob(f"python3*/site-packages/{name}")
        return found


@contextmanager
def changed(path: Path, text: str) -> Iterator[None]:
    """While this lasts, the file ends with these lines, too."""
    before = path.read_bytes()
    path.write_bytes(before + text.encode())
    try:
        yield
    finally:
        path.write_bytes(before)


def until(look: Any, what: str) -> Any:
    """Look again and again until there is something to see; returns it."""
    end = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < end, f"it never came to this: {what}"
        time.sleep(0.05)
    return seen
