"""Whatever goes wrong between us and X: what is reported is what one can know, and what is left open is found by a look, or asked."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from daemon.release.hand import Hand
from daemon.release.jobs import Attached, look_for
from daemon.release.x import access, looking
from daemon.rulebook.channels import BUILT_IN
from tests.platforms import faults
from tests.platforms.faults import Fault
from tests.release.live_x import HANDLE, AtX
from tests.service.live_office import until

POST = ("POST", "/2/tweets")


@pytest.fixture
def impatient(fault: Fault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where the fault is that it takes long: however busy the machine, any other is met in time."""
    if fault.seconds_before or fault.seconds_after:
        monkeypatch.setattr(access, "ANSWER_WITHIN", 1.5)


REFUSED = Fault("status", taken=False, status=400)

LEFT_OPEN = {
    "the line drops before it is read": faults.drop_before(),
    "the line drops while it is read": faults.drop_reading(),
    "the line drops after it was taken in": faults.drop_after(),
    "the answer is cut": Fault("cut"),
    "500 and not taken in": Fault("status", taken=False, status=500),
    "502 and not taken in": Fault("status", taken=False, status=502),
    "503 and not taken in": Fault("status", taken=False, status=503),
    "504 and not taken in": Fault("status", taken=False, status=504),
    "500 and taken in": faults.taken_but(500),
    "503 and taken in": faults.taken_but(503),
    "it is answered too late": faults.late(60.0),
    "it is taken in too late": faults.slow(4.0),
    "the answer is empty": Fault("empty"),
    "the answer is no JSON": Fault("garbage"),
    "the answer is somebody's page": Fault("html"),
    "somebody's page, and not taken in": Fault("html", taken=False),
    "the answer has no end": Fault("huge", megabytes=9),
    "the answer trickles": Fault("trickle", seconds_after=0.1),
    "it is sent elsewhere": Fault("redirect", taken=False),
    "it is taken in and sent elsewhere": Fault("redirect"),
    "the answer is half an error": Fault("partial"),
    "the answer says something else": Fault("other shape"),
}


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("fault", LEFT_OPEN.values(), ids=LEFT_OPEN)
def test_what_nobody_can_know_is_unknown_and_the_timeline_settles_it(at_x: AtX, fault: Fault) -> None:
    hand, job, since = Hand(at_x.state), at_x.job(), time.time() - 1
    at_x.fake.fault(fault.on(*POST))
    report = hand.carry_out(job)
    assert report.outcome == "unknown"
    assert report.why and report.why_en and report.why.isprintable()
    if fault.taken:
        until(lambda: at_x.fake.posts(HANDLE), "the post taken in")
    looked = hand.look(look_for(job, since))
    there = at_x.fake.posts(HANDLE)
    assert len(there) == fault.taken
    if there:
        assert (looked.outcome, looked.url) == ("released", f"https://x.com/{HANDLE}/status/{there[0]['id']}")
    else:
        assert looked.outcome == "unknown", "that it is not there settles nothing"


def test_a_true_answer_under_another_name_is_read_all_the_same(at_x: AtX) -> None:
    at_x.fake.fault(Fault("wrong type").on(*POST))
    assert Hand(at_x.state).carry_out(at_x.job()).outcome == "released"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 409, 413, 422])
def test_what_x_refuses_has_failed(at_x: AtX, status: int) -> None:
    at_x.fake.fault(Fault("status", taken=False, status=status).on(*POST))
    report = Hand(at_x.state).carry_out(at_x.job())
    assert report.outcome == "failed"
    assert str(status) in report.why


@pytest.mark.parametrize(
    "fault",
    [
        faults.drop_before(),
        faults.drop_after(),
        Fault("status", status=500),
        Fault("status", status=503),
        Fault("html"),
        Fault("garbage"),
        Fault("partial"),
        Fault("other shape"),
        Fault("redirect"),
        faults.late(60.0),
    ],
)
@pytest.mark.usefixtures("impatient")
def test_what_goes_wrong_before_anything_changes_is_tried_again_later(at_x: AtX, fault: Fault) -> None:
    at_x.fake.fault(fault.on("GET", "/2/users/me"))
    report = Hand(at_x.state).carry_out(at_x.job())
    assert report.outcome == "prevented"
    assert report.again_at is not None and 0 < report.again_at - time.time() < 60
    assert at_x.fake.log(*POST) == []
    assert Hand(at_x.state).carry_out(at_x.job(2)).outcome == "released"


def test_where_nobody_is_there_it_is_tried_again_later(at_x: AtX) -> None:
    given = at_x.signed()
    at_x.lets_in(**given, api="http://127.0.0.1:9")
    report = Hand(at_x.state).carry_out(at_x.job())
    assert report.outcome == "prevented"
    assert report.again_at is not None


