"""`kohoban whoami` and `kohoban terminals`, against a daemon; the hook, and what doctor says of the machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli import witnesses
from tests.service.live_office import ROOT, Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("terminals")).start()
    yield office
    office.stop()


def go(office: Office, *words: str, who: str = "shibata", lang: str = "ja") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "console.launch", *words, "--office", str(office.folder), "--operator", who]
    here = {**os.environ, "KOHOBAN_LANG": lang, "PYTHONPATH": str(ROOT)}
    code = "import sys; from console.launch import main; sys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", code, *command[3:]], capture_output=True, text=True, env=here, timeout=120, check=False
    )


def test_whoami_says_who_where_how_and_what_that_allows(office: Office) -> None:
    shown = go(office, "whoami")
    assert shown.returncode == 0, shown.stderr
    for words in ("芝田 恵 (shibata)", "区長室", "2026-04-01", "minato-x", "minato/5", "訓練"):
        assert words in shown.stdout
    document = json.loads(go(office, "whoami", "--json").stdout)
    assert (document["schema"], document["login"], document["in_office"]) == (1, "shibata", True)
    assert {one["at"] for one in document["accounts"]} == {"training"}
    assert "training" in go(office, "whoami", lang="en").stdout


def test_terminals_lists_allows_and_revokes(office: Office) -> None:
    listed = go(office, "terminals")
    assert "区長室1番" in listed.stdout and "例外はありません" in listed.stdout
    where = ("--for", "akasaka", "--address", "192.0.2.7", "--until", "2099-01-01T17:15", "--reason", "停電")
    assert go(office, "terminals", "allow", *where, who="akasaka").returncode == 4
    assert go(office, "terminals", "allow", *where).returncode == 0
    (one,) = json.loads(go(office, "terminals", "--json").stdout)["exceptions"]
    assert (one["operator"], one["place"], one["until"]) == ("akasaka", "192.0.2.7", "2099-01-01T17:15:00+09:00")
    assert "192.0.2.7" in go(office, "terminals").stdout
    assert go(office, "terminals", "revoke", str(one["id"]), "--reason", "復旧").returncode == 0
    assert go(office, "terminals", "revoke", str(one["id"]), "--reason", "復旧").returncode == 4
    assert go(office, "terminals", "allow", "--for", "akasaka", "--reason", "x").returncode == 2
    assert "Traceback" not in go(office, "terminals", "allow", *where[:5], "いつか", *where[6:]).stderr


def test_the_hook_is_the_script_and_a_shell_reads_it(office: Office) -> None:
    script = go(office, "terminals", "hook").stdout
    assert script.startswith("#!/bin/sh") and "/run/kohoban-sessions" in script
    assert subprocess.run(["sh", "-n"], input=script, text=True, capture_output=True, check=False).returncode == 0


LOGIN, HOOK, OWN = (
    "session required pam_loginuid.so",
    "session optional pam_exec.so /x/kohoban-session-record",
    "session required pam_env.so user_readenv=1",
)


@pytest.mark.parametrize(
    ("lines", "count"),
    [
        ((LOGIN, HOOK, OWN), 0),
        ((LOGIN,), 1),
        ((HOOK,), 1),
        ((HOOK, LOGIN), 1),
        ((LOGIN, OWN, HOOK), 1),
        ((LOGIN, f"# {HOOK}"), 1),
        ((), 2),
    ],
)
def test_doctor_sees_what_pam_lacks(tmp_path: Path, lines: tuple[str, ...], count: int) -> None:
    (tmp_path / "sshd").write_text("\n".join(lines) + "\n")
    (tmp_path / "mounts").write_text("proc /proc proc rw,nosuid 0 0\n")
    assert len(list(witnesses.faults(tmp_path, tmp_path / "mounts"))) == count


def test_doctor_sees_a_hidden_proc(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    for option, is_hidden in (("hidepid=2", True), ("hidepid=invisible", True), ("hidepid=0", False), ("nosuid", False)):
        mounts.write_text(f"proc /proc proc rw,{option} 0 0\n")
        assert witnesses.hidden(mounts) is is_hidden, option


def test_doctor_says_what_a_training_needs_and_what_is_open(office: Office) -> None:
    said = {one["name"]: one for one in json.loads(go(office, "doctor", "--json").stdout)["checks"]}
    assert said["端末の確認"]["level"] == "ok"
    assert said["認証情報"]["level"] == "ok"
    secret = office.state / "releaser" / "secrets"
    secret.mkdir(mode=0o700)
    (secret / "token").touch()
    (secret / "token").chmod(0o644)
    said = {one["name"]: one for one in json.loads(go(office, "doctor", "--json").stdout)["checks"]}
    assert said["認証情報"]["level"] == "bad" and "token" in said["認証情報"]["said"]
