"""One evaluator: of the same draft the daemon, a process that judges for it, and `kohoban check` without any daemon say the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from daemon.desk.case import Setting
from daemon.intake.arrival import Wanted
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.load import load_rulebook
from daemon.service.judges import Judged, Judges
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, ROOT, Office, draft, until

RUN = "import sys; from console.launch import main; sys.exit(main())"
SAITAMA = {"author": "urawa"}
TABLE: dict[tuple[str, str], bytes] = {
    ("minato-x", "plain.txt"): draft(NOTICE, **MINATO),
    ("minato-x", "blanks.txt"): draft("○○区より、○月○日に【催し名】を開きます。", **MINATO),
    ("minato-x", "weekday.md"): draft("説明会は2026年11月21日（金）13:00〜12:00です。", **MINATO),
    ("minato-x", "alarm.txt"): draft("氾濫危険情報が発表されました。ただちに避難してください。", **MINATO),
    ("minato-x", "declared.txt"): draft("津波警報が発表されました。", **MINATO, emergency=True, source="気象庁 10:02"),
    ("minato-x", "private.txt"): draft(
        "講師は山田花子さん（〇九〇-一二三四-五六七八）、会場は田中さんの家、港区芝3丁目2番1号です。", **MINATO
    ),
    ("minato-x", "link.txt"): draft("詳しくは https://city.minat0.tokyo.jp/ と https://bit.ly/x へ。㈱ Ｔel", **MINATO),
    ("minato-x", "long.txt"): draft("あ" * 300, **MINATO),
    ("minato-x", "poll.txt"): draft("どちらがよいですか。", **MINATO, kind="poll"),
    ("minato-x", "nobody.txt"): draft(NOTICE, author="nobody", topic="区政情報"),
    ("minato-x", "no-front.txt"): f"{NOTICE}\n".encode(),
    ("minato-x", "wrong-front.txt"): b"+++\ntopik = 1\nkind = 'posst'\n+++\nx\n",
    ("minato-x", "empty.txt"): draft("", **MINATO),
    ("minato-x", "odd.txt"): draft("時\u200b間は\u202e午後13時\u202c、ｶﾞか\u3099①", **MINATO),
    ("minato-x", "crlf.txt"): draft("一行目です。\n二行目、11月31日。", **MINATO).replace(b"\n", b"\r\n"),
    ("minato-x", "sjis.txt"): draft("図書館の改修のお知らせです。○月○日", **MINATO).decode().encode("cp932"),
    ("minato-x", "noise.txt"): bytes(range(128, 256)),
    ("minato-x", "later.txt"): draft(NOTICE, **MINATO, release_at=datetime(2020, 1, 1, 10, tzinfo=TOKYO)),
    ("minato-facebook", "plain.txt"): draft(NOTICE, **FACEBOOK),
    ("saitama-cvc", "reply.txt"): draft("@citizen お問い合わせありがとうございます。", **SAITAMA, kind="reply"),
    ("saitama-cvc", "repost.txt"): draft("RT @somebody 大雨です。", **SAITAMA),
    ("shinagawa-koho", "mission.txt"): draft("一緒に聖書を学びませんか。現職の区長に一票を。"),
    ("taisho-gyosei", "private-post.txt"): draft("仕事だるい。早く帰りたい。うちの猫がかわいい。"),
}
"""Drafts in which every kind of rule has something to say, and one in which none has."""

Said = list[dict[str, Any]]
KEYS = (
    "rule",
    "clause",
    "cite",
    "text",
    "verdict",
    "start",
    "end",
    "message",
    "message_en",
    "fix",
    "fix_safe",
    "shadow",
    "basis",
)


def same(finding: dict[str, Any]) -> dict[str, Any]:
    """What of a finding is the evaluator's, in the form of the command line."""
    return {**{key: finding.get(key) for key in KEYS}, "lift": list(finding["lift"])}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Office, datetime]]:
    """An office that has read the table, on a Wednesday morning that is still to come, and that moment."""
    office = Office(tmp_path_factory.mktemp("office"))
    now = datetime.now(TOKYO)
    morning = (now + timedelta(days=7 - (now.weekday() - 2) % 7)).replace(hour=10, minute=2, second=0, microsecond=0)
    office.jump(0)
    office.ahead((morning - now).total_seconds())
    for (account, name), data in TABLE.items():
        path = office.path(account, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    office.start()
    until(lambda: len(office.rows()) == len(TABLE), "every draft of the table")
    yield office, morning
    office.stop()


def by_daemon(office: Office) -> dict[tuple[str, str], Said]:
    said = {}
    for row in office.rows():
        findings = [{key: getattr(each, key) for key in (*KEYS, "lift")} for each in office.show(row.id).findings]
        said[row.account, row.path.rpartition("/")[2]] = [same(finding) for finding in findings]
    return said


def by_check(office: Office, at: datetime) -> dict[tuple[str, str], Said]:
    paths = [str(office.path(*place)) for place in TABLE]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(ROOT))))}
    done = subprocess.run(
        [sys.executable, "-c", RUN, "check", "--office", str(office.folder), "--at", at.isoformat(), "--json", *paths],
        env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr.decode()
    answers = json.loads(done.stdout)["results"]
    return {place: [same(finding) for finding in answer["findings"]] for place, answer in zip(TABLE, answers, strict=True)}


def test_the_daemon_and_the_command_line_find_the_same_in_every_draft(judged: tuple[Office, datetime]) -> None:
    office, morning = judged
    daemon, check = by_daemon(office), by_check(office, morning)
    assert daemon.keys() == check.keys() == TABLE.keys()
    for place in TABLE:
        assert daemon[place] == check[place], place
    fired = {finding["rule"] for said in daemon.values() for finding in said}
    assert len(fired) >= 20, sorted(fired)
    assert daemon["minato-facebook", "plain.txt"] == []


def test_a_judging_process_finds_what_the_daemon_has_stored(judged: tuple[Office, datetime]) -> None:
    office, morning = judged
    setting = Setting(load_rulebook(office.folder), morning, frozenset(), lambda account: ())
    judges = Judges(office.folder / "drafts", lambda: setting)
    try:
        until(judges.ready, "a process that judges")
        judges.send([Wanted(account, name.encode()) for account, name in TABLE])
        said: dict[tuple[str, str], Any] = {}
        while len(said) < len(TABLE):
            for wanted, result in judges.take():
                assert isinstance(result, Judged), (wanted, result)
                said[wanted.account, wanted.name.decode()] = json.loads(result.opinion.findings)
    finally:
        judges.close()
    names = {row.id: (row.account, row.path.rpartition("/")[2]) for row in office.rows()}
    stored = {names[number]: json.loads(findings) for number, findings in office.database("SELECT id, findings FROM drafts")}
    assert said == stored
    assert sum(map(len, stored.values())) >= 20
