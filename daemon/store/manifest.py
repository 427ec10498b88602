"""What a backup says about itself: the last two members of its tar file, so that one cut short has neither.

A backup is an uncompressed tar that `tar -xf` and `sha256sum` read without this program:

    KOHOBAN-BACKUP       a line for whoever finds the file
    kohoban.db           the database as it was at one moment
    revisions/*.seg      the exact bytes of every revision and the record, up to that moment
    audit.anchor         the anchor
    rules.toml, policies/…, state/overrides.toml
    manifest.json        every member above with size and sha256; the data's version, head of the record, time, program
    manifest.sha256      the sha256 of manifest.json
"""

from __future__ import annotations

import re

from msgspec import Struct

FORMAT = 1
FIRST = "KOHOBAN-BACKUP"
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"

MEMBER = re.compile(
    r"KOHOBAN-BACKUP|kohoban\.db|audit\.anchor|revisions/\d{6}\.seg|rules\.toml|state/overrides\.toml|policies(/[^./\0][^/\0]*)+|manifest\.(json|sha256)"
)
"""The names that a backup may hold: nothing else is ever written anywhere."""


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """One file in the backup."""

    size: int
    sha256: str


class Manifest(Struct, frozen=True, kw_only=True):
    """The backup as a whole. `schema` is the version of the data, `seq` and `head` the last entry of the record in it."""

    format: int
    program: str
    office: str
    made: str
    schema: int
    seq: int
    head: str
    members: dict[str, Member]
