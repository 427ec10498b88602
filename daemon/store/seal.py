"""The seal: an Ed25519 key that signs the lines of the anchor, and the check of a signature.

The daemon's own key lies beside the database (`seal.key`, 0600; its public half `seal.pub`), so a signature by it says that this
machine wrote the line, not that nobody with the daemon's rights did. An office that wants more keeps a key elsewhere and signs with
`kohoban audit checkpoint`. Keys are PEM files as `openssl` writes and reads them.

`cryptography` takes 40 ms to import: only what signs or checks does so.
"""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from daemon.store.anchor import Mark
from daemon.store.database import sync_folder
from daemon.store.faults import StoreUnfit, told

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

KEY = "seal.key"
PUBLIC = "seal.pub"


class Seal:
    """A key that signs."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.id = key_id(key.public_key())

    def sign(self, mark: Mark) -> Mark:
        """`mark` with the key's id and signature."""
        mark = mark._replace(key=self.id)
        return mark._replace(signature=self._key.sign(mark.signed).hex())


class OwnSeal:
    """The daemon's own seal: its key is read, or made, when the first line is to be signed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seal: Seal | None = None

    def sign(self, mark: Mark) -> Mark:
        """`mark`, signed. Raises OSError where the key cannot be made, StoreUnfit where it is none."""
        if self._seal is None:
            if not (self._folder / KEY).exists():
                make_key(self._folder / KEY, self._folder / PUBLIC)
            self._seal = read_key(self._folder / KEY)
        return self._seal.sign(mark)


def make_key(path: Path, public: Path) -> str:
    """Make a key pair: the private half at `path` for its owner alone, the public one at `public`; returns the key's id. An existing
    file is never replaced. Raises OSError."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private_bytes = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public_bytes = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    with suppress(FileNotFoundError):
        public.unlink()  # of a pair that was not finished: its key was never written
    _write_new(public, public_bytes, 0o644)
    _write_new(path, private_bytes, 0o600)
    sync_folder(path.parent)
    return key_id(key.public_key())


def read_key(path: Path) -> Seal:
    """The private key in a file. Raises StoreUnfit where it is none, StoreBroken where it cannot be read."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with told(str(path)):
        data = path.read_bytes()
    try:
        key = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError) as error:
        raise _no_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _no_key(path)
    return Seal(key)


def read_public(path: Path) -> Ed25519PublicKey:
    """The public key in a file. Raises StoreUnfit where it is none, StoreBroken where it cannot be read."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    with told(str(path)):
        data = path.read_bytes()
    try:
        key = serialization.load_pem_public_key(data)
    except ValueError as error:
        raise _no_key(path) from error
    if not isinstance(key, Ed25519PublicKey):
        raise _no_key(path)
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """The short name of a key: the first 16 hex digits of the sha256 of its 32 bytes."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def is_signed(mark: Mark, key: Ed25519PublicKey) -> bool:
    """Whether `mark` bears a valid signature of `key`."""
    from cryptography.exceptions import InvalidSignature

    try:
        key.verify(bytes.fromhex(mark.signature), mark.signed)
    except InvalidSignature:
        return False
    return True


def _write_new(path: Path, data: bytes, mode: int) -> None:
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        os.write(fd, data)
        os.fsync(fd)
    finally:
        os.close(fd)


def _no_key(path: Path) -> StoreUnfit:
    return StoreUnfit(
        f"{path} は Ed25519 の鍵（PEM）ではありません。kohoban audit key で作った鍵を指定してください。",
        f"{path} is no Ed25519 key (PEM). Name a key made with `kohoban audit key`.",
    )
