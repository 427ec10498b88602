"""The end that nobody wanted: an incident id and a file for the help desk, never a traceback on an operator's screen.

The trace goes to the file without the values of variables: they hold drafts, names and addresses.
"""

from __future__ import annotations

import os
import tempfile
import traceback
import uuid
from datetime import UTC, datetime
from pathlib import Path


def record(error: BaseException, state_dir: Path) -> tuple[str, str]:
    """Write down what happened. Returns the incident id and where the file is (empty where nothing could be written)."""
    incident = uuid.uuid4().hex[:8]
    text = f"{datetime.now(UTC).isoformat()} incident {incident}\n" + "".join(traceback.format_exception(error))
    for folder in (state_dir, Path(tempfile.gettempdir())):
        path = folder / f"console-{incident}.log"
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError:
            continue
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return incident, str(path)
    return incident, ""
