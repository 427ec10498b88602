"""The report's figures as a program of its own: `python -m daemon.desk.report_main STORE`, behind a daemon.

stdin has what is asked (`Asked`), stdout gets the tables, both JSON. The database is only read, and all other work comes first.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from daemon.desk.reporting import Asked, Count
from daemon.store.database import DATABASE, open_reader


def main(argv: Sequence[str] | None = None) -> int:
    """The process."""
    (store,) = sys.argv[1:] if argv is None else argv
    os.nice(5)
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    with closing(open_reader(Path(store) / DATABASE)) as db:
        db.row_factory = None
        db.execute("BEGIN")  # one moment for all figures
        tables = Count(db, asked).run()
    sys.stdout.buffer.write(msgspec.json.encode(tables))
    return 0


if __name__ == "__main__":
    sys.exit(main())
