"""One request in two parts, over real sockets: not a byte before its leave, one answer after it, and nothing that hangs, follows or grows."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx2
import pytest

from daemon.release import http
from daemon.release.http import Answer, Lost, Parted, Unreachable, asked, cleaned, safe_address
from tests.platforms.running import certificate
from tests.service.live_office import PATIENCE

OK = b'HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 20\r\nX-Rate: 7\r\n\r\n{"data":{"id":"12"}}'
Serve = Callable[[socket.socket], None]


class Server:
    """Takes up lines, one after the other, and does with each as it is told; `heard` is what came in."""

    def __init__(self, serve: Serve, tls: Path | None = None) -> None:
        self._serve, self._tls = serve, tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"
        self.heard: list[bytes] = []
        self.came, self.left = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        if self._tls is not None:
            context.load_cert_chain(self._tls)
        with suppress(OSError):
            while True:
                line, _ = self._listener.accept()
                threading.Thread(target=self._one, args=(line, context), daemon=True).start()

    def _one(self, line: socket.socket, context: ssl.SSLContext) -> None:
        with suppress(OSError):
            if self._tls is not None:
                line = context.wrap_socket(line, server_side=True)
            self.came.release()
            try:
                with line:
                    self._serve(line)
            finally:
                self.left.release()

    def request(self, line: socket.socket) -> bytes:
        """One request, whole."""
        got = b""
        while b"\r\n\r\n" not in got:
            piece = line.recv(1 << 16)
            if not piece:
                self.heard.append(got)
                return got
            got += piece
        head, _, body = got.partition(b"\r\n\r\n")
        length = next((int(row.split(b":")[1]) for row in head.lower().split(b"\r\n") if row.startswith(b"content-length")), 0)
        while len(body) < length:
            body += line.recv(1 << 16)
        self.heard.append(head + b"\r\n\r\n" + body)
        return self.heard[-1]

    def end(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()


@contextmanager
def serving(answer: bytes | Callable[[socket.socket], None] = OK, tls: Path | None = None) -> Iterator[Server]:
    def serve(line: socket.socket) -> None:
        if server.request(line):
            if isinstance(answer, bytes):
                line.sendall(answer)
            else:
                answer(line)

    server = Server(serve, tls)
    try:
        yield server
    finally:
        server.end()


def post(server: Server) -> httpx2.Request:
    return httpx2.Request("POST", f"{server.url}/2/tweets", json={"text": "お知らせ"}, headers={"Authorization": "Bearer secret"})


@pytest.fixture
def pem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A certificate that this machine trusts."""
    place = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(place))
    http._tls.cache_clear()
    yield place
    http._tls.cache_clear()


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "request"]


def gone() -> bool:
    """Whether no request is under way any more, soon."""
    until = time.monotonic() + PATIENCE
    while threads() and time.monotonic() < until:
        time.sleep(0.01)
    return not threads()


def test_an_answer_comes_back_with_status_headers_and_what_it_says() -> None:
    with serving() as server:
        assert asked(post(server)) == Answer(
            201, {"content-type": "application/json", "content-length": "20", "x-rate": "7"}, {"data": {"id": "12"}}
        )
        assert server.heard[0].startswith(b"POST /2/tweets HTTP/1.1\r\n")
        assert server.heard[0].endswith('{"text":"お知らせ"}'.encode())


def test_before_its_leave_the_line_stands_and_not_a_byte_is_on_it() -> None:
    quiet: list[bytes] = []

    def listen(line: socket.socket) -> None:
        line.settimeout(0.3)
        with suppress(TimeoutError):
            quiet.append(line.recv(1))
        line.settimeout(PATIENCE)
        server.request(line)
        line.sendall(OK)

    server = Server(listen)
    parted = Parted(post(server))
    assert server.came.acquire(timeout=PATIENCE)
    time.sleep(0.4)
    assert quiet == []
    parted.go()
    assert parted.answer().status == 201
    server.end()


