"""Whoever stops, as a process of its own: for each line `SECONDS SCOPE` it waits so long, shuts the gate of STATE, and says when it
had silence (nanoseconds since 1970: the moment at which whoever stops is told so), and after how many milliseconds."""

from __future__ import annotations

import json
import sys
import time

from daemon.gate import Gate


def main() -> None:
    gate = Gate(sys.argv[1])
    for line in sys.stdin:
        wait, scope = line.split()
        time.sleep(float(wait))
        shut = gate.shut(scope, "stopper")
        print(json.dumps([time.time_ns(), shut.latched_ms, shut.silent_ms, shut.why_en]), flush=True)


if __name__ == "__main__":
    main()
