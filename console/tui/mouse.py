"""The mouse, which is off until somebody asks for it (`:マウス`): a terminal whose mouse a program takes cannot mark and copy any more.

It chooses rows and scrolls. It decides nothing: there is nothing to click that approves, releases or stops.
"""

from __future__ import annotations

ON, OFF = "\x1b[?1000h\x1b[?1006h", "\x1b[?1006l\x1b[?1000l"
"""Buttons and the wheel, in coordinates of any size; never movements (1003), which would be sent for every cell."""
WHEEL = 3
"""Rows that one click of the wheel moves."""
