"""One file is read once, when it is settled; everything else in the folder says what it is."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.intake.arrival import UNKNOWN_OWNER, Arrival, Identity, NotYet, Refused
from daemon.intake.legible import LARGEST_FILE
from daemon.intake.reader import read_settled

NAME = b"a.txt"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[int]:
    folder = os.open(tmp_path, os.O_RDONLY | os.O_DIRECTORY)
    yield folder
    os.close(folder)


def refused(result: object) -> Refused:
    assert isinstance(result, Refused)
    assert result.message
    assert result.message_en
    return result


def waiting(result: object) -> NotYet:
    assert isinstance(result, NotYet)
    return result


def identity_of(path: Path) -> Identity:
    return Identity.of(path.stat(), path.parent.stat().st_dev)


def test_a_closed_file_is_read_with_its_exact_bytes_and_its_owner(tmp_path: Path, at: int) -> None:
    data = "休館のお知らせ\r\n".encode("cp932")
    (tmp_path / "a.txt").write_bytes(data)
    result = read_settled(at, "koho", NAME)
    assert isinstance(result, Arrival)
    assert (result.account, result.name, result.data, result.sha256) == ("koho", NAME, data, hashlib.sha256(data).hexdigest())
    assert (result.item.text, result.item.encoding) == ("休館のお知らせ", "cp932")
    assert (result.uid, result.links) == (os.getuid(), 1)
    assert result.identity == identity_of(tmp_path / "a.txt")


def test_a_file_that_somebody_has_open_for_writing_is_not_read_yet(tmp_path: Path, at: int) -> None:
    with open(tmp_path / "a.txt", "wb") as half:
        half.write(b"half")
        half.flush()
        assert waiting(read_settled(at, "koho", NAME)).why == "writing"
    assert isinstance(read_settled(at, "koho", NAME), Arrival)


def test_a_file_mapped_for_writing_is_not_read_yet_though_it_is_closed(tmp_path: Path, at: int) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 10)
    with open(path, "r+b") as file:
        mapped = mmap.mmap(file.fileno(), 10)
    assert waiting(read_settled(at, "koho", NAME)).why == "writing"
    mapped.close()
    assert isinstance(read_settled(at, "koho", NAME), Arrival)


def test_where_there_are_no_leases_a_file_must_stand_unchanged_for_a_window(tmp_path: Path, at: int) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one")
    first = waiting(read_settled(at, "koho", NAME, leases=False))
    assert first.why == "window"
    path.write_bytes(b"other")
    assert waiting(read_settled(at, "koho", NAME, leases=False, steady=first.identity)).why == "window"
    assert isinstance(read_settled(at, "koho", NAME, leases=False, steady=identity_of(path)), Arrival)


def test_an_empty_file_is_not_read_until_it_counts(tmp_path: Path, at: int) -> None:
    (tmp_path / "a.txt").touch()
    assert waiting(read_settled(at, "koho", NAME)).why == "empty"
    result = read_settled(at, "koho", NAME, empty_counts=True)
    assert isinstance(result, Arrival)
    assert [trouble.code for trouble in result.item.troubles] == ["empty"]


def test_the_owner_of_a_file_with_several_links_proves_nothing(tmp_path: Path, at: int) -> None:
    other = tmp_path / "elsewhere"
    other.write_bytes(b"x")
    os.link(other, tmp_path / "a.txt")
    first = waiting(read_settled(at, "koho", NAME))
    assert first.why == "window"
    result = read_settled(at, "koho", NAME, steady=first.identity)
    assert isinstance(result, Arrival)
    assert (result.uid, result.links) == (UNKNOWN_OWNER, 2)


def test_a_link_is_not_followed_wherever_it_leads(tmp_path: Path, at: int) -> None:
    (tmp_path / "b.txt").write_bytes(b"x")
    for target in ("/etc/passwd", "b.txt", "nowhere", "a.txt"):
        (tmp_path / "a.txt").unlink(missing_ok=True)
        (tmp_path / "a.txt").symlink_to(target)
        assert refused(read_settled(at, "koho", NAME)).code == "link"


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path, at: int) -> None:
    os.mkfifo(tmp_path / "a.txt")
    assert refused(read_settled(at, "koho", NAME)).code == "not-a-file"


def test_a_socket_is_refused(tmp_path: Path, at: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("a.txt")
        assert refused(read_settled(at, "koho", NAME)).code == "not-a-file"


def test_a_folder_of_a_drafts_name_is_refused(tmp_path: Path, at: int) -> None:
    (tmp_path / "a.txt").mkdir()
    assert refused(read_settled(at, "koho", NAME)).code == "folder"


def test_a_folder_is_told_only_if_drafts_would_wait_in_it(tmp_path: Path, at: int) -> None:
    (tmp_path / "写真").mkdir()
    (tmp_path / "写真/a.jpg").touch()
    assert waiting(read_settled(at, "koho", "写真".encode())).why == "nothing"
    (tmp_path / "写真/b.txt").touch()
    assert refused(read_settled(at, "koho", "写真".encode())).code == "folder"


def test_a_file_of_another_kind_is_told_what_to_do(tmp_path: Path, at: int) -> None:
    (tmp_path / "案.pdf").write_bytes(b"%PDF")
    assert ".txt" in refused(read_settled(at, "koho", "案.pdf".encode())).message


@pytest.mark.parametrize("name", [NAME, b"a.docx", b"a.xlsx", b"a.csv"])
def test_a_file_of_two_gigabytes_is_never_read(tmp_path: Path, at: int, name: bytes) -> None:
    with open(tmp_path / name.decode(), "wb") as file:
        file.truncate(2 << 30)
    read_before = bytes_read()
    result = refused(read_settled(at, "koho", name))
    assert (result.code, bytes_read() - read_before < LARGEST_FILE) == ("too-large", True)


def test_the_limit_itself_is_read_and_one_byte_more_is_not(tmp_path: Path, at: int) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * LARGEST_FILE)
    assert isinstance(read_settled(at, "koho", NAME), Arrival)
    (tmp_path / "a.txt").write_bytes(b"x" * (LARGEST_FILE + 1))
    assert refused(read_settled(at, "koho", NAME)).code == "too-large"


def test_a_file_that_is_not_there_is_absent(at: int) -> None:
    assert waiting(read_settled(at, "koho", NAME)).why == "absent"


def test_a_file_without_permission_is_told_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (tmp_path / "a.txt").chmod(0)
    tmp_path.chmod(0o755)
    script = (
        "import os, sys\n"
        "from daemon.intake.reader import read_settled\n"
        "at = os.open(sys.argv[1], os.O_RDONLY)\n"
        "if os.getuid() == 0: os.setuid(65534)\n"  # permissions bind everybody but root
        "print(read_settled(at, 'koho', b'a.txt').code)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "unreadable"


def test_a_name_that_hides_control_characters_is_shown_escaped(tmp_path: Path, at: int) -> None:
    name = b"a\x1b[31m\n.txt"
    os.symlink(b"/etc/passwd", os.fsencode(tmp_path) + b"/" + name)
    message = refused(read_settled(at, "koho", name)).message
    assert message.isprintable()


def test_a_writer_that_comes_at_the_very_moment_of_the_question_harms_nobody(tmp_path: Path) -> None:
    """The kernel tells the holder of a lease by a signal that ends a process by default."""
    path = tmp_path / "a.txt"
    path.write_bytes(b"x")
    reader = (
        "import os, sys\n"
        "from daemon.intake.reader import read_settled\n"
        "at = os.open(sys.argv[1], os.O_RDONLY)\n"
        "while sys.stdin.buffer.raw.read(1) == b'.':\n"
        "    for _ in range(200): read_settled(at, 'koho', b'a.txt')\n"
        "    os.write(1, b'.')\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", reader, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        os.set_blocking(process.stdout.fileno(), False)
        rounds = 0
        process.stdin.write(b".")
        process.stdin.flush()
        while rounds < 20:
            for _ in range(50):
                os.close(os.open(path, os.O_WRONLY))
            if process.stdout.read(1):
                rounds += 1
                process.stdin.write(b".")
                process.stdin.flush()
            assert process.poll() is None, "the reader was ended by a signal"
        process.stdin.close()
        assert process.wait() == 0


def test_our_question_leaves_no_lease_behind(tmp_path: Path, at: int) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    read_settled(at, "koho", NAME)
    writer = os.open(tmp_path / "a.txt", os.O_WRONLY | os.O_NONBLOCK)  # would be refused while a lease stands
    assert fcntl.fcntl(writer, fcntl.F_GETLEASE) == fcntl.F_UNLCK
    os.close(writer)


def bytes_read() -> int:
    """Bytes that this process has asked the kernel to read so far."""
    fields = dict(line.split(": ") for line in Path("/proc/self/io").read_text().splitlines())
    return int(fields["rchar"])
