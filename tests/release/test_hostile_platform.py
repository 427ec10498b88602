"""A platform that means harm: what it answers ends no line to the daemon, wears out no thread and no purse, and passes for nothing that it is
not."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest

from daemon.release import hand as hands_work
from daemon.release.channel import Became
from daemon.release.hand import Hand, serve
from daemon.release.jobs import LONGEST, Ask, Job, Look, Report, Told, decode_answer, encode, look_for
from daemon.release.veil import veiled
from daemon.release.x import asking, media
from daemon.release.x.access import _met
from daemon.release.x.acts import act_of
from daemon.release.x.seen import says, seen
from tests.platforms.x import FakeX
from tests.release.live_x import ACCOUNT, HANDLE, AtX
from tests.release.test_x_media import GIF, PNG, image

ME: dict[str, Any] = {"data": {"id": "12", "username": HANDLE, "name": "港区"}}
NUMBER = "1900000000000000001"
Answers = Callable[[str, str], tuple[int, bytes]]


class Hostile:
    """A platform that answers what it is told to, by path."""

    def __init__(self, state: Path) -> None:
        self.said: dict[str, Any] = {"/2/users/me": ME}
        self.asked: list[str] = []
        hostile = self

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                path = urlsplit(self.path).path
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                hostile.asked.append(f"{self.command} {path}")
                said = hostile.said.get(path, {})
                said = said.pop(0) if isinstance(said, list) else said
                status, body = said if isinstance(said, tuple) else (200, said)
                data = body if isinstance(body, bytes) else msgspec.json.encode(body)
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_DELETE = do_PUT = answer

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        folder = state / "releaser" / "secrets"
        folder.mkdir(mode=0o700, parents=True)
        place = folder / f"{ACCOUNT}.toml"
        place.touch(0o600)
        given = "".join(
            f'{name} = "{name}-0123456789"\n' for name in ("api_key", "api_secret", "access_token", "access_token_secret")
        )
        place.write_text(f'api = "http://127.0.0.1:{self._server.server_address[1]}"\n{given}')

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def hostile(state: Path) -> Iterator[Hostile]:
    _met.clear()
    platform = Hostile(state)
    yield platform
    platform.end()


def ask(state: Path, what: Any = "mentions", **given: Any) -> Told:
    """A question by the line that the daemon has: the answer as the daemon reads it."""
    said = io.BytesIO()
    order = Ask(id="q1", channel="x", account=ACCOUNT, handle=HANDLE, what=what, most=800, **given)
    serve(Hand(state), io.BytesIO(encode(order)), said)
    (line,) = said.getvalue().splitlines()
    assert len(line) <= LONGEST
    told = decode_answer(line)
    assert isinstance(told, Told)
    return told


def post(number: str = NUMBER, **given: Any) -> dict[str, Any]:
    return {"id": number, "text": "@minatokoho こんにちは", "author_id": "77", **given}


def mentions(*posts: dict[str, Any], token: str = "", users: Any = ()) -> dict[str, Any]:
    meta = {"next_token": token} if token else {}
    return {"data": list(posts), "meta": meta, "includes": {"users": list(users)}}


MENTIONS = "/2/users/12/mentions"


# What comes as a comment


def test_comments_as_long_as_no_post_is_leave_the_line_to_the_daemon_whole(state: Path, hostile: Hostile) -> None:
    pages_of = [f"191{n:016d}" for n in range(60)]
    pages = [
        mentions(*(post(f"19{page}{n:016d}", text="長" * 25_000) for n in range(60)), token=f"t{page}") for page in range(1, 9)
    ]
    hostile.said[MENTIONS] = pages
    told = ask(state)
    assert told.ok and not told.whole, "what did not fit is said to be missing"
    assert 0 < len(told.heard) < 480
    assert {len(heard.text) for heard in told.heard} == {asking.LONGEST_TEXT}
    assert told.heard[0].number == pages_of[0], "the newest are told"
    assert told.rows == 60


def test_a_block_list_longer_than_a_line_is_told_as_far_as_it_goes(state: Path, hostile: Hostile) -> None:
    users = [{"id": f"{n:019d}", "username": "u" * 50} for n in range(30_000)]
    hostile.said["/2/users/12/blocking"] = [{"data": users, "meta": {"next_token": "more"}}]
    told = ask(state, "blocking")
    assert told.rows == 30_000
    assert (told.ok and not told.whole) or "bytes" in told.why_en


def test_a_platform_that_goes_round_in_circles_is_followed_once(state: Path, hostile: Hostile) -> None:
    hostile.said[MENTIONS] = mentions(post(), token="again")
    told = ask(state)
    assert hostile.asked.count(f"GET {MENTIONS}") == 2
    assert told.rows == 2, "and what it charges for is counted"


@pytest.mark.parametrize("number", ["9" * 19, "9" * 25, "9" * 4000, "-5", "１９", "1e9", ""])
def test_a_number_that_no_post_has_yet_hides_none_that_come_after_it(state: Path, hostile: Hostile, number: str) -> None:
    hostile.said[MENTIONS] = mentions(post(number), post())
    assert [heard.number for heard in ask(state).heard] == [NUMBER]


@pytest.mark.parametrize("name", ["a\x1b]0;x\x07", "a/../../evil", "\u202ekohoban", "a" * 51, "", "a b", "Ｋ"])
def test_a_name_that_is_none_is_in_no_address(state: Path, hostile: Hostile, name: str) -> None:
    hostile.said[MENTIONS] = mentions(post(), users=[{"id": "77", "username": name, "name": "\0"}])
    (heard,) = ask(state).heard
    assert (heard.handle, heard.url) == ("", f"https://x.com/i/status/{NUMBER}")


def test_an_account_whose_name_only_looks_like_ours_is_not_ours(state: Path, hostile: Hostile) -> None:
    hostile.said["/2/users/me"] = {"data": {"id": "12", "username": "minato\u212aoho", "name": "港区"}}
    assert "minato\u212aoho".lower() == HANDLE
    hostile.said[MENTIONS] = mentions(post())
    assert not ask(state).ok


def test_pages_that_were_paid_for_are_counted_though_a_later_one_never_came(state: Path, hostile: Hostile) -> None:
    hostile.said[MENTIONS] = [mentions(post(), post("1900000000000000002"), token="t"), (503, b"")]
    told = ask(state)
    assert (told.ok, told.rows, told.heard) == (False, 2, ())


def test_a_hundred_thousand_links_in_a_post_keep_nobody_at_work() -> None:
    urls = [{"url": f"https://t.co/{n}", "expanded_url": "https:///"} for n in range(100_000)]
    found = seen(post(text="/" * 200_000, entities={"urls": urls}))
    assert found is not None
    began = time.process_time()
    assert not says(found, "/" * 60 + "x")
    assert len(found.links) <= 100 and len(found.text) <= 30_000
    assert time.process_time() - began < 20, "it does not end in years otherwise"


def test_a_moment_beyond_all_calendars_is_none() -> None:
    for created in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "x", 10**300, None):
        found = seen(post("5", created_at=created))
        assert found is not None and found.at == 0.0


# What becomes of what was sent


def jobs(state: Path) -> AtX:
    """Makes jobs for X, wherever that is."""
    at = AtX.__new__(AtX)
    at.state = state
    return at


@pytest.mark.parametrize(("kind", "path"), [("delete", f"/2/tweets/{NUMBER}"), ("hide", f"/2/tweets/{NUMBER}/hidden")])
def test_a_gateway_that_knows_no_such_page_has_deleted_nothing(state: Path, hostile: Hostile, kind: str, path: str) -> None:
    hostile.said[path] = (404, b"<html>Not Found</html>")
    target = f"https://x.com/{HANDLE}/status/{NUMBER}"
    report = Hand(state).carry_out(jobs(state).job(kind=kind, target=target, body=b""))
    assert report.outcome == "failed", report.why_en
    hostile.said[f"/2/tweets/{NUMBER}"] = (404, b"<html>Not Found</html>")
    (state / "releaser" / "1").write_text("a boot\n")
    looked = Hand(state).look(look_for(jobs(state).job(kind=kind, target=target, body=b""), 0.0))
    assert looked.outcome == "unknown", "nor does it say that it is gone"


def test_the_same_image_without_words_has_none_of_an_earlier_drafts(at_x: AtX, tmp_path: Path) -> None:
    with_words = image(tmp_path, PNG, "a.png", alt="別の下書きの説明")
    without = image(tmp_path, PNG, "b.png")
    for number, one in enumerate((with_words, without), 1):
        assert Hand(at_x.state).carry_out(at_x.job(number, images=(one,))).outcome == "released"
    up = {one["id"]: one["alt"] for one in at_x.fake.media()}
    said = {up[number] for post in at_x.fake.posts(HANDLE) if post["text"].startswith("2") for number in post["media"]}
    assert said == {None}, "what was approved has no words"


@pytest.mark.parametrize("wait", [1e-9, 0, -5, 10**300, True, "soon"])
def test_a_platform_that_wants_to_be_asked_all_the_time_is_asked_once_a_second(
    state: Path, hostile: Hostile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wait: Any
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(media.time, "sleep", slept.append)
    info = {"id": "5", "processing_info": {"state": "in_progress", "check_after_secs": wait}}
    raw = (
        msgspec.json.encode({"data": info})
        if wait != 10**300
        else b'{"data":{"id":"5","processing_info":{"state":"x","check_after_secs":1%s}}}' % (b"0" * 300)
    )
    done = {"data": {"id": "5", "processing_info": {"state": "succeeded"}}}
    hostile.said |= {
        "/2/media/upload/initialize": {"data": {"id": "5"}},
        "/2/media/upload/5/append": {"data": {}},
        "/2/media/upload/5/finalize": (200, raw),
        "/2/media/upload": [(200, raw), done],
        "/2/tweets": {"data": {"id": NUMBER}},
    }
    report = Hand(state).carry_out(jobs(state).job(images=(image(tmp_path, GIF),)))
    assert report.outcome == "released", report.why_en
    assert len(slept) == 2 and min(slept) >= media.WAIT and max(slept) <= 10.0


# What a channel says that the daemon could not read


class Odd:
    """A channel from outside that says what it likes."""

    def __init__(self, became: Any, told: Any) -> None:
        self._became, self._told = became, told

    def look(self, look: Look, noted: Any, here: Any) -> Any:
        return self._became

    def let_go(self, look: Look, here: Any) -> None:
        pass

    def ask(self, ask: Ask, here: Any) -> Any:
        return self._told


@pytest.mark.parametrize(
    "told",
    [
        Told(job="q1", ok=True, facts={"a": object()}),  # type: ignore[dict-item]
        Told(job="q1", ok=True, rows="many"),  # type: ignore[arg-type]
        Told(job="q1", ok=True, rows=10**30),
        Told(job="q1", ok=True, why="\udcff"),
        Told(job="q1", ok=True, why="x" * (1 << 23)),
        Told(job="q1", ok=False, again_at=1e300),
        Told(job="q1", ok=False, again_at=float("nan")),
    ],
)
@pytest.mark.parametrize(
    "became",
    [
        Became("released", 5),  # type: ignore[arg-type]
        Became("released", "x" * (1 << 23)),
        Became("gone", ""),  # type: ignore[arg-type]
        Became("released", "\udcff"),
    ],
)
def test_what_a_channel_says_oddly_ends_nothing_but_itself(
    state: Path, job_of: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, told: Told, became: Became
) -> None:
    monkeypatch.setattr(hands_work, "channel", lambda name: Odd(became, told))
    said = io.BytesIO()
    look = look_for(job_of(1, channel="odd"), 0.0)
    question = Ask(id="q1", channel="odd", account="a", handle="a", what="mentions")
    serve(Hand(state), io.BytesIO(encode(look) + encode(question)), said)
    answers = {answer.job: answer for answer in map(decode_answer, said.getvalue().splitlines())}
    assert answers.keys() == {"1", "q1"}
    report, answer = answers["1"], answers["q1"]
    assert isinstance(report, Report) and isinstance(answer, Told)
    assert answer.again_at is None or answer.again_at < time.time() + 400 * 86_400
    assert report.outcome in ("released", "unknown")


@pytest.fixture
def job_of(job: Callable[..., Job]) -> Callable[..., Job]:
    return job


def test_a_fake_that_is_honest_is_still_understood(at_x: AtX, fake_x: FakeX) -> None:
    number = fake_x.post("shimin", f"@{HANDLE} はい")
    told = Hand(at_x.state).ask(Ask(id="q1", channel="x", account=ACCOUNT, handle=HANDLE, what="mentions"))
    assert [heard.number for heard in told.heard] == [number]
    assert act_of(at_x.job(), _met[at_x.state, ACCOUNT][2], ()).method == "POST"


def test_neither_a_proxys_password_nor_a_signed_headers_values_are_said() -> None:
    said = veiled(
        'ProxyError: http://city:geheimes-wort@proxy:3128 OAuth oauth_consumer_key="abcdefghijk", oauth_signature="abc%2Fdefgh"'
    )
    assert "geheim" not in said and "abc" not in said
    assert veiled("https://x.com/i/status/1 a@b.example 12:30 @minato") == "https://x.com/i/status/1 a@b.example 12:30 @minato"
