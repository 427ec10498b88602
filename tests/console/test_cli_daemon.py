"""The command line against the real daemon: one draft's whole way, refusals and their exit codes, the stop and the way back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from console.cli.founding import training_drafts
from console.cli.training import end
from console.launch import run
from tests.service.live_office import until

RUN = "import sys; from console.launch import main; sys.exit(main())"
NOTICE = '+++\nauthor = "{author}"\ntopic = "区政情報"\n+++\n{text}\n'

pytestmark = pytest.mark.timeout(300)

Go = Callable[..., Any]


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A training office whose daemon runs, without the training drafts."""
    folder = tmp_path_factory.mktemp("office") / "office"
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("KOHOBAN_LANG", "en")
        assert run(["init", str(folder), "--empty"]) == 0
    (folder / "rules.toml").write_bytes((Path(__file__).resolve().parents[2] / "rules.toml").read_bytes())
    pid = start_daemon(folder)
    yield folder
    end(pid)


def start_daemon(office: Path) -> int:
    """Start the office's daemon as a person does; returns its pid."""
    command = [sys.executable, "-c", RUN, "daemon", "--detach", "--json", "--office", str(office)]
    return int(json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["pid"])


@pytest.fixture(scope="module")
def people(office: Path) -> dict[str, str]:
    """Of minato-x: a clerk, the chief of its unit, and a clerk of another municipality; by login."""
    from daemon.rulebook.load import load_rulebook

    book = load_rulebook(office)
    account = book.accounts["minato-x"]
    mine = [p for p in book.operators.values() if "minato" in p.policies]
    return {
        "clerk": next(p.login for p in mine if p.role == "clerk"),
        "chief": next(p.login for p in mine if p.role == "manager" and p.unit == account.unit),
        "stranger": next(p.login for p in book.operators.values() if p.role == "clerk" and "minato" not in p.policies),
        "handle": account.handle,
    }


