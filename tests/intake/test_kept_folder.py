"""Whose hand may be at work in a folder, proved with real owners, modes and ACLs: what others could write in proves nothing."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.intake.kept_folder import Fault, Owners, kept
from daemon.intake.sheet_folder import INNER, look, named_reason

CHIEF, DAEMON, STRANGER, GROUP = 64011, 64012, 64013, 64014
OWNERS = Owners(CHIEF, DAEMON)

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="several logins are needed: run as root to prove this")


def acl(*entries: tuple[int, int, int]) -> bytes:
    """A POSIX ACL as the kernel keeps it: (tag, rights, id), in the order of the tags."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, perm, uid & 0xFFFFFFFF) for tag, perm, uid in entries)


def let(path: Path, *named: tuple[int, int, int], group: int = 5, other: int = 0) -> None:
    """Give a folder an ACL in which these users (tag 2) and groups (tag 8) stand."""
    entries = sorted(((1, 7, -1), *named, (4, group, -1), (16, 7, -1), (32, other, -1)))
    os.setxattr(path, "system.posix_acl_access", acl(*entries))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder of the chief's on a share of root's, in which the daemon may write by an ACL."""
    with tempfile.TemporaryDirectory(prefix="kohoban-share-") as place:
        Path(place).chmod(0o755)
        folder = Path(place) / "share" / "chief"
        for each in (folder.parent, folder, *(folder / name for name in INNER)):
            each.mkdir()
            if each != folder.parent:
                os.chown(each, CHIEF, GROUP)
                each.chmod(0o700)
                let(each, (2, 7, DAEMON))
        yield folder


def fault(folder: Path) -> Fault:
    with pytest.raises(Fault) as raised, kept(str(folder), INNER, OWNERS):
        pass
    return raised.value


def test_a_folder_of_the_chiefs_in_which_the_daemon_may_write_is_proved(folder: Path) -> None:
    with kept(str(folder), INNER, OWNERS) as held:
        assert set(held.inside) == set(INNER)


def test_a_folder_of_the_daemons_in_which_the_chief_may_write_is_proved_too(folder: Path) -> None:
    for each in (folder, *(folder / name for name in INNER)):
        os.chown(each, DAEMON, GROUP)
        let(each, (2, 7, CHIEF))
    with kept(str(folder), INNER, OWNERS):
        pass


OPEN: dict[str, Callable[[Path], object]] = {
    "its group may write": lambda f: let(f, (2, 7, DAEMON), group=7),
    "everybody may write": lambda f: let(f, (2, 7, DAEMON), other=7),
    "an ACL lets somebody write": lambda f: let(f, (2, 7, DAEMON), (2, 7, STRANGER)),
    "an ACL lets a group write": lambda f: let(f, (2, 7, DAEMON), (8, 7, GROUP)),
    "it belongs to somebody else": lambda f: os.chown(f, STRANGER, GROUP),
    "承認 belongs to somebody else": lambda f: os.chown(f / "承認", STRANGER, GROUP),
    "差戻し is open to its group": lambda f: let(f / "差戻し", (2, 7, DAEMON), group=6),
    "the share is open to everybody": lambda f: f.parent.chmod(0o777),
    "the share is open to its group": lambda f: f.parent.chmod(0o775),
    "the share belongs to somebody else": lambda f: os.chown(f.parent, STRANGER, GROUP),
}


@pytest.mark.parametrize("make", OPEN.values(), ids=OPEN)
def test_whoever_else_may_write_is_named_with_what_mends_it(folder: Path, make: Callable[[Path], object]) -> None:
    make(folder)
    found = fault(folder)
    assert found.kind == "open"
    assert found.mend.startswith(("chmod go-w ", "chown "))


def test_what_is_open_above_counts_no_more_where_the_sticky_bit_keeps_the_folder_in_its_place(folder: Path) -> None:
    folder.parent.chmod(0o1777)
    with kept(str(folder), INNER, OWNERS):
        pass


def test_a_folder_that_is_missing_is_absent_and_not_open(folder: Path) -> None:
    (folder / "承認").rename(folder / "x")
    assert fault(folder).kind == "absent"


@pytest.mark.parametrize("which", ["itself", "承認", "the share"])
def test_no_link_is_followed(folder: Path, which: str) -> None:
    place = {"itself": folder, "承認": folder / "承認", "the share": folder.parent}[which]
    place.rename(place.with_name("elsewhere"))
    place.symlink_to("elsewhere")
    assert fault(folder).kind == "odd"


def test_a_folder_in_which_the_chief_or_the_daemon_could_not_write_is_told(folder: Path) -> None:
    os.setxattr(folder, "system.posix_acl_access", acl((1, 7, -1), (4, 5, -1), (32, 0, -1)))
    found = fault(folder)
    assert found.kind == "odd"
    assert found.mend == f"setfacl -m u:{DAEMON}:rwx {folder}"


def test_a_file_system_that_keeps_no_owners_proves_nothing(folder: Path) -> None:
    with pytest.raises(Fault, match="cannot be proved"), kept("/proc/sys", (), Owners(0, 0)):
        pass


AS = "import os, shutil, sys; os.setgroups([]); os.setgid(int(sys.argv[1])); os.setuid(int(sys.argv[1])); exec(sys.argv[2])"


def by(uid: int, code: str) -> None:
    """Run Python as another login."""
    subprocess.run([sys.executable, "-c", AS, str(uid), code], cwd="/", check=True)


def test_what_the_chief_moves_stays_the_daemons_and_what_they_copy_is_theirs(folder: Path) -> None:
    sheet = folder / "a.html"
    sheet.write_bytes(b"sheet")
    os.chown(sheet, DAEMON, GROUP)
    by(CHIEF, f"shutil.copy({str(sheet)!r}, {str(folder / '差戻し' / 'b.html')!r})")
    by(CHIEF, f"os.rename({str(sheet)!r}, {str(folder / '承認' / 'a.html')!r})")
    with kept(str(folder), INNER, OWNERS) as held:
        assert {(m.where, m.name, m.wrong) for m in look(held, OWNERS).moved} == {
            ("承認", b"a.html", None),
            ("差戻し", b"b.html", None),
        }


@pytest.mark.parametrize("place", ["", "承認/", "差戻し/"])
def test_a_stranger_can_put_nothing_there_and_take_nothing_away(folder: Path, place: str) -> None:
    target = folder / place / "a.html"
    target.write_bytes(b"sheet")
    for act in (
        f"open({str(target)!r}, 'wb')",
        f"os.unlink({str(target)!r})",
        f"os.rename({str(target)!r}, {str(target)!r} + 'x')",
    ):
        with pytest.raises(subprocess.CalledProcessError):
            by(STRANGER, act)
    assert target.read_bytes() == b"sheet"


def test_a_file_of_somebody_else_is_not_read_however_it_came_there(folder: Path) -> None:
    (folder / "承認" / "a.html").write_bytes(b"sheet")
    os.chown(folder / "承認" / "a.html", STRANGER, GROUP)
    with kept(str(folder), INNER, OWNERS) as held:
        (moved,) = look(held, OWNERS).moved
    assert (moved.wrong, moved.digest) == ("owner", "")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("0012-3 お知らせ＿日付を確かめること.html", "日付を確かめること"),
        ("0012-3 お知らせ_a_b.html", "a_b"),
        ("0012-3 お知らせ.html", ""),
        ("＿.html", ""),
    ],
)
def test_the_reason_stands_behind_the_first_underscore(name: str, reason: str) -> None:
    assert named_reason(name.encode()) == reason
