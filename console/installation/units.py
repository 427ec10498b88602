"""The units of one office for systemd, with its literal paths: pure functions, a `Place` in, the text of every file out.

Why each line stands there is in docs/service.md. Three that must not be "hardened" any further: PrivateUsers=, ProtectProc= and ProcSubset=,
behind which the daemon would not see who speaks to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

SYSTEM, TMPFILES = Path("/etc/systemd/system"), Path("/etc/tmpfiles.d")
CREDENTIALS = Path("/etc/kohoban")
RUN = Path("/run/kohoban")
ADDRESS_MOST = 107
"""Bytes of a Unix socket's address: systemd knows no way around it."""


class Place(Struct, frozen=True, kw_only=True):
    """Everything that the units say of one office."""

    name: str
    """What its units are called after: `<name>.service`, `<name>-releaser.service`, …"""
    office: Path
    bin: Path
    """The folder of the program's `python`."""
    python: Path = Path("/usr")
    """Where that Python itself lies."""
    title: str = ""
    login: str = "kohoban"
    group: str = "kohoban-op"
    releaser: str = ""
    """The login of the releaser (`[office] releaser`); empty: the daemon starts it itself."""
    writes: tuple[Path, ...] = ()
    """Folders besides the office's own in which the daemon writes, because the rules name them …"""
    also: tuple[Path, ...] = ()
    """… and because whoever installs it has said so (backups)."""
    credentials: tuple[str, ...] = ()
    """The accounts whose credentials lie in `/etc/kohoban/<name>/`."""
    notices: tuple[str, ...] = ()
    """The command that carries notices; empty: none is sent."""
    notice_seconds: int = 20

    @property
    def state(self) -> Path:
        """What the daemon keeps."""
        return self.office / "state"

    @property
    def gate(self) -> Path:
        """The folder of the permit, on the tmpfs."""
        return RUN / self.name / "gate"

    @property
    def postman(self) -> Path:
        """Where notices are handed over."""
        return RUN / self.name / "postman"


def name_of(office: Path) -> str:
    """What an office's units are called: `kohoban`, or `kohoban-<folder>` where its folder is called otherwise."""
    plain = re.sub("[^a-z0-9]+", "-", office.name.lower()).strip("-")
    return "kohoban" if plain in ("", "kohoban") else f"kohoban-{plain}"


def files(place: Place) -> dict[Path, str]:
    """Every file of an installation, by where it belongs."""
    found = {
        SYSTEM / f"{place.name}.service": _daemon(place),
        SYSTEM / f"{place.name}.socket": _socket(place),
        TMPFILES / f"{place.name}.conf": _tmpfiles(place),
    }
    if place.releaser:
        found[SYSTEM / f"{place.name}-releaser.service"] = _releaser(place)
    if place.notices:
        found[SYSTEM / f"{place.name}-postman.socket"] = _postman_socket(place)
        found[SYSTEM / f"{place.name}-postman@.service"] = _postman(place)
    return found


def user_files(place: Place, home: Path) -> dict[Path, str]:
    """The same for a trial under one's own login: no logins of their own, and nothing is kept apart."""
    folder = home / ".config" / "systemd" / "user"
    return {folder / f"{place.name}.service": _trial(place), folder / f"{place.name}.socket": _trial_socket(place)}


def enabled(place: Place) -> list[str]:
    """The units that are to be started with the machine."""
    return [
        f"{place.name}.socket",
        f"{place.name}.service",
        *([f"{place.name}-releaser.service"] if place.releaser else []),
        *([f"{place.name}-postman.socket"] if place.notices else []),
    ]


def quoted(word: str) -> str:
    """A word of a command line, as systemd reads it back."""
    return _quoted(word.replace("$", "$$"))


def _folder(path: Path) -> str:
    """A path among several, or in quotes, of a setting that knows no variables: there a dollar is one."""
    return _quoted(str(path))


def _quoted(word: str) -> str:
    plain = word.replace("%", "%%")
    if re.fullmatch(r"[\w@%+=:,./$-]+", plain, re.ASCII):
        return plain
    return '"' + plain.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _path(path: Path) -> str:
    """A path of a setting that holds one path to the end of its line, which only reads specifiers."""
    return str(path).replace("%", "%%")


def _said(title: str) -> str:
    return title.replace("%", "%%").replace("\n", " ").replace("\\", "")


def _about(place: Place, ja: str, en: str) -> str:
    """What lists of units show of one, in both languages: several people read them, and the file is the same for all."""
    return f"Description=広報番{f' {said}' if (said := _said(place.title)) else ''}{ja} / Kohoban {en}"