def test_what_is_abandoned_never_puts_a_byte_on_the_line() -> None:
    rest = threading.Event()

    def listen(line: socket.socket) -> None:
        server.heard.append(line.recv(1))
        rest.set()

    server = Server(listen)
    parted = Parted(post(server))
    parted.abandon()
    assert rest.wait(PATIENCE)
    assert server.heard == [b""]
    assert gone()
    server.end()


def test_over_tls_the_handshake_is_over_before_the_leave(pem: Path) -> None:
    with serving(tls=pem) as server:
        parted = Parted(post(server))
        assert server.came.acquire(timeout=PATIENCE), "TLS is agreed on"
        assert server.heard == []
        parted.go()
        assert parted.answer().body == {"data": {"id": "12"}}


def test_a_certificate_that_nobody_vouches_for_is_no_connection(tmp_path: Path) -> None:
    http._tls.cache_clear()
    with serving(tls=certificate(tmp_path)) as server:
        with pytest.raises(Unreachable, match="CERTIFICATE_VERIFY_FAILED"):
            Parted(post(server))
        assert server.heard == []


def tunnel(line: socket.socket, server: Server) -> None:
    """What a proxy does with CONNECT."""
    head = server.request(line)
    assert head.startswith(b"CONNECT "), head
    host, port = head.split()[1].decode().split(":")
    with socket.create_connection((host, int(port)), PATIENCE) as there:
        line.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")

        def carry(one: socket.socket, other: socket.socket) -> None:
            with suppress(OSError):
                while piece := one.recv(1 << 16):
                    other.sendall(piece)

        back = threading.Thread(target=carry, args=(there, line), daemon=True)
        back.start()
        carry(line, there)
        back.join(PATIENCE)


