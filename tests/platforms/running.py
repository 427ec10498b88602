"""A fake platform for a test: in a thread beside it, or in a process of its own, and in both asked over HTTP."""

from __future__ import annotations

import argparse
import asyncio
import datetime as dt
import http.client
import ipaddress
import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.platforms.faults import Fault
from tests.platforms.serving import Platform, Server


def made(kind: str, document: str) -> Platform:
    """A platform of a kind, with its document. Raises ValueError for a kind that nobody fakes."""
    if kind == "x":
        from tests.platforms.x import X

        return X.at(Path(document))
    if kind == "line":
        from tests.platforms.line import Line

        return Line.at(Path(document))
    raise ValueError(kind)


_BACK_WITHIN = 20.0
"""Seconds for which a fake may be away (`Fake.away`)."""


class Fake:
    """A running fake: where it is, what arrived there, and what is to go wrong. `with` ends it and asserts that nobody broke the document."""

    kind = ""

    def __init__(self, document: Path, *, process: bool = False, tls: bool = False) -> None:
        self._document, self._process_wanted = str(document), process
        self._folder = tempfile.TemporaryDirectory() if tls else None
        self.ca = certificate(Path(self._folder.name)) if self._folder else None
        """The certificate to trust, where the fake speaks TLS."""
        self.url = ""
        self._thread: threading.Thread | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        if self._process_wanted:
            self._start_process()
        else:
            self._start_thread()
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        try:
            if error is None and not (self._process is not None and self._process.poll() is not None):
                self.assert_kept()
        finally:
            self.end()

    def _start_thread(self) -> None:
        started = threading.Event()

        async def serve() -> None:
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            server = Server(made(self.kind, self._document), _context(self.ca))
            self.url = await server.start()
            started.set()
            await self._stop.wait()
            await server.stop()

        self._thread = threading.Thread(target=asyncio.run, args=(serve(),), name=f"fake {self.kind}", daemon=True)
        self._thread.start()
        assert started.wait(30)

    def _start_process(self) -> None:
        ours, its = os.pipe()
        command = [sys.executable, "-m", "tests.platforms.running", self.kind, self._document, "--ready-fd", str(its)]
        root = Path(__file__).resolve().parents[2]
        self._process = subprocess.Popen([*command, *(["--tls", str(self.ca)] if self.ca else [])], pass_fds=(its,), cwd=root)
        os.close(its)
        with os.fdopen(ours, "rb") as pipe:
            self.url = pipe.readline().decode().strip()
        assert self.url

    def kill(self) -> None:
        """Ends a fake in a process of its own as a power cut would, with all that it knew."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def end(self) -> None:
        if self._thread is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        if self._folder is not None:
            self._folder.cleanup()

    # Faults and the log.

    def ask(self, name: str, /, **given: Any) -> Any:
        """One act or question, over HTTP at /_control; of a fake that is away, when it is back. Raises AssertionError with what the fake says is wrong
        with it."""
        end = time.monotonic() + _BACK_WITHIN
        while True:
            try:
                return self._ask(name, given)
            except ConnectionRefusedError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)

    def _ask(self, name: str, given: dict[str, Any]) -> Any:
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        if self.ca is not None:
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                parts.hostname, parts.port, context=ssl.create_default_context(cafile=str(self.ca)), timeout=30
            )
        else:
            line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=30)
        try:
            line.request("POST", f"/_control/{name}", json.dumps(given), {"Content-Type": "application/json"})
            answer = line.getresponse()
            said = json.loads(answer.read())
        finally:
            line.close()
        assert answer.status == 200, said
        return said

    def fault(self, fault: Fault) -> None:
        """This fault meets the next requests that it is meant for."""
        self.ask("fault", **fault.plain())

    def mix(self, seed: str, share: float, faults: list[Fault]) -> None:
        """A share of all requests meets one of these faults, drawn by seed and the request's number."""
        self.ask("mix", seed=seed, share=share, faults=[fault.plain() for fault in faults])

    def away(self, seconds: float) -> None:
        """From now on nobody listens at the address, for so many real seconds; lines that are open are dropped. What is there stays."""
        self.ask("away", seconds=seconds)

    def clear(self) -> None:
        """No more faults."""
        self.ask("clear")

    def log(self, method: str | None = None, path: str | None = None) -> list[dict[str, Any]]:
        """What arrived, in order (serving.Arrival)."""
        return [one for one in self.ask("log") if method in (None, one["method"]) and path in (None, one["path"])]

    def violations(self) -> list[str]:
        """What clients asked that the document does not allow, and tokens that were given away."""
        return list(self.ask("violations"))

    def expect_violations(self) -> list[str]:
        """Those so far, and they are forgiven."""
        return list(self.ask("expect_violations"))

    def advance(self, seconds: float) -> None:
        """The platform's clock goes ahead: limits begin anew, tokens run out, films are ready."""
        self.ask("advance", seconds=seconds)

    def now(self) -> float:
        """Seconds since 1970 by the platform's clock."""
        return float(self.ask("now"))

    def assert_kept(self) -> None:
        """Nobody broke the document: neither a client, nor the fake."""
        for found in (self.ask("own_errors"), self.violations()):
            assert not found, found


def certificate(folder: Path) -> Path:
    """A certificate for 127.0.0.1 and localhost with its key, signed by itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fake platform")])
    now = dt.datetime.now(dt.UTC)
    hosts = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")])
    built = x509.CertificateBuilder(
        name, name, key.public_key(), x509.random_serial_number(), now - dt.timedelta(1), now + dt.timedelta(2)
    )
    signed = built.add_extension(hosts, critical=False).sign(key, hashes.SHA256())
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    path = folder / "fake.pem"
    path.write_bytes(signed.public_bytes(serialization.Encoding.PEM) + secret)
    return path


def _context(ca: Path | None) -> ssl.SSLContext | None:
    if ca is None:
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(ca)
    return context


async def _serve(kind: str, document: str, ready: int, tls: str | None) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = Server(made(kind, document), _context(Path(tls) if tls else None))
    os.write(ready, (await server.start() + "\n").encode())
    os.close(ready)
    await stop.wait()
    await server.stop()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    parser.add_argument("document")
    parser.add_argument("--ready-fd", type=int, required=True)
    parser.add_argument("--tls")
    given = parser.parse_args()
    asyncio.run(_serve(given.kind, given.document, given.ready_fd, given.tls))
