"""What has been reported of each folder, in memory: so that a scan opens only what has changed, and a rename is told from a new file."""

from __future__ import annotations

from collections.abc import Mapping

from daemon.intake.arrival import FORGOTTEN, Identity, RefusedCode, Settled

_NONE: Mapping[bytes, Identity] = {}


class Ledger:
    """The names of every account: those reported as drafts, and those looked at and left aside. For one thread."""

    def __init__(self, known: Mapping[tuple[str, bytes], tuple[int, int, int, int, int]]) -> None:
        self._known: dict[str, dict[bytes, Identity]] = {}
        self._by_inode: dict[str, dict[int, bytes]] = {}
        self._aside: dict[str, dict[bytes, Identity]] = {}
        self._told: dict[tuple[str, bytes], RefusedCode] = {}
        for (account, name), values in known.items():
            self._keep(account, name, Identity(*values))

    def known(self, account: str) -> Mapping[bytes, Identity]:
        """The drafts reported, each in its last reported state."""
        return self._known.get(account, _NONE)

    def aside(self, account: str) -> Mapping[bytes, Identity]:
        """The names looked at and left: nothing to do until their state is another one."""
        return self._aside.get(account, _NONE)

    def reported(self, account: str, name: bytes) -> bool:
        """Has anything been said of this name, so that its end must be said too?"""
        return name in self.known(account) or (account, name) in self._told

    def arrived(self, settled: Settled) -> None:
        """This state of this draft has been brought."""
        self._unset_aside(settled.account, settled.name)
        self._keep(settled.account, settled.name, settled.identity)

    def gone(self, account: str, name: bytes) -> None:
        """This name is no draft any more."""
        identity = self._known.get(account, {}).pop(name, None)
        if identity is not None and self._by_inode[account].get(identity.ino) == name:
            del self._by_inode[account][identity.ino]
        self._unset_aside(account, name)

    def set_aside(self, account: str, name: bytes, identity: Identity) -> None:
        """Nothing to do with this name until its state is another one."""
        self._aside.setdefault(account, {})[name] = identity

    def tell(self, account: str, name: bytes, code: RefusedCode) -> bool:
        """Note why a name was refused. False if exactly that has been said of it already."""
        if self._told.get((account, name)) == code:
            return False
        self._told[(account, name)] = code
        return True

    def old_name(self, account: str, name: bytes, identity: Identity) -> bytes | None:
        """The reported draft that this new name may be: the same inode, written last at the same moment, of the same size.

        The inode alone does not tell: the next file made often gets that of the last one deleted.
        """
        if name in self.known(account):
            return None
        old = self._by_inode.get(account, {}).get(identity.ino)
        if old is None or old == name:
            return None
        was = self._known[account][old]
        return old if (was.dev, was.mtime_ns, was.size) == (identity.dev, identity.mtime_ns, identity.size) else None

    def renamed(self, account: str, old: bytes, new: bytes) -> None:
        """The draft `old` is called `new` now; its state has still to be reported."""
        identity = self._known[account][old]
        self.gone(account, old)
        self._keep(account, new, identity)

    def forget(self, account: str, name: bytes) -> None:
        """The last report of this name was not kept: report it again, whatever it is now."""
        self.gone(account, name)
        self._known.setdefault(account, {})[name] = FORGOTTEN
        self._by_inode.setdefault(account, {})

    def _keep(self, account: str, name: bytes, identity: Identity) -> None:
        names = self._known.setdefault(account, {})
        inodes = self._by_inode.setdefault(account, {})
        before = names.get(name)
        if before is not None and before.ino != identity.ino and inodes.get(before.ino) == name:
            del inodes[before.ino]
        names[name] = identity
        inodes[identity.ino] = name

    def _unset_aside(self, account: str, name: bytes) -> None:
        self._aside.get(account, {}).pop(name, None)
        self._told.pop((account, name), None)