def test_through_a_proxy_only_the_tunnel_is_asked_for_before_the_leave(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Server(lambda line: tunnel(line, proxy))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(tls=pem) as server:
        parted = Parted(post(server))
        assert server.came.acquire(timeout=PATIENCE)
        assert [head.split()[0] for head in proxy.heard] == [b"CONNECT"]
        assert b"secret" not in b"".join(proxy.heard)
        assert server.heard == []
        parted.go()
        assert parted.answer().status == 201
        abandoned = Parted(post(server))
        abandoned.abandon()
        assert gone()
        assert len([heard for heard in server.heard if heard]) == 1
    proxy.end()


def test_a_proxy_that_refuses_is_nobody_there(pem: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(line: socket.socket) -> None:
        proxy.request(line)
        line.sendall(b"HTTP/1.1 403 Forbidden\x1b[2J by the city\r\nContent-Length: 0\r\n\r\n")

    proxy = Server(refuse)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy.port}")
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(tls=pem) as server, pytest.raises(Unreachable) as said:
        Parted(post(server))
    assert str(said.value).isprintable()
    assert server.heard == []
    proxy.end()


def test_what_stays_on_this_machine_passes_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving() as proxy, serving() as server:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert asked(post(server)).status == 201
        assert proxy.heard == []


def test_where_nobody_listens_nothing_was_sent() -> None:
    with serving() as server:
        request = post(server)
    with pytest.raises(Unreachable, match="refused"):
        Parted(request)


@pytest.mark.parametrize("sealed", [False, True], ids=["plain", "tls"])
def test_a_line_that_was_hung_up_before_the_leave_has_taken_nothing(sealed: bool, pem: Path) -> None:
    server = Server(lambda line: None, pem if sealed else None)  # with TLS tickets come first: there is something to read
    parted = Parted(post(server))
    assert server.left.acquire(timeout=PATIENCE)
    with pytest.raises(Unreachable, match="hung up"):
        parted.go()
    assert gone()
    server.end()


def reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")


@pytest.mark.parametrize("so_far", range(0, len(OK), 17))
def test_an_answer_that_is_cut_anywhere_is_lost(so_far: int) -> None:
    with serving(lambda line: line.sendall(OK[:so_far])) as server, pytest.raises(Lost):
        asked(post(server))


@pytest.mark.parametrize("so_far", [0, 30, len(OK) - 1])
def test_a_line_that_is_reset_is_lost(so_far: int) -> None:
    def cut(line: socket.socket) -> None:
        line.sendall(OK[:so_far])
        reset(line)

    with serving(cut) as server, pytest.raises(Lost):
        asked(post(server))


def test_an_answer_that_trickles_is_given_up_in_time_and_its_line_hung_up() -> None:
    ended = threading.Event()

    def trickle(line: socket.socket) -> None:
        try:
            for at in range(len(OK)):
                line.sendall(OK[at : at + 1])
                time.sleep(0.05)
        except OSError:
            ended.set()

    with serving(trickle) as server:
        with pytest.raises(Lost, match="time|end"):
            asked(post(server), within=0.3)
        assert ended.wait(PATIENCE), "the line is hung up"
        assert gone(), "and nobody waits for it any more"


def test_silence_is_given_up_in_time() -> None:
    with serving(lambda line: line.recv(1) and None) as server, pytest.raises(Lost, match=r"time|Timeout"):
        asked(post(server), within=0.3)


@pytest.mark.parametrize("endless", [False, True])
def test_an_answer_without_measure_is_given_up(endless: bool) -> None:
    def pour(line: socket.socket) -> None:
        length = b"" if endless else b"Content-Length: 99999999999\r\n"
        line.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
        with suppress(OSError):
            while True:
                line.sendall(b" " * (1 << 20))

    with serving(pour) as server, pytest.raises(Lost, match="does not end"):
        asked(post(server))


def test_a_small_answer_that_unpacks_without_measure_is_given_up() -> None:
    packed = gzip.compress(b" " * (64 << 20))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    with serving(head + packed) as server, pytest.raises(Lost, match="does not end"):
        asked(post(server))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_nothing_is_followed_to_another_address(status: int) -> None:
    with serving() as elsewhere:
        moved = f"HTTP/1.1 {status} Moved\r\nLocation: {elsewhere.url}/\r\nContent-Length: 0\r\n\r\n".encode()
        with serving(moved) as server:
            assert asked(post(server)).status == status
        assert elsewhere.heard == []


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b'{"data":{"id":"\xff', b"[1]", b'"text"', b"[" * 100_000, b'{"a":' * 100_000, b"\0" * 9]
)
def test_a_body_that_is_no_object_of_json_is_none(body: bytes) -> None:
    with serving(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body) as server:
        assert asked(post(server)) == Answer(200, {"content-length": str(len(body))}, None)


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH\r\n", b"\x15\x03\x01\0\x02\x02\x28", b"HTTP/1.1 2e1 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"],
)
def test_what_is_no_http_is_lost_and_told_without_control_characters(answer: bytes) -> None:
    with serving(answer) as server, pytest.raises(Lost) as said:
        asked(post(server))
    assert str(said.value).isprintable()
    assert "secret" not in str(said.value)


def test_a_request_that_nobody_reads_is_given_up_and_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    over = threading.Event()
    server = Server(lambda line: over.wait(PATIENCE) and None)
    request = httpx2.Request("POST", f"{server.url}/", content=b"x" * (32 << 20))
    parted = Parted(request, writing=-0.5)
    with pytest.raises(Lost, match="takes nothing"):
        parted.go()
    assert gone()
    server.end()


@pytest.mark.parametrize("address", ["https://api.x.com", "http://127.0.0.1:8080", "http://[::1]:1/", "https://api.x.com/"])
def test_an_address_with_tls_or_on_this_machine_may_have_credentials(address: str) -> None:
    assert safe_address(address) == address.rstrip("/")


@pytest.mark.parametrize(
    "address", ["http://api.x.com", "http://localhost:1", "ftp://127.0.0.1", "api.x.com", "", "http://127.0.0.1.x.com"]
)
def test_no_other_address_may(address: str) -> None:
    with pytest.raises(ValueError, match="https"):
        safe_address(address)


def test_somebody_elses_words_become_one_line() -> None:
    assert cleaned("a\x1b[31mb\r\nc\u202ed\0") == "a [31mb c d"
    assert len(cleaned("長" * 10_000)) == 200