def _unit(sections: Mapping[str, Iterator[str]]) -> str:
    head = "# kohoban service install が作成。直接直さず、やり直してください。 / Made by kohoban service install: run it again."
    return "\n\n".join([head, *("\n".join((f"[{name}]", *lines)) for name, lines in sections.items())]) + "\n"


def _python(place: Place, *words: str) -> str:
    return " ".join(map(quoted, (str(place.bin / "python"), "-P", "-m", *words)))


WATCHED = (
    "Type=notify",
    "NotifyAccess=main",
    "WatchdogSec=2s",
    "WatchdogSignal=SIGKILL",
    "Restart=always",
    "RestartSec=100ms",
    "TimeoutStartSec=60s",
    "TimeoutStopSec=30s",
    "KillMode=mixed",
)
"""How the daemon is watched: silent for two seconds, killed; dead for a tenth of one, started again."""

CLOSED = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "DevicePolicy=closed",
    "PrivateIPC=yes",
    "PrivateMounts=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectKernelLogs=yes",
    "ProtectControlGroups=yes",
    "ProtectClock=yes",
    "ProtectHostname=yes",
    "RestrictNamespaces=yes",
    "RestrictRealtime=yes",
    "LockPersonality=yes",
    "MemoryDenyWriteExecute=yes",
    "SystemCallArchitectures=native",
    "SystemCallErrorNumber=EPERM",
    "RemoveIPC=yes",
    "KeyringMode=private",
    "UMask=0027",
    "LimitCORE=0",
)
"""What neither the daemon nor the releaser needs."""


def _daemon(place: Place) -> str:
    def unit() -> Iterator[str]:
        yield _about(place, "", "daemon")
        yield f"Requires={place.name}.socket"
        yield f"After={place.name}.socket systemd-tmpfiles-setup.service"
        yield f"RequiresMountsFor={_folder(place.office)}"
        yield "# 何度落ちても、あきらめずに起こす。 / However often it falls, it is started again."
        yield "StartLimitIntervalSec=0"
        for path in place.also:
            yield f"X-Kohoban-Write={path}"

    def service() -> Iterator[str]:
        yield f"ExecStart={_python(place, 'daemon.service.main', '--office', str(place.office))}"
        yield from WATCHED
        yield f"User={place.login}"
        yield f"SupplementaryGroups={place.group}"
        if place.notices:
            yield f"Environment=KOHOBAN_POSTMAN={_path(place.postman)}"
        yield "LimitNOFILE=4096"
        yield ""
        yield "# F_SETLEASE: 書き終わっていない下書きを読まない。 / No draft is read while somebody still writes it."
        yield "CapabilityBoundingSet=CAP_LEASE"
        yield "AmbientCapabilities=CAP_LEASE"
        yield "# 通信はソケットだけ。発信は発信係が行う。 / No network: the releaser is the one that sends."
        yield "RestrictAddressFamilies=AF_UNIX"
        yield "IPAddressDeny=any"
        yield "PrivateNetwork=yes"
        yield from CLOSED
        yield "SystemCallFilter=@system-service"
        yield "SystemCallFilter=~@privileged @resources"
        yield "SystemCallFilter=setpriority"
        yield from _places(place, (place.office, place.gate.parent, *dict.fromkeys((*place.writes, *place.also))))
        yield f"ReadOnlyPaths=-{_folder(place.office / 'rules.toml')} -{_folder(place.office / 'policies')}"
        yield f"InaccessiblePaths=-{_folder(CREDENTIALS)}"
        yield "# 相手がだれかを知るため、次の三つは変えない。 / Who speaks is asked of the kernel: leave these three as they are."
        yield "PrivateUsers=no"
        yield "ProtectProc=default"
        yield "ProcSubset=all"

    return _unit(
        {"Unit": unit(), "Service": service(), "Install": iter(["WantedBy=multi-user.target", f"Also={place.name}.socket"])}
    )


def _places(place: Place, writes: tuple[Path, ...]) -> Iterator[str]:
    """Where it may write. What lies in a home is bound into an empty one, so that nothing else of it is seen."""
    reads = (place.bin.parent, place.python)
    if not any(map(_in_a_home, (*writes, *reads))):
        yield "ProtectHome=yes"
    else:
        yield "ProtectHome=tmpfs"
        yield from (f"BindReadOnlyPaths=-{_folder(path)}" for path in dict.fromkeys(filter(_in_a_home, reads)))
        yield from (f"BindPaths=-{_folder(path)}" for path in filter(_in_a_home, writes))
    yield f"ReadWritePaths={' '.join('-' + _folder(path) for path in writes)}"


def _in_a_home(path: Path) -> bool:
    return any(path.is_relative_to(home) for home in ("/home", "/root", "/run/user"))


