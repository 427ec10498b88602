"""Which of two twins a person reads who starts the daemon: once it runs, it answers in both and the console chooses."""

from __future__ import annotations

import os


def choose(message: str, message_en: str) -> str:
    """The English sentence where KOHOBAN_LANG or the locale asks for English, the Japanese one everywhere else."""
    names = ("KOHOBAN_LANG", "LC_ALL", "LC_MESSAGES", "LANG")
    asked = next((os.environ[name] for name in names if os.environ.get(name)), "")
    return message_en if asked.lower().startswith("en") else message
