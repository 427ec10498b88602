"""What lets in at a platform is never said: whatever the releaser says goes through here, and its values stay behind.

A library may put a header into its error (an illegal one, whole), a platform may send one back. So each value that was read is known here,
and is taken out of every line on its way to the daemon and of whatever is printed; so is what looks like such a header of any value.
"""

from __future__ import annotations

import io
import json
import re
import threading
from base64 import b64encode
from urllib.parse import quote

HIDDEN = "［非表示］"
"""What stands in the place of a value."""
SHORTEST = 8
"""Characters below which a value is no secret that could be met by chance in a sentence: `kohoban secrets set` takes none so short."""

_HEADER = re.compile(r"(?i)\b(bearer|basic|oauth)(\s+)[A-Za-z0-9+/=_.~%-]{12,}")
_NAMED = re.compile(
    r"(?i)\b(access_token|refresh_token|client_secret|code_verifier|oauth_(?:token|consumer_key|signature))(\W{1,4})[A-Za-z0-9+/=_.~%-]{8,}"
)
_ADDRESS = re.compile(r"""(://[^/\s@:"']{1,100}:)[^/\s@"']{1,200}@""")
"""The password of a proxy, in its address."""

MOST = 8_192
"""Shapes that are known at a time: those of the values read last. Tokens that are renewed every two hours would otherwise become ever more;
what was not read for so long has been replaced by others many times."""

_known: dict[str, None] = {}
_turn = threading.Lock()


def veil(*values: str) -> None:
    """From now on these values are said nowhere; nor as they stand in a header, an address or JSON."""
    with _turn:
        for value in values:
            if len(value) >= SHORTEST:
                shapes = (
                    value,
                    quote(value, safe=""),
                    json.dumps(value)[1:-1],
                    repr(value)[1:-1],
                    b64encode(value.encode()).decode(),
                )
                for shape in shapes:
                    _known.pop(shape, None)  # what is read again counts as new
                    _known[shape] = None
        while len(_known) > MOST:
            del _known[next(iter(_known))]


def veiled(text: str) -> str:
    """The text without them."""
    with _turn:
        known = sorted(_known, key=len, reverse=True)
    for value in known:
        if value in text:
            text = text.replace(value, HIDDEN)
    text = _ADDRESS.sub(rf"\1{HIDDEN}@", _NAMED.sub(rf"\1\2{HIDDEN}", text))  # the names first: a header takes them away
    return _HEADER.sub(rf"\1\2{HIDDEN}", text)


class Veiled(io.TextIOBase):
    """A stream for people (stderr) that says no secret. A write is veiled as a whole: tracebacks come in whole lines."""

    def __init__(self, stream: io.TextIOBase) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write it without what must not be said; what cannot be written is lost."""
        self._stream.write(veiled(text))
        return len(text)

    def flush(self) -> None:
        """Hand it on."""
        self._stream.flush()

    def fileno(self) -> int:
        """The descriptor behind it: whatever is written there past this object is not veiled."""
        return self._stream.fileno()
