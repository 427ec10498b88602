"""A machine of a town hall for a test: logins of its own, a real sshd with PAM, an office whose daemon has a login too, and desks from
which people come. All of it in a mount namespace, so that nothing of the machine that runs the tests is touched.

The desks are addresses of 127.0.0.0/8. Without systemd, what it would record of a login is recorded by a second PAM hook of the test's,
in the same files and the same control groups.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.service.live_office import ROOT, Office, until

KOHOBAN = str(Path(sys.executable).with_name("kohoban"))
HOOK = ROOT / "console" / "installation" / "session-record.sh"
CGROUPS = Path("/sys/fs/cgroup/unified")

DESK, HOME, OTHER = "127.0.0.11", "127.0.0.12", "127.0.0.13"
"""A designated terminal, one that is not, and one that an exception may be made for."""

GROUP = 61000
LOGINS = {"kohoban": 61000, "shibata": 61001, "akasaka": 61002, "urano": 61003}
"""The daemon's login, and those of operators of the training office's rules: 港区's 課長 and a clerk, さいたま's 管理者."""

PAM = """\
auth     required pam_deny.so
account  required pam_permit.so
session  required pam_loginuid.so
{hooks}
"""
SU = "auth sufficient pam_permit.so\naccount sufficient pam_permit.so\nsession optional pam_permit.so\n"

LOGIND = """\
#!/bin/sh
# What systemd-logind does at a login, as far as it can be seen from outside: a session with its files, and a control group.
PATH=/usr/sbin:/usr/bin:/sbin:/bin
read -r session < /proc/self/sessionid
uid=$(id -u "$PAM_USER")
place={cgroups}/user.slice/user-$uid.slice/session-c$session.scope
if [ "$PAM_TYPE" = open_session ]; then
    mkdir -p "$place" /run/systemd/sessions && echo "$PPID" > "$place/cgroup.procs"
    printf 'UID=%s\\nUSER=%s\\nACTIVE=1\\nSTATE=active\\nREMOTE=1\\nREMOTE_HOST=%s\\nTYPE=tty\\nCLASS=user\\nLEADER=%s\\n' \\
        "$uid" "$PAM_USER" "$PAM_RHOST" "$PPID" > "/run/systemd/sessions/c$session"
else
    sed -i 's/^STATE=.*/STATE=closing/' "/run/systemd/sessions/c$session"