def _socket(place: Place) -> str:
    def unit() -> Iterator[str]:
        yield _about(place, " の窓口", "socket")
        yield "StartLimitIntervalSec=0"

    def sockets() -> Iterator[str]:
        yield f"ListenStream={_path(place.state / 'socket')}"
        yield f"SocketUser={place.login}"
        yield f"SocketGroup={place.group}"
        yield "SocketMode=0660"
        yield "Backlog=1024"
        yield "TriggerLimitIntervalSec=0"

    return _unit({"Unit": unit(), "Socket": sockets(), "Install": iter(["WantedBy=sockets.target"])})


def _releaser(place: Place) -> str:
    def unit() -> Iterator[str]:
        yield _about(place, " の発信係", "releaser")
        yield "After=network-online.target systemd-tmpfiles-setup.service"
        yield "Wants=network-online.target"
        yield f"RequiresMountsFor={_folder(place.office)}"
        yield "StartLimitIntervalSec=0"

    def service() -> Iterator[str]:
        yield f"ExecStart={_python(place, 'daemon.release.hand', str(place.state), '--service')}"
        yield "Restart=always"
        yield "RestartSec=500ms"
        yield "TimeoutStopSec=60s"
        yield f"User={place.releaser}"
        yield f"SupplementaryGroups={place.group}"
        for account in place.credentials:
            yield f"LoadCredential={account}.toml:{_path(CREDENTIALS / place.name / account)}.toml"
        yield ""
        yield "CapabilityBoundingSet="
        yield "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"
        yield from CLOSED
        yield "RestrictSUIDSGID=yes"
        yield "SystemCallFilter=@system-service"
        yield "SystemCallFilter=~@privileged @resources"
        yield from _places(place, (place.state / "releaser", place.office / "outbox"))
        yield f"InaccessiblePaths=-{_folder(CREDENTIALS)} -{_folder(place.state / 'store')}"

    return _unit({"Unit": unit(), "Service": service(), "Install": iter(["WantedBy=multi-user.target"])})


def _postman_socket(place: Place) -> str:
    def sockets() -> Iterator[str]:
        yield f"ListenStream={_path(place.postman)}"
        yield "Accept=yes"
        yield "MaxConnections=4"
        yield f"SocketUser={place.login}"
        yield "SocketMode=0600"

    about = iter([_about(place, " の通知係の窓口", "socket of the postman")])
    return _unit({"Unit": about, "Socket": sockets(), "Install": iter(["WantedBy=sockets.target"])})


def _postman(place: Place) -> str:
    """Whatever a machine's sendmail is allowed to be (setgid, setuid, network), it may be here; of the office it sees nothing."""

    def service() -> Iterator[str]:
        yield f"ExecStart={_python(place, 'daemon.service.postman', str(place.notice_seconds), *place.notices)}"
        yield "StandardInput=socket"
        yield "StandardOutput=journal"
        yield f"User={place.login}"
        yield f"RuntimeMaxSec={place.notice_seconds + 15}"
        yield f"InaccessiblePaths=-{_folder(place.office)} -{_folder(CREDENTIALS)}"
        yield "ProtectSystem=full"
        yield "PrivateTmp=yes"
        yield "UMask=0077"
        yield "LimitCORE=0"

    return _unit({"Unit": iter([_about(place, " の通知係", "postman")]), "Service": service()})


def _tmpfiles(place: Place) -> str:
    return (
        "# 許可証のフォルダー。停止がディスクを要らないように、メモリーの上に置く。 / The permit's folder: a stop needs no disk.\n"
        f"d {_path(RUN)} 0755 root root -\n"
        f"d {_path(place.gate.parent)} 0755 root root -\n"
        f"d {_path(place.gate)} 2770 {place.login} {place.group} -\n"
    )


def _trial(place: Place) -> str:
    def unit() -> Iterator[str]:
        yield _about(place, "（試用）", "daemon (trial)")
        yield f"Requires={place.name}.socket"
        yield f"After={place.name}.socket"
        yield "StartLimitIntervalSec=0"

    def service() -> Iterator[str]:
        yield f"ExecStart={_python(place, 'daemon.service.main', '--office', str(place.office))}"
        yield from WATCHED
        yield "LimitCORE=0"
        yield "UMask=0077"

    return _unit(
        {"Unit": unit(), "Service": service(), "Install": iter(["WantedBy=default.target", f"Also={place.name}.socket"])}
    )


def _trial_socket(place: Place) -> str:
    def sockets() -> Iterator[str]:
        yield f"ListenStream={_path(place.state / 'socket')}"
        yield "SocketMode=0600"
        yield "Backlog=1024"
        yield "TriggerLimitIntervalSec=0"

    about = iter([_about(place, " の窓口（試用）", "socket (trial)"), "StartLimitIntervalSec=0"])
    return _unit({"Unit": about, "Socket": sockets(), "Install": iter(["WantedBy=sockets.target"])})
