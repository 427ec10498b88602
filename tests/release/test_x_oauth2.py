"""OAuth 2: a person lets the program in once, and from then on tokens renew themselves; whoever dies over it leaves a usable pair, or says
that the account has to be authorised again."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import tomllib
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import msgspec
import pytest

from daemon.release.hand import Hand
from daemon.release.jobs import Held
from daemon.release.steps import FOLDER
from daemon.release.x import oauth2
from daemon.release.x.oauth2 import OAuth2, Pair
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.release.live_x import ACCOUNT, HANDLE, AtX

TOKEN = ("POST", "/2/oauth2/token")


@pytest.fixture
def granted(at_x: AtX) -> dict[str, str]:
    return at_x.granted()


def place(at_x: AtX) -> Path:
    return at_x.state / FOLDER / "x" / f"{ACCOUNT}.json"


def kept(at_x: AtX) -> Pair:
    return msgspec.json.decode(place(at_x).read_bytes().strip(), type=Pair)


def renewals(at_x: AtX) -> int:
    return sum(one["taken"] for one in at_x.fake.log(*TOKEN))


def sent(at_x: AtX, number: int = 1) -> Any:
    return Hand(at_x.state).carry_out(at_x.job(number))


def test_a_pair_is_kept_closed_and_used_until_it_runs_out(at_x: AtX, granted: dict[str, str]) -> None:
    for number in (1, 2, 3):
        assert sent(at_x, number).outcome == "released"
    assert renewals(at_x) == 1
    assert stat.S_IMODE(place(at_x).stat().st_mode) == 0o600
    assert stat.S_IMODE(place(at_x).parent.stat().st_mode) == 0o700
    assert kept(at_x).refresh in at_x.fake.refresh_tokens()["good"]
    assert [path.name for path in place(at_x).parent.glob("*.new")] == []


def test_a_token_that_x_does_not_know_any_more_is_renewed_once(at_x: AtX, granted: dict[str, str]) -> None:
    sent(at_x)
    at_x.fake.expire_tokens()
    report = sent(at_x, 2)
    assert report.outcome == "prevented", "it was refused in its own request, and passes the gate anew"
    assert report.again_at is not None
    assert sent(at_x, 3).outcome == "released"
    assert renewals(at_x) == 2


def test_one_that_was_renewed_in_vain_is_for_a_person(at_x: AtX, granted: dict[str, str]) -> None:
    at_x.fake.fault(Fault("status", taken=False, status=401).on("POST", "/2/tweets", times=None))
    assert sent(at_x, 1).outcome == "prevented"
    report = sent(at_x, 2)
    assert report.outcome == "failed"
    assert "kohoban secrets" in report.why


def test_many_at_once_renew_it_once(at_x: AtX, granted: dict[str, str]) -> None:
    headers: list[str] = []

    def ask() -> None:
        headers.append(OAuth2(granted, at_x.fake.url, place(at_x)).header("GET", at_x.fake.url))

    place(at_x).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    asking = [threading.Thread(target=ask) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert renewals(at_x) == 1
    assert len(headers) == 8 and len(set(headers)) == 1


def test_a_file_that_was_authorised_anew_wins(at_x: AtX, granted: dict[str, str]) -> None:
    sent(at_x)
    first = kept(at_x)
    at_x.granted()
    assert sent(at_x, 2).outcome == "released"
    assert kept(at_x).refresh != first.refresh
    assert len(kept(at_x).seeds) == 2


def test_a_file_that_was_used_before_loses_whatever_its_date(at_x: AtX, granted: dict[str, str]) -> None:
    """A service manager lays the credentials out anew at every start, and a backup may bring an old file back."""
    sent(at_x)
    newer = at_x.granted()
    sent(at_x, 2)
    at_x.lets_in(**granted)
    assert sent(at_x, 3).outcome == "released"
    at_x.lets_in(**newer)
    assert sent(at_x, 4).outcome == "released"
    assert renewals(at_x) == 2


def test_consent_that_has_ended_is_for_a_person(at_x: AtX, granted: dict[str, str]) -> None:
    at_x.lets_in(**{**granted, "refresh_token": "taken-back"})
    report = sent(at_x)
    assert report.outcome == "failed"
    assert "kohoban secrets authorise" in report.why
    assert "taken-back" not in report.why + report.why_en


@pytest.mark.parametrize("fault", [faults.drop_before(), Fault("status", taken=False, status=503), Fault("html", taken=False)])
def test_a_renewal_that_x_has_not_taken_in_is_tried_again(at_x: AtX, granted: dict[str, str], fault: Fault) -> None:
    at_x.fake.fault(fault.on(*TOKEN))
    report = sent(at_x)
    assert report.outcome == "prevented"
    assert report.again_at is not None
    assert sent(at_x, 2).outcome == "released"


def test_a_pair_that_was_lost_on_the_way_has_to_be_authorised_again_and_says_so(at_x: AtX, granted: dict[str, str]) -> None:
    at_x.fake.fault(faults.drop_after().on(*TOKEN))
    assert sent(at_x).outcome == "prevented"
    report = sent(at_x, 2)
    assert report.outcome == "failed"
    assert "kohoban secrets authorise" in report.why
    at_x.granted()
    assert sent(at_x, 3).outcome == "released"


def test_without_room_for_a_new_pair_no_token_is_spent(
    at_x: AtX, granted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    report = sent(at_x)
    assert report.outcome == "prevented"
    assert renewals(at_x) == 0
    monkeypatch.undo()
    assert sent(at_x, 2).outcome == "released"


def test_a_damaged_pair_falls_back_to_the_file(at_x: AtX, granted: dict[str, str]) -> None:
    place(at_x).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for damage in (b"", b"{", b'{"access": 5}', b"\0" * 100):
        place(at_x).write_bytes(damage)
        assert oauth2._kept(place(at_x)) == Pair(), "the file's own token is used"
    assert sent(at_x).outcome == "released"


DYING = """
import os, signal, sys
from pathlib import Path
from daemon.release.jobs import Held
from daemon.release.x import oauth2
step, api, place, given = sys.argv[1], sys.argv[2], Path(sys.argv[3]), dict(word.split("=", 1) for word in sys.argv[4:])
def die(): os.kill(os.getpid(), signal.SIGKILL)
real = {name: getattr(oauth2, name) for name in ("_room", "asked", "sync_folder")}
def room(path):
    if step == "before room": die()
    found = real["_room"](path)
    if step == "room": die()
    return found