fi
exit 0
"""

INSIDE = """\
set -e
mount --make-rprivate /
mkdir -p {folder}/python && mount --bind {base} {folder}/python
{open}
mount -t tmpfs -o mode=755 tmpfs /run && mkdir -m 755 /run/sshd /run/kohoban /run/systemd
for name in passwd group shadow; do mount --bind {folder}/etc/$name /etc/$name; done
mount --bind {folder}/etc/pam.d /etc/pam.d
echo ready
exec sleep infinity
"""
"""The namespace: /run of its own, these logins, this PAM. A Python that lies in a closed home is shown to everybody at its place."""


class TownHall:
    """The machine. `hook` and `logind` say what PAM records of the logins from now on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "office" / "state"
        self._etc()
        self.remember(hook=True, logind=False)
        open_up = _shown(Path(sys.base_prefix), folder / "python")
        inside = INSIDE.format(folder=folder, base=sys.base_prefix, open=open_up)
        self.inside = subprocess.Popen(["unshare", "--mount", "sh", "-c", inside], stdout=subprocess.PIPE)
        assert self.inside.stdout is not None and self.inside.stdout.readline() == b"ready\n"
        self._sshd()
        self.office = self._office()

    # What there is

    def _etc(self) -> None:
        etc = self.folder / "etc"
        (etc / "pam.d").mkdir(parents=True)
        people = "".join(f"{name}:x:{uid}:{GROUP}::{self.folder}/home/{name}:/bin/sh\n" for name, uid in LOGINS.items())
        (etc / "passwd").write_text(people + Path("/etc/passwd").read_text())  # these first: a machine may have such logins too
        (etc / "group").write_text(Path("/etc/group").read_text() + f"townhall:x:{GROUP}:\n")
        (etc / "shadow").write_text("".join(f"{name}:*:20000:0:99999:7:::\n" for name in ("root", "sshd", *LOGINS)))
        (etc / "pam.d" / "su").write_text(SU)
        (self.folder / "hook.sh").write_bytes(HOOK.read_bytes())
        (self.folder / "logind.sh").write_text(LOGIND.format(cgroups=CGROUPS))
        for script in ("hook.sh", "logind.sh"):
            (self.folder / script).chmod(0o755)
        for name, uid in LOGINS.items():
            home = self.folder / "home" / name
            home.mkdir(parents=True)
            os.chown(home, uid, GROUP)

    def remember(self, *, hook: bool, logind: bool) -> None:
        """From now on these record a login."""
        hooks = [name for name, wanted in (("hook.sh", hook), ("logind.sh", logind)) if wanted]
        lines = "\n".join(f"session optional pam_exec.so quiet {self.folder}/{name}" for name in hooks)
        (self.folder / "etc" / "pam.d" / "sshd").write_text(PAM.format(hooks=lines))

    def _sshd(self) -> None:
        folder = self.folder / "ssh"
        folder.mkdir(mode=0o755)
        for key in ("host", "one", "two"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / key)], check=True)
        (folder / "keys").write_text("".join((folder / f"{key}.pub").read_text() for key in ("one", "two")))
        for _ in range(10):  # a port that was free may be somebody else's by the time that it is taken
            self._start_sshd(folder)
            until(lambda: self.sshd.poll() is not None or _listens(self.port), "an sshd that listens")
            if self.sshd.poll() is None:
                return
        raise AssertionError((folder / "log").read_text(errors="replace"))

    def _start_sshd(self, folder: Path) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        (folder / "config").write_text(
            f"ListenAddress 127.0.0.1\nPort {self.port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/keys\nPidFile none\n"
            "StrictModes no\nUsePAM yes\nPasswordAuthentication no\nKbdInteractiveAuthentication no\nAllowStreamLocalForwarding yes\n"
            "LogLevel ERROR\nMaxStartups 100\nPrintMotd no\n"
        )
        sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin") or "sshd"
        with (folder / "log").open("wb") as log:
            command = self.command(sshd, "-D", "-e", "-f", str(folder / "config"))
            self.sshd = subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL)

    def fingerprint(self, key: str) -> str:
        """The fingerprint of a key, as ssh-keygen prints it."""
        said = subprocess.run(
            ["ssh-keygen", "-lf", str(self.folder / "ssh" / f"{key}.pub")], check=True, capture_output=True, text=True
        )
        return said.stdout.split()[1]

    def _office(self) -> Office:
        office = Office(self.folder / "office")
        rules = office.folder / "rules.toml"
        text = rules.read_text("utf-8").replace("training = true", "training = false", 1).replace('"simulated"', '"manual"')
        rules.write_text(text + self.terminals(), "utf-8")
        return office

    def terminals(self) -> str:
        """The designated terminals: a desk by its address, a mobile device by its key, and さいたま's desk by both."""
        return (
            f'\n[[terminals]]\nid = "desk"\nname = "窓口1番"\npolicies = ["minato"]\naddresses = ["{DESK}"]\n'
            f'\n[[terminals]]\nid = "mobile"\nname = "公用携帯1"\npolicies = ["minato"]\nkeys = ["{self.fingerprint("two")}"]\n'
            f'\n[[terminals]]\nid = "shimin"\nname = "協働推進課1"\npolicies = ["saitama"]\naddresses = ["{DESK}"]\n'
            f'keys = ["{self.fingerprint("two")}"]\n'
        )

    def open_office(self, login: str = "kohoban") -> Office:
        """Start the daemon under this login."""
        uid = LOGINS.get(login, 0)
        for path in (self.state, self.state / "gate"):
            path.mkdir(exist_ok=True)
        for path in (self.folder / "office", *(self.folder / "office").rglob("*")):
            os.chown(path, uid, GROUP)
        self.state.chmod(0o3770)
        (self.state / "gate").chmod(0o2770)
        if login != "root":
            self.office.under = (*self.command("setpriv", f"--reuid={uid}", f"--regid={GROUP}", "--clear-groups"),)
        else:
            self.office.under = tuple(self.command())
        self.office.start()
        return self.office

    # What people do

    def command(self, *words: str) -> list[str]:
        """A command line as it is run on this machine."""
        return ["nsenter", f"--mount=/proc/{self.inside.pid}/ns/mnt", "--", *words]

    def ssh(self, login: str, desk: str = DESK, *, key: str = "one", options: Sequence[str] = ()) -> list[str]:
        """The command line with which somebody comes in from a desk."""
        folder = self.folder / "ssh"
        settings = ("StrictHostKeyChecking=no", f"UserKnownHostsFile={folder}/known", "LogLevel=ERROR", "IdentitiesOnly=yes")
        return [
            *("ssh", "-F", "/dev/null", "-b", desk, "-i", str(folder / key), "-p", str(self.port)),
            *(word for each in settings for word in ("-o", each)),
            *options,
            f"{login}@127.0.0.1",
        ]

    def run(
        self, login: str, command: str, desk: str = DESK, *, key: str = "one", terminal: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Somebody comes in from a desk, runs a command and goes."""
        line = [*self.ssh(login, desk, key=key, options=("-tt",) if terminal else ()), command]
        return subprocess.run(line, capture_output=True, text=True, timeout=150, stdin=subprocess.DEVNULL, check=False)

    def logged_out(self) -> None:
        """Wait until every login is over for those that record it: whoever came in is told that they are out a moment earlier."""
        kept = "cat /run/kohoban-sessions/* 2> /dev/null; cat /run/systemd/sessions/* 2> /dev/null | grep STATE=active; true"
        look = self.command("sh", "-c", kept)
        until(lambda: subprocess.run(look, capture_output=True, check=True).stdout == b"", "everybody logged out")

    def kohoban(self, *words: str) -> str:
        """A line of the shell that runs `kohoban` in this office."""
        return f"KOHOBAN_LANG=ja LC_ALL=C.UTF-8 {KOHOBAN} --office {self.folder}/office {shlex.join(words)}"

    def whoami(self, login: str, desk: str = DESK, *, key: str = "one", terminal: bool = False) -> dict[str, Any]:
        """What the daemon says of somebody who comes in from there."""
        return told(self.run(login, self.kohoban("whoami", "--json"), desk, key=key, terminal=terminal).stdout)

    def end(self) -> None:
        """Close everything."""
        self.office.stop()
        for process in (self.sshd, self.inside):
            process.kill()
            process.wait()
        assert self.inside.stdout is not None
        self.inside.stdout.close()


def told(said: str) -> dict[str, Any]:
    """The JSON of a `whoami`, wherever in the output of a terminal it stands."""
    assert "{" in said, said
    found: dict[str, Any] = json.loads(said[said.index("{") : said.rindex("}") + 1])
    found["at"] = {one["account"]: one["at"] for one in found["accounts"]}
    return found


def _listens(port: int) -> bool:
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


def _shown(base: Path, kept: Path) -> str:
    """What makes a folder reachable for everybody inside: the first closed folder above it gives way to an empty one."""
    for above in reversed(base.parents):
        if not above.stat().st_mode & 0o001:
            return f"mount -t tmpfs -o mode=755 tmpfs {above} && mkdir -p {base} && mount --bind {kept} {base}"
    return ""


@contextmanager
def town_hall() -> Iterator[TownHall]:
    """The machine, gone at the end. Skips, saying so, where this one cannot carry it."""
    if os.geteuid() != 0:
        pytest.skip("logins and a namespace of a test's own need root")
    for program in ("sshd", "ssh", "ssh-keygen", "unshare", "nsenter", "setpriv"):
        if shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is None:
            pytest.skip(f"{program} is not installed")
    if not Path("/proc/self/loginuid").exists():
        pytest.skip("this kernel has no audit: nobody's login is known")
    _free_of_clashes()
    folder = Path(tempfile.mkdtemp(prefix="kohoban-town-"))
    folder.chmod(0o755)
    hall = TownHall(folder)
    try:
        yield hall
    finally:
        hall.end()
        shutil.rmtree(folder, ignore_errors=True)


def _free_of_clashes() -> None:
    """The uids of the test's logins must be nobody's here."""
    for uid in LOGINS.values():
        with pytest.raises(KeyError):
            pwd.getpwuid(uid)
    with pytest.raises(KeyError):
        grp.getgrgid(GROUP)
