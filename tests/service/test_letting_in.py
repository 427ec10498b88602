"""Credentials at work in an office: which there are is known, since when, and that somebody has to replace them; no value is anywhere but in the
releaser's own folder and its own process."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.desk.duties import months_after
from daemon.wire import AuditShow, Backup, BackupProgress, BackupState, Done, Duties, DutyDone, DutyList, DutySeen, Listing
from tests.release.test_shut_in import lay
from tests.service.live_office import ROOT, Caller, Office, contents, until

ACCOUNT = "taisho-kosodate"
TOKEN = "mAiLZx-none-may-ever-read-this-77"
VALUES = {"api_key": TOKEN + "1", "api_secret": TOKEN + "2", "access_token": TOKEN + "3", "access_token_secret": TOKEN + "4"}
STDIN = "".join(f'{name} = "{value}"\n' for name, value in VALUES.items())


def go(office: Office, *words: str, stdin: str = "", lang: str = "ja") -> subprocess.CompletedProcess[str]:
    code = "import sys; from console.launch import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *words, "--office", str(office.folder), "--operator", "shibata"]
    here = {**os.environ, "KOHOBAN_LANG": lang, "PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, env=here, timeout=120, check=False, input=stdin)


@pytest.fixture
def office(found: Callable[..., Office]) -> Office:
    """An office with one account on X that goes out by machine."""
    office = found()
    rules = office.folder / "rules.toml"
    head, account, rest = rules.read_text().partition(f'id = "{ACCOUNT}"')
    rules.write_text(head + account + rest.replace('channel = "simulated"', 'channel = "x"', 1))
    return office


def rotation(office: Office) -> list[DutySeen]:
    with Caller(office.state) as caller:
        caller.hello("shibata")
        return [duty for duty in caller.ask(Duties(), DutyList).duties if duty.id == "taisho/rotation"]


def alarmed(office: Office) -> bool:
    return any(ACCOUNT in alarm and "認証情報" in alarm for alarm in office.status().alarms)


def acts(office: Office) -> list[str]:
    with Caller(office.state) as caller:
        caller.hello("shibata")
        return [line.act for line in caller.ask(AuditShow(), Listing).history]


def memory(pid: int) -> bytes:
    """Everything in the memory of a process that can be read."""
    found = []
    with open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, mode = line.split()[:2]
            if mode.startswith("rw"):
                start, end = (int(each, 16) for each in place.split("-"))
                try:
                    mem.seek(start)
                    found.append(mem.read(end - start))
                except OSError:
                    continue
    return b"\n".join(found)


def holders(folder: Path) -> list[str]:
    """The files below a folder in which the token stands."""
    return sorted(str(path.relative_to(folder)) for path, data in contents(folder) if TOKEN.encode() in data)


@pytest.mark.clause("saitama/6-3")
def test_what_is_set_is_in_the_releasers_folder_and_process_and_nowhere_else(office: Office, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root sees into other processes")
    office.start()
    until(lambda: alarmed(office), "an alarm that there are none")
    assert rotation(office) == []
    done = go(office, "secrets", "set", ACCOUNT, "--kind", "oauth1", stdin=STDIN)
    assert done.returncode == 0, done.stderr
    until(lambda: not alarmed(office), "no alarm")
    (duty,) = until(lambda: rotation(office), "a duty to replace them")
    assert duty.last is not None and duty.due is not None and duty.due >= months_after(duty.last, 12)

    listed = go(office, "secrets")
    shown = go(office, "secrets", "--json")
    assert listed.returncode == 0 and ACCOUNT in listed.stdout
    (one,) = json.loads(shown.stdout)["credentials"]
    assert (one["account"], one["channel"], one["kind"], one["where"]) == (ACCOUNT, "x", "oauth1", "file")

    backup = tmp_path / "backup"
    with Caller(office.state) as caller:
        caller.hello("shibata")
        caller.ask(Backup(path=str(backup)), Done)
        until(lambda: caller.ask(BackupState(), BackupProgress).stage == "done", "a backup")
    assert office.process is not None
    hand = int((office.state / "hand.pid").read_text().split()[0])
    assert TOKEN.encode() in memory(hand), "it has read them: what is looked for can be found"
    assert TOKEN.encode() not in memory(office.process.pid)
    assert holders(office.folder) == [f"state/releaser/secrets/{ACCOUNT}.toml"]
    assert TOKEN.encode() not in backup.read_bytes()
    assert TOKEN not in "".join((office.said(), listed.stdout, shown.stdout, done.stdout, done.stderr))
    assert "credentials_set" in acts(office)

    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    restored = subprocess.run(
        [sys.executable, "-m", "daemon.service.keeping_main", "restore", str(backup), "--office", str(elsewhere)],
        capture_output=True,
        check=False,
        cwd=ROOT,
    )
    assert restored.returncode == 0, restored.stdout
    assert holders(elsewhere) == []

    assert go(office, "secrets", "remove", ACCOUNT).returncode == 0
    until(lambda: alarmed(office), "an alarm that there are none any more")
    assert rotation(office) == [] and "credentials_gone" in acts(office)
    assert holders(office.folder) == []


@pytest.mark.clause("saitama/6-3")
def test_replacing_them_attests_the_duty_and_nobodys_word_does(office: Office) -> None:
    old = "".join(f'{name} = "{value}"\n' for name, value in VALUES.items())
    noted = '[set]\nat = 2025-10-01T09:00:00+09:00\nby = "akasaka"\nkind = "oauth1"\n'
    lay(office.state, ACCOUNT, old + noted)
    office.start()
    (duty,) = until(lambda: rotation(office), "the duty")
    assert duty.standing == "overdue" and duty.last is not None and duty.last.year == 2025
    with Caller(office.state) as caller:
        caller.hello("shibata")
        caller.refused(DutyDone(duty=duty.id, account=ACCOUNT, note="取り替えた"), "state")
    assert go(office, "secrets", "set", ACCOUNT, "--kind", "oauth1", stdin=STDIN).returncode == 0
    until(lambda: [each.standing for each in rotation(office)] == ["ok"], "the duty is done")
    assert "credentials_set" in acts(office)


def test_what_can_be_no_credentials_changes_nothing_and_is_not_quoted(office: Office) -> None:
    place = lay(office.state, ACCOUNT, STDIN)
    before = place.read_bytes()
    for wrong, kind in (
        (STDIN.replace("api_secret", "api_secrets"), "oauth1"),
        (STDIN.replace(TOKEN + "3", "short"), "oauth1"),
        (STDIN.replace(TOKEN + "3", TOKEN + "\\n"), "oauth1"),
        (TOKEN, "oauth1"),
        (STDIN, "oauth3"),
    ):
        for lang in ("ja", "en"):
            refused = go(office, "secrets", "set", ACCOUNT, "--kind", kind, stdin=wrong, lang=lang)
            assert refused.returncode == 2 and len(refused.stderr.splitlines()) == 1, refused
            assert TOKEN not in refused.stdout + refused.stderr
    assert place.read_bytes() == before
    assert go(office, "secrets", "set", "minato-x").returncode == 2, "a person posts there"


def test_another_login_is_told_how(office: Office) -> None:
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text().replace("[office]\n", '[office]\nreleaser = "nobody"\n', 1))
    for word in ("set", "authorise", "remove"):
        refused = go(office, "secrets", word, ACCOUNT, stdin=STDIN)
        assert refused.returncode == 4 and "sudo -u nobody kohoban" in refused.stderr, refused
    steps = go(office, "secrets", "rotate", ACCOUNT)
    assert steps.returncode == 0 and f"sudo -u nobody kohoban secrets authorise {ACCOUNT}" in steps.stdout
    assert not (office.state / "releaser").exists()


def test_doctor_sees_what_lies_open_what_is_missing_and_what_was_left_behind(office: Office) -> None:
    place = lay(office.state, ACCOUNT, STDIN, mode=0o644)
    lay(office.state, "gone-x", STDIN)
    office.start()
    until(lambda: alarmed(office), "an alarm")

    def check(name: str) -> dict[str, str]:
        (one,) = [each for each in json.loads(go(office, "doctor", "--json").stdout)["checks"] if each["name"] == name]
        return dict(one)

    assert check("認証情報")["level"] == "bad" and f"{place} をほかの人" in check("認証情報")["said"]
    kept = check("媒体への認証情報")
    assert kept["level"] == "bad" and "gone-x" in kept["said"]
    assert check("発信係のプロセス")["level"] == "ok"
    place.chmod(0o600)
    assert check("認証情報")["level"] == "ok"
    kept = check("媒体への認証情報")
    assert kept["level"] == "note" and "入れた日が分かりません" in kept["said"]
    assert "コア" in check("メモリの行き先")["said"]


def test_an_account_that_needs_none_any_more_misses_none(office: Office) -> None:
    office.start()
    until(lambda: alarmed(office), "an alarm")
    rules = office.folder / "rules.toml"
    rules.write_text(rules.read_text().replace('channel = "x"', 'channel = "manual"'))
    until(lambda: not alarmed(office), "the end of the alarm")


def test_a_swap_is_named_unless_it_is_encrypted_or_in_memory(tmp_path: Path) -> None:
    from console.cli.letting_in import open_swaps

    swaps = tmp_path / "swaps"
    names = ("/dev/sda2", "/dev/dm-0", "/dev/dm-1", "/dev/zram0", "/swapfile")
    swaps.write_text("Filename Type Size Used Priority\n" + "".join(f"{name} partition 1 0 -2\n" for name in names))
    for number, uuid in (("dm-0", "CRYPT-PLAIN-swap"), ("dm-1", "LVM-abc")):
        (tmp_path / number / "dm").mkdir(parents=True)
        (tmp_path / number / "dm" / "uuid").write_text(uuid)
    assert list(open_swaps(swaps, tmp_path)) == ["/dev/sda2", "/dev/dm-1", "/swapfile"]