def ask(*a, **k):
    found = real["asked"](*a, **k)
    if step == "answered": die()
    return found
pwrite, rename = os.pwrite, Path.rename
def half(fd, data, at):
    if step == "half written":
        pwrite(fd, data[:100], at); die()
    n = pwrite(fd, data, at)
    if step == "written": die()
    return n
def renamed(path, to):
    found = rename(path, to)
    if step == "renamed": die()
    return found
def synced(folder):
    real["sync_folder"](folder)
    if step == "synced": die()
oauth2._room, oauth2.asked, oauth2.sync_folder, os.pwrite, Path.rename = room, ask, synced, half, renamed
oauth2.OAuth2(given, api, place).header("GET", api)
"""


@pytest.mark.parametrize("step", ["before room", "room", "answered", "half written", "written", "renamed", "synced"])
@pytest.mark.parametrize("renewed_before", [False, True])
def test_whoever_dies_over_a_renewal_leaves_a_usable_pair_or_says_what_to_do(
    at_x: AtX, granted: dict[str, str], step: str, renewed_before: bool
) -> None:
    if renewed_before:
        assert sent(at_x).outcome == "released"
        pair = kept(at_x)
        place(at_x).write_bytes(msgspec.json.encode(msgspec.structs.replace(pair, until=0.0)))
    place(at_x).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = [f"{name}={value}" for name, value in granted.items()]
    ended = subprocess.run([sys.executable, "-c", DYING, step, at_x.fake.url, str(place(at_x)), *words], check=False)
    assert ended.returncode == -9
    report = sent(at_x, 2)
    if step in ("answered", "half written", "written"):  # X has given a new pair, and it went down with whoever asked
        assert report.outcome == "failed"
        assert "kohoban secrets authorise" in report.why
        at_x.granted()
        report = sent(at_x, 3)
    assert report.outcome == "released", report.why_en


# The login


def agreed(at_x: AtX, login: oauth2.Login) -> str:
    """The address at which the person's browser stands in the end."""
    with httpx2.Client() as browser:
        return str(browser.get(login.address).headers["location"])


