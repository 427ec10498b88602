"""The operator's own editor, on a real terminal: it gets the screen, and what it wrote is in the text and judged."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ptys import Terminal

from tests.service.live_office import ROOT, Office

CONSOLE = "import sys; from pathlib import Path; from console.tui.main import run; sys.exit(run(Path(sys.argv[1]), 'akasaka'))"
EDITOR = '#!/bin/sh\nprintf "EDITOR HERE"\nprintf "090-1234-5678 desu.\\n" >> "$1"\nread line\n'


def test_an_editor_that_the_office_allows_gets_the_screen_and_its_text_is_judged(tmp_path: Path) -> None:
    office = Office(tmp_path / "office")
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text(encoding="utf-8").replace("[office]\n", "[office]\neditor = true\n", 1), encoding="utf-8")
    editor = tmp_path / "editor"
    editor.write_text(EDITOR)
    editor.chmod(0o755)
    env = {
        **os.environ,
        "TERM": "xterm-256color",
        "KOHOBAN_LANG": "ja",
        "XDG_STATE_HOME": str(tmp_path / "home"),
        "VISUAL": str(editor),
        "PYTHONPATH": str(ROOT),
    }
    env.pop("NO_COLOR", None)
    office.start()
    try:
        with Terminal([sys.executable, "-c", CONSOLE, str(office.folder)], env) as console:
            console.shows("運用中")
            console.send("+")
            console.shows("番号か名前")
            console.send("minato-x\r")
            console.shows("番号。空なら白紙")
            console.send("\r")
            console.shows("指摘")
            console.send("\x1b[15~")
            console.shows("F12 は効きません")
            console.until(lambda: console.send("y") or "EDITOR HERE" in "".join(console.lines()))
            console.send("\r")
            console.shows("1行目「090-1234-5678」")
            console.send("\x1b[24~")
            console.shows("もう一度")
    finally:
        office.stop()
