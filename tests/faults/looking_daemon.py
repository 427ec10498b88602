"""The daemon of `daemon_at.py`, which looks its database over as soon as it runs."""

from __future__ import annotations

from daemon.service import keeping
from tests.service.daemon_at import main

if __name__ == "__main__":
    keeping.LOOK_AFTER = 0.0
    main()