def begun(at_x: AtX) -> oauth2.Login:
    client_id = at_x.fake.application()["client_id"]
    return oauth2.begin(client_id, authorise=f"{at_x.fake.url}/i/oauth2/authorize")


def exchanged(at_x: AtX, login: oauth2.Login, pasted: str, **given: str) -> oauth2.Tokens:
    app = at_x.fake.application()
    return oauth2.exchange(login, pasted, app["client_id"], given.get("secret", app["client_secret"]), api=at_x.fake.url)


@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_whoever_agrees_lets_the_program_in_for_what_it_needs(at_x: AtX, kind: str) -> None:
    at_x.fake.agrees(HANDLE)
    login = begun(at_x)
    tokens = exchanged(at_x, login, f" {agreed(at_x, login)}\n", **({"secret": ""} if kind == "public" else {}))
    assert tokens.scopes == oauth2.SCOPES
    app = at_x.fake.application()
    given = {"client_id": app["client_id"], "refresh_token": tokens.refresh_token}
    at_x.lets_in(**given, **({"client_secret": app["client_secret"]} if kind == "confidential" else {}))
    assert sent(at_x).outcome == "released"


def test_the_address_of_the_login_tells_nothing_that_lets_in(at_x: AtX) -> None:
    login = oauth2.begin("the-client")
    asked = parse_qs(urlsplit(login.address).query)
    assert login.address.startswith("https://x.com/i/oauth2/authorize?")
    assert asked["code_challenge_method"] == ["S256"]
    assert login.verifier not in login.address
    assert set(asked["scope"][0].split()) == {
        *("tweet.read", "tweet.write", "users.read", "tweet.moderate.write", "mute.read", "mute.write"),
        *("block.read", "media.write", "offline.access"),
    }
    assert oauth2.begin("the-client").state != login.state


def test_who_declines_lets_nobody_in(at_x: AtX) -> None:
    at_x.fake.agrees(None)
    login = begun(at_x)
    with pytest.raises(Held, match="no consent") as held:
        exchanged(at_x, login, agreed(at_x, login))
    assert "access_denied" in held.value.why


@pytest.mark.parametrize(
    "pasted", ["", "http://127.0.0.1:8765/x", "https://evil.example/?code=1&state=2", "なにか", "http://[::1"]
)
def test_what_is_not_this_logins_answer_is_refused_and_asks_x_nothing(at_x: AtX, pasted: str) -> None:
    with pytest.raises(Held, match="begin again"):
        exchanged(at_x, begun(at_x), pasted)
    assert at_x.fake.log(*TOKEN) == []


def test_a_code_is_good_once_and_for_its_own_login(at_x: AtX) -> None:
    at_x.fake.agrees(HANDLE)
    login = begun(at_x)
    pasted = agreed(at_x, login)
    with pytest.raises(Held, match="does not take the code"):
        exchanged(at_x, login._replace(verifier="another"), pasted)
    with pytest.raises(Held, match="does not take the code"):
        exchanged(at_x, login, pasted)


def test_what_is_remembered_of_used_tokens_is_bounded_and_no_token(at_x: AtX, granted: dict[str, str]) -> None:
    for _ in range(oauth2.SEEDS + 3):
        at_x.granted()
        OAuth2(_given(at_x), at_x.fake.url, place_made(at_x)).header("GET", at_x.fake.url)
    assert len(kept(at_x).seeds) == oauth2.SEEDS
    spent = at_x.fake.refresh_tokens()["spent"]
    assert not any(token in place(at_x).read_text() for token in spent)


def place_made(at_x: AtX) -> Path:
    place(at_x).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place(at_x)


def _given(at_x: AtX) -> dict[str, str]:
    found: dict[str, str] = tomllib.loads((at_x.state / FOLDER / "secrets" / f"{ACCOUNT}.toml").read_text())
    return found