def test_a_post_that_comes_to_the_timeline_late_is_found_when_it_comes(at_x: AtX) -> None:
    hand, job, since = Hand(at_x.state), at_x.job(), time.time() - 1
    at_x.fake.fault(Fault("drop", lag=60.0).on(*POST))
    assert hand.carry_out(job).outcome == "unknown"
    assert hand.look(look_for(job, since)).outcome == "unknown"
    at_x.fake.advance(61.0)
    assert hand.look(look_for(job, since)).outcome == "released"


# The same words again


def test_a_duplicate_of_what_an_earlier_try_put_out_is_that_post(at_x: AtX) -> None:
    hand, since = Hand(at_x.state), time.time()
    at_x.fake.fault(faults.drop_after().on(*POST))
    assert hand.carry_out(at_x.job(1, "おなじ文", since=since)).outcome == "unknown"
    report = hand.carry_out(at_x.job(2, "おなじ文", since=since))  # a person has said that it is not out, and was wrong
    (post,) = at_x.fake.posts(HANDLE)
    assert (report.outcome, report.url) == ("released", f"https://x.com/{HANDLE}/status/{post['id']}")


def test_what_an_earlier_try_put_out_is_not_posted_again_although_x_would_take_it(at_x: AtX, tmp_path: Path) -> None:
    """With an image X calls nothing a duplicate; and a person may have looked before the post came to the timeline."""
    (tmp_path / "a.png").write_bytes(b"\x89PNG\r\n\x1a\n picture")
    hand, images = Hand(at_x.state), (Attached(path=str(tmp_path / "a.png")),)
    at_x.fake.fault(faults.drop_after().on(*POST))
    first = time.time() - 30
    assert hand.carry_out(at_x.job(1, "おなじ文", images=images, since=first)).outcome == "unknown"
    report = hand.carry_out(at_x.job(2, "おなじ文", images=images, since=first))
    (post,) = at_x.fake.posts(HANDLE)
    assert (report.outcome, report.url) == ("released", f"https://x.com/{HANDLE}/status/{post['id']}")
    assert hand.carry_out(at_x.job(3, "ほかの文", images=images, since=first)).outcome == "released"
    assert len(at_x.texts) == 2


def test_a_later_try_waits_until_the_timeline_can_be_read(at_x: AtX) -> None:
    at_x.fake.fault(Fault("status", status=503).on("GET", "/2/users/*/tweets"))
    report = Hand(at_x.state).carry_out(at_x.job(2, since=time.time() - 30))
    assert report.outcome == "prevented"
    assert report.again_at is not None
    assert at_x.fake.log(*POST) == []
    assert Hand(at_x.state).carry_out(at_x.job(3, since=time.time() - 30)).outcome == "released"


def test_a_duplicate_of_an_older_post_has_failed_and_names_it(at_x: AtX) -> None:
    old = at_x.fake.post(HANDLE, "毎週の図書館のお知らせです。")
    report = Hand(at_x.state).carry_out(at_x.job(1, "毎週の図書館のお知らせです。", since=time.time() + 3600))
    assert report.outcome == "failed"
    assert f"https://x.com/{HANDLE}/status/{old}" in report.why
    assert len(at_x.texts) == 1


def test_a_duplicate_that_nobody_sees_is_unknown_and_said_to_be_out(at_x: AtX) -> None:
    at_x.fake.post(HANDLE, "おなじ文", lag=60.0)
    report = Hand(at_x.state).carry_out(at_x.job(1, "おなじ文"))
    assert report.outcome == "unknown"
    assert "出ていると思われます" in report.why


def test_a_duplicate_whose_timeline_cannot_be_read_is_unknown(at_x: AtX) -> None:
    at_x.fake.post(HANDLE, "おなじ文")
    at_x.fake.fault(Fault("status", status=503).on("GET", "/2/users/*/tweets"))
    report = Hand(at_x.state).carry_out(at_x.job(1, "おなじ文"))
    assert report.outcome == "unknown"
    assert "出ていると思われます" in report.why and "503" in report.why


# What else is left open


def unknown(at_x: AtX, kind: str, target: str, method: str, path: str) -> tuple[Hand, str]:
    """A job whose line dropped after it was taken in, and what a look says of it."""
    hand, job, since = Hand(at_x.state), at_x.job(1, kind=kind, target=target, body=b""), time.time() - 1
    at_x.fake.fault(faults.drop_after().on(method, path))
    assert hand.carry_out(job).outcome == "unknown"
    return hand, hand.look(look_for(job, since)).outcome


def test_a_repost_is_looked_up_on_the_timeline(at_x: AtX) -> None:
    said = at_x.fake.post("tokyo_bousai", "大雨警報が出ています。")
    assert unknown(at_x, "repost", f"https://x.com/a/status/{said}", "POST", "/2/users/*/retweets")[1] == "released"


def test_a_deletion_is_looked_up_at_the_post(at_x: AtX) -> None:
    own = at_x.fake.post(HANDLE, "まちがえた投稿")
    url = f"https://x.com/{HANDLE}/status/{own}"
    assert unknown(at_x, "delete", url, "DELETE", "/2/tweets/*")[1] == "released"


