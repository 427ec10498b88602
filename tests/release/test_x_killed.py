"""A hand at X, as a real process: killed between any two of its steps, and with every fault, none of what lets in is said anywhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from daemon.release.hand import Hand
from daemon.release.jobs import Ask, Order, Report, Told, decode_answer, encode, look_for
from daemon.release.steps import FOLDER, STEPS
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.release.live_x import ACCOUNT, HANDLE, AtX
from tests.service.live_office import until

ROOT = Path(__file__).resolve().parents[2]
MORTAL = ROOT / "tests" / "faults" / "dying_hand_at_x.py"


def hand(at_x: AtX, *command: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, *command, str(at_x.state)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


@pytest.mark.parametrize("kind", ["post", "delete"])
@pytest.mark.parametrize("step", STEPS)
def test_a_hand_that_dies_at_any_step_leaves_what_tells_the_truth(at_x: AtX, step: str, kind: str) -> None:
    target = f"https://x.com/{HANDLE}/status/{at_x.fake.post(HANDLE, 'まちがえた投稿')}" if kind == "delete" else ""
    job, since = at_x.job(1, kind=kind, target=target, body=b"" if kind == "delete" else "お知らせ".encode()), time.time() - 1
    (at_x.state.parent / "fates").write_text(json.dumps({"hand": {"steps": [step], "latest": 1}}))
    dying = hand(at_x, str(MORTAL))
    out, _ = dying.communicate(encode(job))
    assert (dying.returncode, out) == (-9, b"")

    def done() -> bool:
        return (at_x.texts == []) if kind == "delete" else (at_x.texts == ["お知らせ"])

    if step in ("written", "finished"):
        until(done, "what is on the line, and X may still be reading")
    looked = Hand(at_x.state).look(look_for(job, since))
    match step:
        case "sealed" | "ready":
            assert (looked.outcome, done()) == ("failed", False), "without a note it never began"
            assert Hand(at_x.state).carry_out(at_x.job(2, kind=kind, target=target, body=job.body)).outcome == "released"
            assert done()
        case "noted" | "passed":
            assert (looked.outcome, done()) == ("unknown", False), "what is not there settles nothing"
        case _:
            assert (looked.outcome, done()) == ("released", True)
            assert looked.url


FAULTS = [
    faults.drop_before(),
    faults.drop_after(),
    Fault("cut"),
    Fault("garbage"),
    Fault("html"),
    Fault("empty"),
    Fault("partial"),
    Fault("other shape"),
    Fault("redirect"),
    *(Fault("status", taken=False, status=status) for status in (400, 401, 402, 403, 404, 409, 429, 500, 502, 503, 504)),
]
PLACES = [("POST", "/2/tweets"), ("GET", "/2/users/*/tweets"), ("GET", "/2/users/*/mentions")]


@pytest.mark.parametrize("way", ["OAuth 1.0a", "OAuth 2"])
def test_whatever_goes_wrong_nothing_that_lets_in_is_said(at_x: AtX, way: str) -> None:
    given = at_x.granted() if way == "OAuth 2" else at_x.signed()
    process = hand(at_x, "-m", "daemon.release.hand")
    assert process.stdin is not None and process.stdout is not None and process.stderr is not None
    said = []

    def tell(order: Order) -> Report | Told:
        process.stdin.write(encode(order))  # type: ignore[union-attr]
        process.stdin.flush()  # type: ignore[union-attr]
        said.append(process.stdout.readline())  # type: ignore[union-attr]
        answer = decode_answer(said[-1])
        assert isinstance(answer, Report | Told)
        return answer

    tell(at_x.job(1))
    number, outcomes = 1, set()
    for method, path in PLACES + ([("POST", "/2/oauth2/token")] if way == "OAuth 2" else []):
        for fault in FAULTS:
            number += 1
            if path == "/2/oauth2/token":
                at_x.fake.expire_tokens()
            at_x.fake.fault(fault.on(method, path))
            job, since = at_x.job(number), time.time() - 1
            outcomes.add(getattr(tell(job), "outcome", ""))
            tell(look_for(job, since))
            tell(Ask(id=f"q{number}", channel="x", account=ACCOUNT, handle=HANDLE, what="mentions"))
            at_x.fake.clear()
            if way == "OAuth 2" and at_x.state.joinpath(FOLDER, "x", f"{ACCOUNT}.json").exists():
                at_x.lets_in(**(given := {**given, "refresh_token": at_x.fake.oauth2(HANDLE)["refresh_token"]}))
    assert outcomes >= {"released", "failed", "unknown", "prevented"}
    argv, environ = (Path(f"/proc/{process.pid}/{name}") for name in ("cmdline", "environ"))
    said += [argv.read_bytes(), environ.read_bytes() if os.access(environ, os.R_OK) else b""]
    out, err = process.communicate()
    told = b"".join([*said, out, err])
    secrets = secrets_of(at_x, given)
    assert len(secrets) > 2
    assert [secret for secret in secrets if secret.encode() in told] == []
    assert err == b""
    at_x.fake.expect_violations()


def secrets_of(at_x: AtX, given: dict[str, str]) -> set[str]:
    """All that lets in, now or before."""
    tokens = at_x.fake.refresh_tokens()
    kept = at_x.state / FOLDER / "x" / f"{ACCOUNT}.json"
    access = {json.loads(kept.read_bytes())["access"]} if kept.exists() else set()
    return (
        {value for name, value in given.items() if name not in ("client_id", "api")}
        | {*tokens["good"], *tokens["spent"]}
        | access
    )


@contextmanager
def echoing(status: int) -> Iterator[str]:
    """A platform that says back whatever it is told, headers and all."""

    class Echo(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode(errors="replace")
            said = json.dumps({"title": "Nein", "detail": f"{self.headers['authorization']} {body}", "error": f"{body}"}).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_DELETE = do_PUT = do_GET

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


@pytest.mark.parametrize("status", [200, 400, 401, 403, 429, 500])
@pytest.mark.parametrize("way", ["OAuth 1.0a", "OAuth 2"])
def test_a_platform_that_says_our_secrets_back_is_not_quoted(at_x: AtX, way: str, status: int) -> None:
    given = at_x.granted() if way == "OAuth 2" else at_x.signed()
    with echoing(status) as url:
        at_x.lets_in(**given, api=url)
        process = hand(at_x, "-m", "daemon.release.hand")
        out, err = process.communicate(encode(at_x.job(1)) + encode(look_for(at_x.job(2), 0.0)))
    assert len(out.splitlines()) == 2
    for secret in (value for name, value in given.items() if name not in ("client_id", "api_key")):
        assert secret.encode() not in out + err