@pytest.fixture
def go(office: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Go:
    """Run a command of this office, expect its exit code, and return its JSON, or what it said on stderr when it was refused."""
    monkeypatch.setenv("KOHOBAN_LANG", "en")

    def run_it(*words: str, who: str = "", code: int = 0) -> Any:
        capfd.readouterr()
        ended = run([*words, "--json", "--office", str(office), *(("--operator", who) if who else ())])
        said = capfd.readouterr()
        assert ended == code, said.err + said.out
        return json.loads(said.out) if said.out else said.err

    return run_it


@pytest.fixture
def draft(office: Path, go: Go, people: dict[str, str]) -> Callable[[str], int]:
    """Drop a draft for minato-x and return its number once it has been judged."""

    def drop(text: str, name: str = "") -> int:
        folder = office / "drafts" / "minato-x"
        folder.mkdir(exist_ok=True)
        file = folder / (name or f"{abs(hash(text))}.txt")
        file.write_text(NOTICE.format(author=people["clerk"], text=text), encoding="utf-8")

        def judged() -> list[int]:
            rows = [row for row in go("queue")["drafts"] if row["path"].endswith(file.name)]
            return [int(row["id"]) for row in rows if row["state"] != "received"]

        return until(judged, "the draft is judged")[0]

    return drop


def test_a_draft_goes_its_whole_way_by_commands_alone(go: Go, draft: Callable[[str], int], people: dict[str, str]) -> None:
    number = str(draft("公園のトイレの改修工事が終わりました。広い個室を設けています。"))
    row = next(row for row in go("queue", "--state", "waiting")["drafts"] if str(row["id"]) == number)
    assert set(row) >= {"id", "path", "account", "state", "verdict", "revision", "waiting"}
    assert row["waiting"][0].keys() >= {"what", "who", "clause"}
    assert go("approve", number, "--reason", "読みました", who=people["chief"])["state"] == "approved"
    refused = go("take", number, who=people["clerk"], code=4)
    assert f"kohoban take {number} --handle {people['handle']}" in refused
    wrong = go("take", number, "--handle", "somebody_else", who=people["clerk"], code=4)
    assert "somebody_else" in wrong
    assert f"--handle {people['handle']}" in wrong
    taken = go("take", number, "--handle", "@" + people["handle"], who=people["clerk"])
    assert "公園のトイレ" in taken["text"]
    url = f"https://x.com/{people['handle']}/status/1"
    assert go("released", number, "--url", url, who=people["clerk"])["state"] == "released"
    shown = go("show", number)
    assert shown["state"] == "released"
    assert shown["url"] == url
    assert [line["act"] for line in shown["history"]].count("approve") == 1


def test_a_person_sees_the_same_on_paper(
    go: Go, draft: Callable[[str], int], office: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    number = draft("街路樹の枝切りを順に行っています。誘導員の案内に沿ってお通りください。")
    for words in (["queue"], ["show", str(number)], ["status"], ["audit", "show"]):
        assert run([*words, "--office", str(office)]) == 0
        said = capfd.readouterr().out
        assert "\033" not in said
        assert '{"act"' not in said
        assert said.strip()


def test_a_refusal_ends_with_4_and_says_why(go: Go, draft: Callable[[str], int], people: dict[str, str]) -> None:
    number = str(draft("水道メーターの検針にうかがう職員は身分証を身につけています。"))
    assert "minato" in go("approve", number, who=people["stranger"], code=4)
    assert go("approve", number, who=people["clerk"], code=4)
    assert go("return", number, "--reason", " ", who=people["chief"], code=4)
    assert "nobody-here" in go("queue", who="nobody-here", code=4)


def test_a_decision_is_bound_to_the_revision_that_was_seen(
    go: Go, draft: Callable[..., int], people: dict[str, str], office: Path
) -> None:
    number = str(draft("自転車の鍵は二つかけましょう。", "bound.txt"))
    draft("自転車の鍵は必ず二つかけましょう。", "bound.txt")
    until(lambda: go("show", number)["revision"] == 2, "what was written over it has come")
    assert "revision" in go("approve", number, "--revision", "1", who=people["chief"], code=4)
    assert go("approve", number, "--revision", "2", who=people["chief"])["state"] == "approved"


def test_a_return_reaches_the_queue_with_its_reason(go: Go, draft: Callable[[str], int], people: dict[str, str]) -> None:
    number = str(draft("家庭の小型家電は回収ボックスへお入れください。"))
    go("return", number, "--reason", "設置場所を書いてください", who=people["chief"])
    shown = go("show", number)
    assert shown["state"] == "returned"
    assert "設置場所" in json.dumps(shown, ensure_ascii=False)
    assert go("withdraw", number, who=people["clerk"])["state"] == "withdrawn"


def test_a_draft_is_found_by_its_files_name_and_a_stray_name_is_a_sentence(
    go: Go, draft: Callable[..., int], people: dict[str, str]
) -> None:
    number = draft("保健センターの駐輪場に屋根がつきました。", "屋根.txt")
    assert go("show", "屋根.txt")["id"] == number
    assert "queue" in go("show", "そんなものはない.txt", code=2)


def test_a_stop_holds_everything_and_the_way_back_needs_the_code(
    go: Go, draft: Callable[[str], int], people: dict[str, str], office: Path
) -> None:
    number = str(draft("歴史資料館で昔の商店街の写真を並べた展示を始めました。"))
    go("approve", number, who=people["chief"])
    assert go("stop", "--reason", "試し", who=people["clerk"])["stopped"] is True
    assert not (office / "state" / "gate" / "RUN").exists()
    assert go("status")["stopped"] is True
    assert go("take", number, "--handle", people["handle"], who=people["clerk"], code=4)
    assert go("resume", who=people["clerk"], code=4)
    code = go("resume", who=people["chief"], code=4)["code"]
    wrong = f"{(int(code) + 1) % 10000:04d}"
    assert go("resume", "--code", wrong, "--reason", "試し", who=people["chief"], code=4)
    go("resume", "--code", code, "--reason", "試し", who=people["chief"])
    assert go("status")["stopped"] is False
    assert go("show", number)["state"] == "held"


def test_where_nothing_is_stopped_there_is_nothing_to_resume(
    go: Go, people: dict[str, str], office: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert go("resume", who=people["chief"])["stopped"] is False
    assert run(["resume", "--operator", people["chief"], "--office", str(office)]) == 0
    assert "Nothing is stopped" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["return", "1"], "--reason"),
        (["queue", "--state", "lost"], "waiting"),
        (["approve", "1", "--revision", "0"], "at least 1"),
        (["audit", "show", "--limit", "many"], "at least 1"),
        (["show"], "DRAFT"),
        (["settle", "1", "--not-releasd"], "--not-released"),
        (["approove", "1"], "approve"),
    ],
)
def test_wrong_words_end_with_2_and_name_what_is_wrong(go: Go, words: list[str], said: str) -> None:
    assert said in go(*words, code=2)


def test_status_has_what_the_contract_promises(go: Go) -> None:
    said = go("status")
    assert said["daemon"] == "up"
    assert said["policy"]["hash"]
    assert {"id", "open", "next_open"} <= set(said["accounts"][0])
    assert isinstance(said["queue"], dict)


