"""What `kohoban doctor` says of terminals and secrets: whether what proves a terminal is there, and whether credentials are closed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from console.cli.command import text
from console.cli.link import Link
from console.cli.outcome import Failure
from console.words import choose
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import RulebookError, Terminals
from daemon.wire import Myself, WhoAmI

PAM = Path("/etc/pam.d")
MOUNTS = Path("/proc/mounts")
_HOOK = "kohoban-session-record"


def asks_for_terminals(office: Path) -> bool:
    """Whether a policy of this office has a terminal clause, and asks for proof here."""
    try:
        book = load_rulebook(office)
    except (RulebookError, OSError):
        return False
    if book.office.training and not book.office.practise_terminals:
        return False
    followed = {account.policy for account in book.accounts.values()}
    return any(isinstance(rule, Terminals) for name in followed for rule in book.policies[name].rules)


def faults(pam: Path = PAM, mounts: Path = MOUNTS) -> Iterator[str]:
    """What keeps a terminal from being proved on this machine, as far as the caller can see it."""
    try:
        lines = [line.split("#")[0].split() for line in (pam / "sshd").read_text(errors="replace").splitlines()]
    except OSError:
        lines = []
    own = [n for n, line in enumerate(lines) if any(_HOOK in word for word in line)]
    login = [n for n, line in enumerate(lines) if "pam_loginuid.so" in line]
    theirs = [n for n, line in enumerate(lines) if "user_readenv=1" in line]
    if not login:
        yield text("witnesses.no_loginuid", file=pam / "sshd")
    if not own:
        yield text("witnesses.no_hook", file=pam / "sshd")
    elif (login and own[0] < login[0]) or (theirs and own[0] > theirs[0]):
        yield text("witnesses.order", file=pam / "sshd")
    if hidden(mounts):
        yield text("witnesses.hidepid")


def hidden(mounts: Path) -> bool:
    """Whether /proc hides the processes of others."""
    try:
        lines = [line.split() for line in mounts.read_text(errors="replace").splitlines()]
    except OSError:
        return False
    options = next((line[3].split(",") for line in lines if len(line) > 3 and line[1] == "/proc"), [])
    return any(each.startswith("hidepid=") and each.partition("=")[2] not in ("0", "off") for each in options)


def here(office: Path, operator: str) -> str:
    """How the daemon knows this very terminal, or why it does not; "" where it does not answer."""
    try:
        with Link(office, operator) as link:
            me = link.ask(WhoAmI(), Myself)
    except Failure:
        return ""
    return choose(me.known, me.known_en)
