"""A cold standby on a second host: two offices out of one, in network namespaces, and a platform that both can reach.

The first machine works and is cut off from the second, alive and unaware. The second one comes from a backup: it starts stopped, is
resumed only after the old right was revoked, and what the old one had sent is not sent again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from daemon.wire import Done, Settle, Withdraw
from tests.faults.hosts import Host, Link, hosts
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, ROOT, Office, until

pytestmark = pytest.mark.timeout(300)

ACCOUNT = "minato-facebook"
PLATFORM = "10.77.0.3:8123"
KOHOBAN = "import sys; from console.launch import main; sys.exit(main())"
REVOKE = "import sys; from daemon.release.simulated import asked; from daemon.release.simulator import Revoke; asked(sys.argv[1], Revoke(token=sys.argv[2]))"
FETCH = "import sys, urllib.request; urllib.request.urlretrieve(sys.argv[1], sys.argv[2])"

TEXTS = {
    "before.txt": "商店街のスタンプラリーの台紙を配っています。",
    "known.txt": "夜間の工事のため、歩道を迂回してください。",
    "unseen.txt": "図書館の本の返却箱を正面玄関の横へ移しました。",
    "waiting.txt": "プールの利用時間が来月から変わります。",
    "late.txt": "区民農園の利用者を募集しています。",
}
"""Drafts by what becomes of them: out before the backup; out after it, and its file in done/ was carried over; out after it, and nothing
of that reached the second machine; still waiting; approved on the first machine when it was no longer the one that sends."""


class OfficeOn(Office):
    """An office whose daemon runs on a machine of the test's own."""

    def __init__(self, folder: Path, host: Host, token: str) -> None:
        super().__init__(folder, plain=True)
        self.host = host
        rules = (folder / "rules.toml").read_text(encoding="utf-8")
        head, account, rest = rules.replace("[office]\n", f'[office]\nsimulated = "{PLATFORM}"\n', 1).partition(
            f'id = "{ACCOUNT}"'
        )
        rest = rest.replace('channel = "outbox"', 'channel = "simulated"', 1)
        (folder / "rules.toml").write_text(head + account + rest, encoding="utf-8")
        (folder / "token").write_text(token)

    def start(self) -> OfficeOn:
        """Start the daemon on its machine, with its own token."""
        releaser = self.state / "releaser"
        releaser.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy(self.folder / "token", releaser / "token")
        ours, its = os.pipe()
        command = [sys.executable, "-m", "daemon.service.main", "--office", str(self.folder), "--ready-fd", str(its)]
        with (self.folder / "stderr").open("ab") as said:
            self.process = subprocess.Popen(
                self.host.on(*command), pass_fds=(its,), stdin=subprocess.DEVNULL, stderr=said, cwd=ROOT, env=here()
            )
        os.close(its)
        with os.fdopen(ours, "rb") as pipe:
            assert pipe.readline() == b"ready\n", self.said()
        return self

    def kohoban(self, *words: object, who: str = "shibata") -> subprocess.CompletedProcess[str]:
        """One command line on this office's machine."""
        return python(self.host, KOHOBAN, *words, "--office", self.folder, "--operator", who)

    def acts_of(self, name: str) -> list[str]:
        """What the record has of a draft."""
        return self.acts(self.row(name).id)


def here() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "KOHOBAN_LANG": "ja"}


def python(host: Host, program: str, *words: object) -> subprocess.CompletedProcess[str]:
    """A short program on a machine."""
    command = host.on(sys.executable, "-c", program, *map(str, words))
    return subprocess.run(command, capture_output=True, text=True, check=False, env=here(), timeout=100, cwd=ROOT)


class Platform:
    """The simulated platform, on a machine of its own; what has arrived is read from its file."""

    def __init__(self, host: Host, posts: Path) -> None:
        self._host, self._posts = host, posts
        ours, its = os.pipe()
        command = [sys.executable, "-P", "-m", "daemon.release.simulator", "--at", PLATFORM, "--posts", str(posts)]
        self._process = subprocess.Popen(host.on(*command, "--ready-fd", str(its)), pass_fds=(its,), env=here())
        os.close(its)
        with os.fdopen(ours, "rb") as pipe:
            assert pipe.readline()

    def arrived(self) -> list[str]:
        lines = self._posts.read_bytes().splitlines() if self._posts.exists() else []
        return [str(json.loads(line)["text"]).strip() for line in lines]

    def revoke(self, token: str) -> None:
        assert python(self._host, REVOKE, PLATFORM, token).returncode == 0

    def end(self) -> None:
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[tuple[Host, Host, Host, Link]]:
    """Two hosts and the platform's, which does not pass anything on; and the only link between the two."""
    with hosts(tmp_path, "kouhou-1", "kouhou-2", "media") as (one, two, media):
        media.ip("address", "add", "10.77.0.3/32", "dev", "lo")
        for number, host in enumerate((one, two), start=1):
            link = Link(((host, f"10.77.{number}.1"), (media, f"10.77.{number}.2")))
            host.ip("route", "add", "10.77.0.3/32", "dev", link.names[0])
        yield one, two, media, Link(((one, "10.77.3.1"), (two, "10.77.3.2")))


@pytest.fixture
def platform(machines: tuple[Host, Host, Host, Link], tmp_path: Path) -> Iterator[Platform]:
    platform = Platform(machines[2], tmp_path / "posts.jsonl")
    yield platform
    platform.end()


