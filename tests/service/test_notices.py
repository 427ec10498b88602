"""Notices as they leave the house: a real daemon, a real command, files that it writes; and what becomes of those that cannot be sent."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from daemon.gate import Gate
from daemon.wire import Done, NoticeList, Notices, NoticeTest, Refusal, Return, Stopped, StopState
from daemon.wire.moderation import MarkComment, Propose, ReportReaction
from tests.service.live_office import MINATO, Office, until

pytestmark = pytest.mark.timeout(300)

SECRET = "児童書コーナーの移転の秘密の題"


def program(folder: Path, body: str) -> Path:
    """A command that somebody in the office has written."""
    path = folder / f"hook{len(list(folder.glob('hook*')))}"
    path.write_text(f"#!{sys.executable}\nimport json, os, sys, time, pathlib\nout = pathlib.Path({str(folder)!r})\n{body}\n")
    path.chmod(0o755)
    return path


WRITES = """data = sys.stdin.buffer.read()
name = f'got-{time.monotonic_ns()}'
(out / f'.{name}').write_bytes(data)
(out / f'.{name}').rename(out / name)"""


def arranged(office: Office, notices: str, *, mail: bool = True) -> Office:
    """This office with `[notices]`, and an address for everybody."""
    rules = office.folder / "rules.toml"
    text = rules.read_text(encoding="utf-8")
    if mail:
        text = re.sub(r'\[\[operators\]\]\nlogin = "(\w+)"', r'\g<0>\nmail = "\1@kunren.example"', text)
    rules.write_text(f"{text}\n[notices]\n{notices}\n", encoding="utf-8")
    return office


def got(office: Office) -> list[bytes]:
    return [path.read_bytes() for path in sorted(office.folder.glob("got-*"))]


def letters(office: Office) -> list[dict[str, Any]]:
    return [json.loads(each) for each in got(office)]


def told(office: Office, login: str, kind: str) -> dict[str, Any]:
    """The letter in which this person is told of that, once it has come."""

    def look() -> dict[str, Any] | None:
        fitting = (each for each in letters(office) if each["to"]["login"] == login)
        return next((each for each in fitting if any(item["kind"] == kind for item in each["items"])), None)

    return until(look, lambda: f"{login} told of {kind}; {[(x['to']['login'], x['items']) for x in letters(office)]}")


def listed(office: Office, *, failed: bool = False) -> NoticeList:
    return office.asked(Notices(failed=failed), NoticeList, "shibata")


@pytest.fixture
def hooked(found: Callable[..., Office]) -> Office:
    office = found()
    hook = program(office.folder, WRITES)
    return arranged(office, f'hook = ["{hook}"]\ndigest_minutes = 0')


def test_whoever_it_waits_for_is_told_of_account_and_number_and_of_nothing_else(hooked: Office) -> None:
    hooked.start()
    hooked.ahead(seconds_to_opening(hooked))
    hooked.drop("minato-x", "himitsu.txt", SECRET + "。館内の案内板をご覧ください。", **MINATO)
    row = hooked.row("himitsu.txt", "waiting")
    letter = told(hooked, "shibata", "waits")
    (item,) = [each for each in letter["items"] if each["kind"] == "waits"]
    assert (item["account"], item["ref"]) == ("minato-x", f"#{row.id}")
    assert not letter["urgent"]
    everything = b"".join(got(hooked)).decode()
    assert "himitsu" not in everything
    assert "児童書" not in everything


def test_the_author_is_told_that_a_draft_came_back_and_not_why(hooked: Office) -> None:
    hooked.start()
    hooked.ahead(seconds_to_opening(hooked))
    hooked.drop("minato-x", "a.txt", **MINATO)
    row = hooked.row("a.txt", "waiting")
    hooked.caller("shibata").ask(Return(draft=row.id, hash=row.hash, reason="部長の私見のため"), Done)
    letter = told(hooked, "akasaka", "returned")
    assert f"#{row.id}" in [item["ref"] for item in letter["items"]]
    assert "私見" not in b"".join(got(hooked)).decode()


def test_what_is_not_urgent_waits_for_the_digest_and_for_the_morning_and_one_letter_holds_it_all(
    found: Callable[..., Office],
) -> None:
    office = found()
    arranged(office, f'hook = ["{program(office.folder, WRITES)}"]\ndigest_minutes = 30\nunattended_hours = 0').start()
    office.ahead(seconds_to_opening(office) + 12 * 3600)  # nine in the evening
    for name in ("a.txt", "b.txt"):
        office.drop("minato-x", name, f"{name} のお知らせです。館内の案内板をご覧ください。", **MINATO)
    office.all_of(("a.txt", "b.txt"), "waiting")
    until(lambda: any(each.login == "shibata" and each.kind == "waits" for each in listed(office).notices), "the notices")
    assert not letters(office)
    office.ahead(seconds_to_opening(office) + 24 * 3600 + 600)  # the next morning, ten minutes after nine
    letter = told(office, "shibata", "waits")
    assert len([item for item in letter["items"] if item["kind"] == "waits"]) == 2


def test_a_stop_is_told_at_once_and_at_night(hooked: Office) -> None:
    hooked.start()
    hooked.ahead(seconds_to_opening(hooked) + 14 * 3600)
    Gate(hooked.state).shut(by="omiya")
    hooked.caller("omiya").ask(Stopped(reason="練習のため"), StopState)
    letter = told(hooked, "shibata", "stopped")
    assert letter["urgent"]
    assert "練習" not in b"".join(got(hooked)).decode()
    assert {"urano", "shibata", "oi"} <= {each["to"]["login"] for each in letters(hooked)} | {
        told(hooked, login, "stopped")["to"]["login"] for login in ("urano", "oi")
    }


def test_a_stop_that_is_over_before_anybody_has_looked_is_told_all_the_same_and_once(hooked: Office) -> None:
    hooked.start()
    until(lambda: not hooked.status().gate.stopped, "an office at work")
    Gate(hooked.state).shut(by="omiya")
    hooked.caller("omiya").ask(Stopped(reason=""), StopState)
    hooked.resume("oi")
    told(hooked, "shibata", "stopped")
    assert [each.login for each in listed(hooked).notices if each.kind == "stopped"].count("shibata") == 1


def test_sendmail_gets_one_letter_with_a_head_that_nothing_can_break(found: Callable[..., Office]) -> None:
    office = found()
    sendmail = program(office.folder, "(out / 'args').write_text(repr(sys.argv[1:]))\n" + WRITES)
    arranged(office, f'sendmail = "{sendmail}"\nfrom = "kohoban@kunren.example"').start()
    office.caller("shibata").ask(NoticeTest(login="shibata"), Done)
    (data,) = got(office)
    mail = message_from_bytes(data, policy=default)
    assert (mail["To"], mail["From"]) == ("shibata@kunren.example", "kohoban@kunren.example")
    assert "試し送り" in mail.get_content()
    assert (office.folder / "args").read_text() == "['-t', '-i']"
    assert mail["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(
    ("body", "why", "seconds"),
    [
        ("sys.stdin.read(); sys.stderr.write('no such host\\n'); sys.exit(75)", "終了 75", 60),
        ("time.sleep(600)", "終わりませんでした", 2),
        ("while True: os.write(1, b'x' * 65536); os.write(2, b'y' * 65536)", "終わりませんでした", 2),
        ("os.close(0); sys.exit(3)", "終了 3", 60),
    ],
)
def test_a_command_that_fails_hangs_or_never_stops_talking_is_shown_and_holds_nobody_up(
    found: Callable[..., Office], body: str, why: str, seconds: int
) -> None:
    office = found()
    arranged(office, f'hook = ["{program(office.folder, body)}"]\nseconds = {seconds}').start()
    refused = office.caller("shibata").ask(NoticeTest(login="shibata"), Refusal)
    assert why in refused.message
    assert office.status().gate.stopped is False  # it answers all the while
    until(lambda: any("通知を 1 通送れていません" in alarm for alarm in office.status().alarms), "the alarm")
    (seen,) = listed(office, failed=True).notices
    assert (seen.state, seen.login) == ("retry", "shibata")
    assert why in seen.why


def test_a_sendmail_that_is_missing_is_shown_and_the_letter_goes_once_it_is_there(found: Callable[..., Office]) -> None:
    office = found()
    missing = office.folder / "sendmail"
    arranged(office, f'sendmail = "{missing}"').start()
    office.caller("shibata").refused(NoticeTest(login="shibata"), "missing")
    until(lambda: any("送れていません" in alarm for alarm in office.status().alarms), "the alarm")
    program(office.folder, WRITES).rename(missing)
    office.ahead(120)
    until(lambda: got(office), "the letter")
    until(lambda: not any("送れていません" in alarm for alarm in office.status().alarms), "the end of the alarm")
    assert len(got(office)) == 1


def test_a_command_learns_nothing_of_where_it_runs(found: Callable[..., Office]) -> None:
    office = found()
    hook = program(
        office.folder, "(out / 'env').write_text(json.dumps([dict(os.environ), os.getcwd(), os.listdir('/proc/self/fd')]))"
    )
    arranged(office, f'hook = ["{hook}"]').start()
    office.caller("shibata").ask(NoticeTest(login="shibata"), Done)
    environment, here, descriptors = json.loads((office.folder / "env").read_text())
    assert set(environment) <= {"PATH", "LANG", "HOME", "LC_CTYPE"}
    assert here == "/"
    assert len(descriptors) <= 4  # its three, and the folder that it lists


def test_what_a_crash_left_on_its_way_is_sent_again_under_the_same_id(found: Callable[..., Office]) -> None:
    office = found()
    hook = program(office.folder, WRITES + "\nif not (out / 'healed').exists(): time.sleep(600)")
    arranged(office, f'hook = ["{hook}"]\nseconds = 100').start()
    caller = office.caller("shibata")
    caller.put(NoticeTest(login="shibata"))
    until(lambda: got(office), "the first letter")
    office.kill()
    (office.folder / "healed").touch()
    office.start()
    until(lambda: len(got(office)) == 2, "the second")
    first, second = letters(office)
    assert first["id"] == second["id"]


def test_nothing_is_told_twice_by_a_daemon_that_starts_again(hooked: Office) -> None:
    hooked.start()
    hooked.ahead(seconds_to_opening(hooked))
    hooked.drop("minato-x", "a.txt", **MINATO)
    hooked.row("a.txt", "waiting")
    told(hooked, "shibata", "waits")
    hooked.stop()
    hooked.start()
    hooked.drop("minato-x", "b.txt", "別のお知らせです。館内の案内板をご覧ください。", **MINATO)
    row = hooked.row("b.txt", "waiting")

    def told_of() -> list[str]:
        refs = [item["ref"] for each in letters(hooked) if each["to"]["login"] == "shibata" for item in each["items"]]
        return [ref for ref in refs if ref.startswith("#")]

    until(lambda: f"#{row.id}" in told_of(), "the new one")
    assert told_of() == ["#1", f"#{row.id}"]


def test_without_notices_in_the_rules_nothing_leaves_and_everything_stands_in_the_list(found: Callable[..., Office]) -> None:
    office = found().start()
    office.drop("minato-x", "a.txt", **MINATO)
    row = office.row("a.txt", "waiting")
    seen = until(lambda: [n for n in listed(office).notices if n.ref == f"#{row.id}" and n.login == "shibata"], "the notice")
    assert seen[0].state == "console"
    assert listed(office).way == ""
    office.caller("shibata").refused(NoticeTest(login="shibata"), "missing")


def test_a_trial_for_somebody_else_is_the_managers(hooked: Office) -> None:
    hooked.start()
    hooked.caller("akasaka").refused(NoticeTest(login="shibata"), "role")
    hooked.caller("akasaka").ask(NoticeTest(login="akasaka"), Done)
    hooked.caller("shibata").refused(NoticeTest(login="nobody"), "no_such")


@pytest.mark.clause("minato/4(7)")
def test_a_queue_that_nobody_attends_is_an_alarm_and_its_managers_are_told(hooked: Office) -> None:
    hooked.start()
    hooked.ahead(seconds_to_opening(hooked))
    hooked.drop("minato-x", "a.txt", **MINATO)
    hooked.row("a.txt", "waiting")
    hooked.ahead(seconds_to_opening(hooked) + 6 * 3600)
    told(hooked, "shibata", "unattended")
    until(lambda: any("minato-x" in alarm and "誰も見ていません" in alarm for alarm in hooked.status().alarms), "the alarm")
    console = hooked.caller("shibata", events=True)  # somebody opens a console
    hooked.ahead(seconds_to_opening(hooked) + 6 * 3600 + 60)
    until(lambda: not any("誰も見ていません" in alarm for alarm in console_status(hooked)), "somebody attends")
    assert console


def console_status(office: Office) -> tuple[str, ...]:
    return office.status().alarms


def seconds_to_opening(office: Office) -> float:
    """How far ahead of the real clock the next Tuesday but one, nine o'clock, is: a working day, whatever day it is now."""
    from datetime import datetime, time, timedelta

    from daemon.desk.duties import WORKING
    from daemon.rulebook.calendar import TOKYO, ruled_day

    now = datetime.now(TOKYO)
    day = now.date() + timedelta(days=3)
    while not (ruled_day(WORKING, day).stretches and ruled_day(WORKING, day + timedelta(days=1)).stretches):
        day += timedelta(days=1)
    return (datetime.combine(day, time(9), TOKYO) - now).total_seconds()


def test_who_judges_is_told_of_a_proposal_and_the_manager_of_reactions_and_nobody_of_the_words(hooked: Office) -> None:
    hooked.start()
    hooked.ahead(seconds_to_opening(hooked))
    clerk = hooked.caller("omiya")
    words = "お前ら全員死ね。"
    clerk.ask(MarkComment(account="saitama-cvc", text=words, handle="dareka", source="1"), Done)
    clerk.ask(Propose(comment=1, clause="7(2)", actions=("delete",), reason="名指しのため"), Done)
    clerk.ask(
        ReportReaction(account="saitama-cvc", post="https://x.com/SaitamaCvcCoop/status/9", note="批判が続いています"), Done
    )
    letter = told(hooked, "urano", "reaction")
    assert letter["urgent"]
    asked = told(hooked, "urano", "waits")
    assert [item["ref"] for item in asked["items"] if item["kind"] == "waits"] == ["c1"]
    everything = b"".join(got(hooked)).decode()
    assert words not in everything and "dareka" not in everything and "批判" not in everything