def test_the_record_verifies_and_is_exported_whole_and_in_order(go: Go, office: Path, capfd: pytest.CaptureFixture[str]) -> None:
    verified, entries = go("audit", "verify"), []
    assert verified["ok"] is True
    while len(entries) != verified["entries"]:  # the record may grow between two questions
        verified = go("audit", "verify")
        capfd.readouterr()
        assert run(["audit", "export", "--office", str(office)]) == 0
        entries = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [entry["seq"] for entry in entries] == list(range(1, verified["entries"] + 1))
    assert entries[-1]["hash"] == verified["head"]


def test_a_second_start_says_that_one_runs_already(go: Go) -> None:
    assert go("daemon", "--detach")["started"] is False


def test_of_several_who_start_at_once_one_starts_it_and_the_others_find_it_running(tmp_path: Path, root: Path) -> None:
    (tmp_path / "rules.toml").write_bytes((root / "rules.toml").read_bytes())
    command = [sys.executable, "-c", RUN, "daemon", "--detach", "--json", "--office", str(tmp_path)]
    all_at_once = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    said = [json.loads(one.communicate()[0] or b"{}") for one in all_at_once]
    for pid in [one["pid"] for one in said if one.get("pid")]:
        end(pid)
    assert [one.returncode for one in all_at_once] == [0, 0, 0]
    assert sorted(one["started"] for one in said) == [False, False, True]


def test_a_second_daemon_in_the_foreground_is_refused_with_a_sentence(office: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", RUN, "daemon", "--office", str(office)], capture_output=True, text=True, check=False, timeout=120
    )
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert "state" in ended.stderr


def test_without_a_terminal_kohoban_alone_prints_the_queue(office: Path, draft: Callable[[str], int]) -> None:
    draft("掲示板の場所を変えました。")
    ended = subprocess.run(
        [sys.executable, "-c", RUN, "--office", str(office)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert ended.returncode == 0
    assert "minato-x" in ended.stdout
    assert ended.stderr


def test_a_daemon_that_was_killed_is_found_dead_and_started_again(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    office = tmp_path / "office"
    assert run(["init", str(office), "--empty"]) == 0
    (office / "rules.toml").write_bytes((Path(__file__).resolve().parents[2] / "rules.toml").read_bytes())
    pid = start_daemon(office)
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}/stat").exists(), "it is gone")
    assert run(["queue", "--office", str(office)]) == 3
    pid = start_daemon(office)
    capfd.readouterr()
    assert run(["status", "--json", "--office", str(office)]) == 0
    end(pid)


def test_a_training_daemon_that_does_not_come_to_an_end_is_killed() -> None:
    deaf = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); signal.pause()"
    with subprocess.Popen([sys.executable, "-c", deaf], stdout=subprocess.PIPE, text=True) as stuck:
        assert stuck.stdout is not None
        assert stuck.stdout.readline() == "deaf\n"
        end(stuck.pid, patience=0.2)
        assert not Path(f"/proc/{stuck.pid}").exists()


def test_an_office_whose_rules_have_gone_is_still_asked_at_its_daemon(office: Path, go: Go) -> None:
    (office / "rules.toml").rename(office / "rules.away")
    try:
        assert go("status", "--json")["policy"]["hash"]
    finally:
        (office / "rules.away").rename(office / "rules.toml")


def test_an_office_with_broken_rules_does_not_start_and_says_where(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.toml").write_text('[office]\nname = "x"\ntrainin = true\n', encoding="utf-8")
    assert run(["daemon", "--detach", "--office", str(tmp_path)]) == 2
    assert "rules.toml:3" in capfd.readouterr().err


@pytest.mark.slow
def test_the_training_is_played_twice_without_a_terminal(tmp_path: Path) -> None:
    office = tmp_path / "office"
    assert run(["init", str(office)]) == 0
    for _ in range(2):
        ended = subprocess.run(
            [sys.executable, "-c", RUN, "training", "--office", str(office)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "KOHOBAN_LANG": "en"},
            timeout=140,
        )
        assert ended.returncode == 0, ended.stderr
        for step in ("kohoban approve", "kohoban take", "kohoban released", "kohoban stop", "exit code 4", "kohoban resume"):
            assert step in ended.stdout
        assert "saitama/6-1" in ended.stdout
        assert not (office / "state" / "socket").exists(), "the daemon that it started has ended"
    assert sum(1 for _ in training_drafts()) > 20


def test_a_live_office_is_never_played_with(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rules = (Path(__file__).resolve().parents[2] / "rules.toml").read_text(encoding="utf-8")
    (tmp_path / "rules.toml").write_text(rules.replace("training = true", "training = false"), encoding="utf-8")
    assert run(["training", "--headless", "--office", str(tmp_path)]) == 2
    assert not (tmp_path / "drafts").exists()