def archived(folder: Path, archive: Path) -> None:
    """The folder's drafts as `tar` reads them in an office at work: a folder that changes while it is read is code 1, and no error."""
    done = subprocess.run(["tar", "-cf", archive, "-C", folder, "drafts"], capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    assert all("changed as we read it" in line or "removed before we read it" in line for line in done.stderr.splitlines()), (
        done.stderr
    )


def carry(to: Host, *pairs: tuple[str, Path]) -> int:
    """Fetch files from the first machine over the link between the two; the exit code of the last."""
    code = 0
    for name, target in pairs:
        code = python(
            to, f"import socket; socket.setdefaulttimeout(3); {FETCH}", f"http://10.77.3.1:8000/{name}", target
        ).returncode
    return code


def test_the_second_host_takes_over_and_nothing_goes_out_twice(
    machines: tuple[Host, Host, Host, Link], platform: Platform, tmp_path: Path
) -> None:
    one, two, _, between = machines
    shared = tmp_path / "shared"
    shared.mkdir()
    with ExitStack() as at_the_end:
        first = OfficeOn(tmp_path / "first", one, "token-1").start()
        at_the_end.callback(first.stop)
        server = subprocess.Popen(
            one.on(sys.executable, "-m", "http.server", "--bind", "10.77.3.1", "--directory", str(shared), "8000"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        at_the_end.callback(server.wait)
        at_the_end.callback(server.terminate)

        # The first machine works: drafts come in all the time, some go out.
        load = Load(first)
        at_the_end.callback(load.end)
        for name, text in TEXTS.items():
            first.drop(ACCOUNT, name, text, **FACEBOOK)
        first.all_of(list(TEXTS), "waiting")
        released(first, "before.txt")
        assert first.kohoban("backup", shared / "backup.tar").returncode == 0
        released(first, "known.txt")
        until(lambda: first.path(ACCOUNT, "done/known.txt").exists(), "its file in done/")
        archived(first.folder, shared / "drafts.tar")
        second_folder = tmp_path / "second"
        second = OfficeOn(second_folder, two, "token-2")
        until(lambda: carry(two, ("backup.tar", tmp_path / "b.tar"), ("drafts.tar", tmp_path / "d.tar")) == 0, "both here")
        released(first, "unseen.txt")

        # The link is cut. Who is on the second machine sees nothing of the first any more.
        between.cut()
        assert carry(two, ("backup.tar", tmp_path / "later.tar")) != 0

        subprocess.run(["tar", "-xf", tmp_path / "d.tar", "-C", second_folder], check=True)
        restored = second.kohoban("restore", tmp_path / "b.tar")
        assert restored.returncode == 0, restored.stderr
        second.start()
        at_the_end.callback(second.stop)
        status = second.status()
        assert status.gate.stopped
        assert any("別の機械（kouhou-1）から移ってきました" in alarm for alarm in status.alarms)
        refused = resumed(second)
        assert refused.returncode == 4 and "kohoban takeover" in refused.stderr
        assert second.status().gate.stopped

        platform.revoke("token-1")
        taken = typed(second, "takeover", "--revoked", "--proof", "トークンを作り直した（情報政策課）")
        assert taken.returncode == 0, taken.stderr
        assert resumed(second).returncode == 0
        assert second.status().gate.stopped is False

        # What the first one sent is never sent again without a person: known by done/, it is 不明; else it is held, and to be looked for.
        assert second.row("before.txt").state == "released"
        second.row("known.txt", "unknown")
        for name in ("unseen.txt", "waiting.txt", "late.txt"):
            second.row(name, "held")
        until(
            lambda: any("控えより後に kouhou-1 が発信したかもしれません" in said for said in second.status().alarms), "an alarm"
        )
        sent_before = platform.arrived()
        assert TEXTS["unseen.txt"] in sent_before
        row = second.row("unseen.txt")
        second.caller("azabu").ask(Withdraw(draft=row.id, reason="媒体に出ているため"), Done)
        row = second.row("known.txt")
        url = "https://facebook.com/minato.kunren/posts/2"
        second.caller("azabu").ask(Settle(draft=row.id, outcome="released", url=url, note="媒体で確認"), Done)
        released(second, "waiting.txt", "held")

        # The first one is alive and unaware: it tries, is refused, and says so.
        load.end()
        assert first.status().gate.stopped is False
        for name in ("waiting.txt", "late.txt"):
            first.approve(name, "azabu")
            first.row(name, "held")
            assert first.acts_of(name)[-1] == "failed"
        details = [json.loads(record)["detail"] for (record,) in first.database("SELECT record FROM audit WHERE act = 'failed'")]
        assert len(details) == 2
        assert first.database("SELECT detail FROM releases WHERE state = 'failed'")[0][0].count("401")
        released(second, "late.txt", "held")

        assert sorted(platform.arrived()) == sorted(TEXTS.values()), "each exactly once"
        assert first.record_is_whole() and second.record_is_whole()


def released(office: Office, name: str, state: str = "waiting") -> None:
    office.approve(name, "azabu", state)
    office.row(name, "released")


def typed(office: OfficeOn, *words: str) -> subprocess.CompletedProcess[str]:
    """A command that shows its code first, with the code typed."""
    shown = office.kohoban(words[0], "--json")
    code: dict[str, Any] = json.loads(shown.stdout)
    return office.kohoban(*words, "--code", code["code"])


def resumed(office: OfficeOn) -> subprocess.CompletedProcess[str]:
    return typed(office, "resume", "--reason", "予備機に切り替えたため")


class Load:
    """Drafts that come in all the time."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._go)
        self._thread.start()

    def end(self) -> None:
        self._over.set()
        self._thread.join()

    def _go(self) -> None:
        for number in range(10_000):
            if self._over.is_set():
                return
            self._office.drop("minato-x", f"load-{number}.txt", f"{number} {NOTICE}", **MINATO)
            time.sleep(0.05)
