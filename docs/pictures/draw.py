"""Draw the README's pictures from the real thing: a training office, its daemon, the console in a terminal, an operator's keys.

.venv/bin/python docs/pictures/draw.py        # needs tmux, chromium and the font Noto Sans Mono CJK JP
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

from daemon.service.spawn import start_detached

HERE = Path(__file__).parent
TRAINING = HERE.parent.parent / "console" / "training"
WIDE, HIGH = 116, 34
# The terminal gives ○ one column, this font two: narrow ones for what may be either.
PAGE = """<meta charset="utf-8"><style>
@font-face {{ font-family: narrow; src: local("DejaVu Sans Mono"), local("DejaVuSansMono"); unicode-range: U+25CB, U+00D7; size-adjust: 83% }}
body {{ margin: 0; background: #121212 }}
pre {{ font: 16px/22px narrow, "Noto Sans Mono CJK JP"; margin: 8px; color: #d8d8d8; text-spacing-trim: space-all; font-kerning: none }}
{stylesheet}
</style><pre>{code}</pre>"""


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="kohoban-picture-") as folder:
        office = Path(folder)
        shutil.copy(TRAINING / "rules.toml", office / "rules.toml")
        for kind in ("drafts", "comments"):
            shutil.copytree(TRAINING / kind, office / kind)
        pid = start_detached(office)
        try:
            time.sleep(4)
            draw(office)
        finally:
            os.kill(pid, signal.SIGTERM)
            while Path(f"/proc/{pid}").exists():
                time.sleep(0.1)


def draw(office: Path) -> None:
    """The queue, then the template with unfilled blanks beside the clause that stops it; and what the judge of comments sees."""
    look(office, "shibata", queue_and_detail)
    look(office, "urano", bench)


def look(office: Path, who: str, draw: Callable[[], None]) -> None:
    """Somebody's console, from its opening to its end."""
    tmux("new-session", "-d", "-x", str(WIDE), "-y", str(HIGH), f"{sys.prefix}/bin/kohoban --office {office} --operator {who}")
    try:
        time.sleep(4)
        draw()
    finally:
        tmux("kill-session")
        time.sleep(1)  # its server ends with its last session


def queue_and_detail() -> None:
    press("End", "Home")
    picture("queue")
    press("/", *"日○時", "Enter", "Enter")
    picture("detail")


def bench() -> None:
    press("K", *["Down"] * 6)
    picture("bench")


def press(*keys: str) -> None:
    for key in keys:
        tmux("send-keys", key)
        time.sleep(0.5)
    time.sleep(1)


def picture(name: str) -> None:
    """What the terminal shows now, as a PNG."""
    with Path(os.devnull).open("w") as nowhere:
        console = Console(width=WIDE, record=True, file=nowhere, force_terminal=True, color_system="truecolor")
        for line in tmux("capture-pane", "-p", "-e").splitlines():
            console.print(Text.from_ansi(line), no_wrap=True, overflow="ignore", crop=False)
    page = Path(tempfile.gettempdir()) / f"kohoban-{name}.html"
    page.write_text(console.export_html(theme=DIMMED_MONOKAI, code_format=PAGE), encoding="utf-8")
    subprocess.run(
        [
            "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
            f"--window-size={WIDE * 8 + 16},{HIGH * 22 + 16}", f"--screenshot={HERE / name}.png", page.as_uri(),
        ],
        check=True,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    page.unlink()


def tmux(*words: str) -> str:
    return subprocess.run(["tmux", "-L", "picture", *words], check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
