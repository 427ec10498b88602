"""Which names in an account's folder are drafts, which pass in silence, and how any name is shown.

Names are bytes: a file server or an old archive brings names that are not UTF-8, and nothing may be lost for that.
"""

from __future__ import annotations

import re

from daemon.rulebook.lazy import lazy_pattern

NOTICE_SUFFIX = ".判定.txt".encode()
"""The end of the name of our verdict file beside a draft."""
FOLDER_NOTICE = "_広報番.txt".encode()
"""Our notice in each account's folder."""
HANDOVER = "_引継.txt".encode()
"""The handover (引継簿) of an account, which we write into its folder at the end of its hours."""
TEMPORARY = b".kohoban-"
"""The head of the names under which our own notices are written before they appear; a dot-file, so it passes in silence."""
DONE = b"done"
"""The folder beside the drafts that released ones move to."""

_OFFICE = (b".docx", b".xlsx", b".csv")
_SHEET = (b".xlsx", b".csv")
_DRAFT = (b".txt", b".md", *_OFFICE)
_BETWEEN = b"/"
"""Between the name of a sheet and that of its row: no file has it in its name."""
_PASSING = lazy_pattern(
    rb"""  \.                                    # dot-files: vim's .x.swp, emacs' .#x, rsync's .x.Ab3, .DS_Store, our own
         | ~\$                                  # Office's lock files
         | \#(?:.*\#|\d+)\Z                     # emacs' auto-save, O_TMPFILE's number
         | 4913\Z                               # vim's probe whether it may write here
         | (?:thumbs\.db|desktop\.ini)\Z
         | .*(?: ~ | \.(?:tmp|part|filepart|crdownload|sw[opxn]|bak|lock) )\Z                   # halves and backups
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_PICTURE = lazy_pattern(rb".*\.(?:jpe?g|png|gif|webp|heic|mp4|mov)\Z", re.IGNORECASE | re.DOTALL)


def is_draft(name: bytes) -> bool:
    """Is a file of this name a draft: a text or an office file, its ending in any case, and neither an editor's, a transfer's nor our own file?"""
    if name.endswith(NOTICE_SUFFIX) or name in (FOLDER_NOTICE, HANDOVER):
        return False
    return name.lower().endswith(_DRAFT) and (name[0] not in b".~#4" or _PASSING.match(name) is None)


def is_office(name: bytes) -> bool:
    """Does a draft of this name come from another program: a Word document, a sheet?"""
    return name.lower().endswith(_OFFICE)


def is_sheet(name: bytes) -> bool:
    """Is it a sheet, of which each row is a draft?"""
    return name.lower().endswith(_SHEET)


def row_name(sheet: bytes, row: str) -> bytes:
    """The name of a draft that is a row of a sheet."""
    return sheet + _BETWEEN + row.encode()


def is_row(name: bytes) -> bool:
    """Is it the name of a row?"""
    return _BETWEEN in name


def file_of(name: bytes) -> bytes:
    """The name of the file in which a draft lies: its own, or that of its sheet."""
    return name.partition(_BETWEEN)[0]


def row_of(name: bytes) -> str:
    """What a row is called within its sheet."""
    return name.partition(_BETWEEN)[2].decode("utf-8", "backslashreplace")


def passes(name: bytes) -> bool:
    """Does a thing of this name pass in silence? What is neither a draft nor passes is told to the person who put it there."""
    if name.endswith(NOTICE_SUFFIX) or name in (FOLDER_NOTICE, HANDOVER, DONE) or _PASSING.match(name) is not None:
        return True
    return is_picture(name)


def is_picture(name: bytes) -> bool:
    """Is a file of this name an image or a video, which lies beside the draft that names it?"""
    return _PICTURE.match(name) is not None and _PASSING.match(name) is None


def notice_name(name: bytes) -> bytes:
    """The name of the verdict file beside a draft: `x.txt` has `x.判定.txt`; any other keeps its ending (`x.md.判定.txt`, and `x.md.txt`
    its whole name), so that two drafts never share one. A row's stands beside its sheet: `x.xlsx` has `x #3.xlsx.判定.txt`."""
    if is_row(name):
        stem, dot, ending = file_of(name).rpartition(b".")
        return b"%s %s%s%s" % (stem, name.partition(_BETWEEN)[2], dot, ending) + NOTICE_SUFFIX
    stem = name.removesuffix(b".txt")
    return (name if stem.lower().endswith(_DRAFT) else stem) + NOTICE_SUFFIX


def display_name(name: bytes) -> str:
    """A file name as text that any screen and any encoding can carry: bytes that are not UTF-8, and characters that are invisible or
    steer the terminal, are written as backslash escapes."""
    text = name.decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\u3000" else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")
