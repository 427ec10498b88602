"""The daemon of `dying_daemon.py`, whose hands are those of `dying_hand_at_x.py`."""

from __future__ import annotations

import sys
from pathlib import Path

from daemon.release import hands
from daemon.service import outgoing
from tests.faults import dying_daemon

if __name__ == "__main__":
    outgoing.REST = 0.2
    dying_daemon.HAND = Path(__file__).with_name("dying_hand_at_x.py")
    assert hands.COMMAND[0] == sys.executable
    dying_daemon.main()