def test_a_deletion_that_did_not_happen_stays_unknown(at_x: AtX) -> None:
    own = at_x.fake.post(HANDLE, "まちがえた投稿")
    job = at_x.job(1, kind="delete", target=f"https://x.com/{HANDLE}/status/{own}", body=b"")
    at_x.fake.fault(faults.drop_before().on("DELETE", "/2/tweets/*"))
    hand, since = Hand(at_x.state), time.time()
    assert hand.carry_out(job).outcome == "unknown"
    assert hand.look(look_for(job, since)).outcome == "unknown"
    assert hand.carry_out(at_x.job(2, kind="delete", target=job.target, body=b"")).outcome == "released"


def test_muting_is_looked_up_in_the_list(at_x: AtX) -> None:
    author = at_x.fake.user("shimin")
    assert unknown(at_x, "mute", author, "POST", "/2/users/*/muting")[1] == "released"
    assert unknown(at_x, "unmute", author, "DELETE", "/2/users/*/muting/*")[1] == "released"


def test_hiding_cannot_be_looked_up_and_a_person_is_told_that_it_may_be_repeated(at_x: AtX) -> None:
    own = at_x.fake.post(HANDLE, "窓口のお知らせ")
    reply = at_x.fake.post("shimin", "ひどい言葉", reply_to=own)
    hand, outcome = unknown(at_x, "hide", reply, "PUT", "/2/tweets/*/hidden")
    assert outcome == "unknown"
    look = look_for(at_x.job(1, kind="hide", target=reply, body=b""), 0.0)
    assert "もう一度行っても害はありません" in hand.look(look).why
    at_x.fake.delete(reply)
    assert hand.look(look).outcome == "released"


def test_a_look_that_x_does_not_answer_says_so(at_x: AtX) -> None:
    hand, job = Hand(at_x.state), at_x.job()
    at_x.fake.fault(faults.drop_after().on(*POST))
    assert hand.carry_out(job).outcome == "unknown"
    at_x.fake.fault(Fault("status", status=429, taken=False).on("GET", "/2/users/*/tweets"))
    looked = hand.look(look_for(job, 0.0))
    assert (looked.outcome, "429" in looked.why) == ("unknown", True)
    assert looked.again_at is not None


def test_a_timeline_without_end_is_looked_through_for_a_bounded_time(at_x: AtX, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking, "PAGE", 5)
    for number in range(40):
        at_x.fake.post(HANDLE, f"{number}番")
    hand, job = Hand(at_x.state), at_x.job(1, "39番")
    assert hand.carry_out(at_x.job(1, "そのほか")).outcome == "released"
    assert hand.look(look_for(job, time.time() - 60)).outcome == "released"
    assert hand.look(look_for(at_x.job(1, "0番"), time.time() - 60)).outcome == "unknown"
    assert len(at_x.fake.log("GET", f"/2/users/{at_x.number}/tweets")) == 2 * looking.PAGES


def test_a_job_without_a_note_never_began_and_nobody_is_asked(at_x: AtX) -> None:
    assert Hand(at_x.state).look(look_for(at_x.job(), 0.0)).outcome == "failed"
    assert at_x.fake.log() == []


def test_what_a_look_reads_is_told_by_the_names_of_the_prices(at_x: AtX) -> None:
    for number in range(3):
        at_x.fake.post(HANDLE, f"お知らせ {number}")
    hand, job = Hand(at_x.state), at_x.job()
    at_x.fake.fault(faults.drop_after().on(*POST))
    assert hand.carry_out(job).outcome == "unknown"
    assert hand.look(look_for(job, 0.0)).read == {"posts": 4}
    author = at_x.fake.user("shimin")
    _, outcome = unknown(at_x, "mute", author, "POST", "/2/users/*/muting")
    assert outcome == "released"
    assert hand.look(look_for(at_x.job(1, kind="mute", target=author, body=b""), 0.0)).read == {"muting": 1}


def test_a_post_that_is_still_there_was_paid_for_and_one_that_is_gone_was_not(at_x: AtX) -> None:
    own = at_x.fake.post(HANDLE, "まちがえた投稿")
    job = at_x.job(1, kind="delete", target=f"https://x.com/{HANDLE}/status/{own}", body=b"")
    at_x.fake.fault(faults.drop_before().on("DELETE", "/2/tweets/*"))
    hand = Hand(at_x.state)
    assert hand.carry_out(job).outcome == "unknown"
    assert hand.look(look_for(job, 0.0)).read == {"one_post": 1}
    at_x.fake.delete(own)
    assert hand.look(look_for(job, 0.0)).read == {}


def test_every_reading_has_its_price() -> None:
    assert {"posts", "muting", "one_post", "account"} <= BUILT_IN["x"].prices.keys()
