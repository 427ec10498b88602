"""Credentials on a real way to a platform: a consent in a browser, tokens that are renewed, releases that succeed and fail; no value is anywhere but
with the releaser."""

from __future__ import annotations

import http.client
import os
import re
import sys
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from daemon.wire import CheckCredentials, CredentialCheck
from tests.platforms.at_hand import fake_x, x_document
from tests.platforms.faults import Fault
from tests.platforms.x import FakeX
from tests.release.test_shut_in import lay
from tests.service.live_office import HANDLES, MINATO, ROOT, Caller, Office, contents, until
from tests.service.test_letting_in import go, memory
from tests.terminal.ptys import Terminal

__all__ = ["fake_x", "x_document"]

ACCOUNT = "minato-x"
HANDLE = HANDLES[ACCOUNT]
KOHOBAN = "import sys; from console.launch import main; sys.exit(main())"


@pytest.fixture
def office(found: Callable[..., Office]) -> Office:
    """An office whose account on X goes out by machine."""
    office = found()
    rules = office.folder / "rules.toml"
    head, account, rest = rules.read_text().partition(f'id = "{ACCOUNT}"')
    rules.write_text(head + account + rest.replace('channel = "manual"', 'channel = "x"', 1))
    return office


def agreed(fake: FakeX, address: str) -> str:
    """What the browser shows after a person has agreed: the address that is copied from it."""
    at, asked = urlsplit(fake.url), urlsplit(address)
    line = http.client.HTTPConnection(str(at.hostname), at.port or 80, timeout=30)
    line.request("GET", f"{asked.path}?{asked.query}")
    answer = line.getresponse()
    assert answer.status == 302, answer.read()
    line.close()
    return str(answer.headers["location"])


def said_by(office: Office, hand: int, secrets: list[str]) -> dict[str, list[str]]:
    """Where each of these stands: in which files of the office, in which of the two processes."""
    assert office.process is not None
    places = {str(path.relative_to(office.folder)): data for path, data in contents(office.folder)}
    places |= {"daemon": memory(office.process.pid), "hand": memory(hand)}
    return {secret: sorted(name for name, data in places.items() if secret.encode() in data) for secret in secrets}


@pytest.mark.clause("saitama/6-3")
def test_from_the_consent_to_the_release_no_token_leaves_the_releaser(office: Office, fake_x: FakeX) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root sees into other processes")
    fake_x.user(HANDLE, "港区")
    fake_x.agrees(HANDLE)
    app = fake_x.application()
    client = f'api = "{fake_x.url}"\nclient_id = "{app["client_id"]}"\nclient_secret = "{app["client_secret"]}"\n'
    place = lay(office.state, ACCOUNT, client)

    command = [sys.executable, "-c", KOHOBAN, "secrets", "authorise", ACCOUNT, "--office", str(office.folder)]
    env = {**os.environ, "KOHOBAN_LANG": "ja", "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}
    with Terminal(command, env, (4000, 24)) as terminal:
        terminal.until(lambda: b"client_id" in terminal.raw)
        terminal.send("\n")
        terminal.until(lambda: b"client_secret" in terminal.raw)
        terminal.send(f"{app['client_secret']}\n")
        terminal.until(lambda: re.search(rb"https://x\.com\S+\r?\n", terminal.raw))
        terminal.until(lambda: b"address\xef" in terminal.raw.partition(b"https://x.com")[2])
        (address,) = re.findall(rb"https://x\.com\S+", terminal.raw)
        pasted = agreed(fake_x, address.decode())
        terminal.send(f"{pasted}\n")
        assert terminal.ended() == 0, terminal.raw.decode()
        shown = terminal.raw.decode()
    code = pasted.partition("code=")[2].partition("&")[0]
    first = place.read_text().partition('refresh_token = "')[2].partition('"')[0]
    assert len(first) > 20 and len(code) > 20
    assert not [each for each in (app["client_secret"], code, first) if each in shown]

    office.start()
    with Caller(office.state) as caller:
        caller.hello("shibata")
        check = caller.ask(CheckCredentials(account=ACCOUNT), CredentialCheck)
    assert (check.same, check.said) == (True, HANDLE), check
    assert go(office, "secrets", "check", ACCOUNT).returncode == 0

    office.drop(ACCOUNT, "出る.txt", **MINATO)
    office.approve("出る.txt", "shibata")
    office.row("出る.txt", "released")
    fake_x.fault(Fault(status=503, path="/2/tweets", method="POST"))
    office.drop(ACCOUNT, "出ない.txt", "区立図書館のおはなし会の案内板を入れ替えました。", **MINATO)
    office.approve("出ない.txt", "shibata")
    office.row("出ない.txt", "unknown", "approved", "held", "released")

    pair = office.state / "releaser" / "x" / f"{ACCOUNT}.json"
    access, refresh = re.findall(r'"(?:access|refresh)":"([^"]+)"', pair.read_text())
    hand = int((office.state / "hand.pid").read_text().split()[0])
    theirs = [f"state/releaser/secrets/{ACCOUNT}.toml", f"state/releaser/x/{ACCOUNT}.json"]
    found = said_by(office, hand, [app["client_secret"], first, access, refresh])
    assert "hand" in found[access], "what is looked for can be found"
    assert {name: set(places) - {"hand", *theirs} for name, places in found.items()} == dict.fromkeys(found, set())
    office.stop()
    assert go(office, "secrets", "remove", ACCOUNT).returncode == 0
    assert not [path for path, data in contents(office.folder) if access.encode() in data]


def test_credentials_of_another_account_are_told_apart_and_send_nothing(office: Office, fake_x: FakeX) -> None:
    fake_x.user(HANDLE, "港区")
    fake_x.user("somebody", "だれか")
    keys = fake_x.oauth1("somebody")
    given = {"api_key": keys["consumer_key"], "api_secret": keys["consumer_secret"]}
    given |= {name: keys[name] for name in ("access_token", "access_token_secret")}
    text = "".join(f'{name} = "{value}"\n' for name, value in {"api": fake_x.url, **given}.items())
    early = go(office, "secrets", "set", ACCOUNT, "--kind", "oauth1", stdin=text)
    assert early.returncode == 2 and "一度起動" in early.stderr
    office.state.mkdir(mode=0o750)
    assert go(office, "secrets", "set", ACCOUNT, "--kind", "oauth1", stdin=text).returncode == 0
    checked = go(office, "secrets", "check", ACCOUNT)
    assert checked.returncode == 1 and "somebody" in checked.stdout, checked
    office.start()
    checked = go(office, "secrets", "check", ACCOUNT, lang="en")
    assert checked.returncode == 1 and f"which is not {HANDLE}" in checked.stdout, checked
    office.drop(ACCOUNT, "出ない.txt", **MINATO)
    office.approve("出ない.txt", "shibata")
    until(lambda: office.database("SELECT state FROM releases WHERE state <> 'begun'"), "what became of the release")
    assert {state for (state,) in office.database("SELECT state FROM releases")} <= {"prevented", "failed"}
    assert fake_x.texts("somebody") == fake_x.texts(HANDLE) == []
