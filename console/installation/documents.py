"""The manual page and the shells' completions: each version's own, in its folder, linked to where man, bash, zsh and fish look for them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from console.installation.outcome import out, text
from console.installation.place import Place
from console.words import language

MADE = {
    "man/man1/kohoban.1": ("en", "man"),
    "man/ja/man1/kohoban.1": ("ja", "man"),
    "bash-completion/completions/kohoban": ("", "completion", "bash"),
    "zsh/site-functions/_kohoban": ("", "completion", "zsh"),
    "fish/vendor_completions.d/kohoban.fish": ("", "completion", "fish"),
}
"""Under `share/`: in which language (empty: the installer's), and the command that prints it."""


def make(version: Path) -> None:
    """Let the program in this folder print them there. One that is too old to know how has none. Raises OSError."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for name, (lang, *words) in MADE.items():
        command = [str(version / "bin" / "kohoban"), *words]
        env = {**clean, "KOHOBAN_LANG": lang or language()}
        printed = subprocess.run(command, capture_output=True, check=False, stdin=subprocess.DEVNULL, env=env)
        if printed.returncode == 0:
            place = version / "share" / name
            place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
            place.write_bytes(printed.stdout)


def link(place: Place, commands: Path) -> None:
    """Link those of the version in force; what it has none of leads nowhere and goes. `commands` is the folder of the commands: `share` lies beside
    it. What is somebody else's, or cannot be written, is left alone and said: the program works without."""
    for name, target in _links(place, commands):
        try:
            if os.path.lexists(name) and not place.owns(name):
                out(text("done.not_linked", file=name))
                continue
            name.unlink(missing_ok=True)
            if target.is_file():
                name.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
                name.symlink_to(target)
        except OSError:
            out(text("done.not_linked", file=name))


def unlink(place: Place, commands: Path) -> None:
    """Take the links of this installation away."""
    for name, _ in _links(place, commands):
        with suppress(OSError):
            if name.is_symlink() and place.owns(name):
                name.unlink()


def _links(place: Place, commands: Path) -> Iterator[tuple[Path, Path]]:
    for name in MADE:
        yield _share(commands) / name, place.current / "share" / name


def _share(commands: Path) -> Path:
    """`/usr/local/share` for `/usr/local/bin`: man goes by the PATH, the shells by XDG_DATA_DIRS, whose default it is."""
    return commands.parent / "share"
