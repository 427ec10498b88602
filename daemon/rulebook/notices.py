"""How an office is told of what waits (`[notices]` in `rules.toml`): by a mail through the machine's own sendmail, or by a command of its own.

Without `[notices]` nothing leaves the program, and notices stand in the console only.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

NoticeKind = Literal["waits", "returned", "due", "unknown", "stopped", "review", "unattended", "reaction", "test"]
"""What somebody is told of: a draft waits for them; theirs came back; a duty or a release time is near; nobody knows whether it went
out (不明); a stop; a 後閲 that is late; a queue that nobody attends; hostile reactions that somebody reports; a trial."""

URGENT: frozenset[NoticeKind] = frozenset({"unknown", "stopped", "review", "unattended", "reaction", "test"})
"""Told at once, at any hour."""

MUTABLE = ("waits", "returned", "due", "review", "unattended")
"""What a person may leave out (`mute`). A stop and 不明 reach everybody whom they concern."""

SENDMAIL = "/usr/sbin/sendmail"


class NoticeRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename={"from_": "from"}):
    """`[notices]`. `hook` is a command and its arguments, given the notice as JSON on stdin; where there is one, no mail is sent. One
    person gets one notice in `digest_minutes`, but for what is urgent. A draft whose time is less than `near_minutes` away and that is
    not approved is told of; so is what has waited for `unattended_hours` of the account's hours while nobody looked (0: never).
    `seconds` is the time after which the command or sendmail is given up."""

    hook: tuple[str, ...] = ()
    sendmail: str = SENDMAIL
    from_: str = ""
    digest_minutes: int = 15
    near_minutes: int = 60
    unattended_hours: int = 4
    seconds: int = 20

    @property
    def command(self) -> tuple[str, ...]:
        """What is run for each notice. Recipients stand in the mail's head (`-t`), so none of them can be taken for an option."""
        return self.hook or (self.sendmail, "-t", "-i")


QUIET = NoticeRules()
"""What an office without `[notices]` goes by: what is near, and what nobody attends, is shown in the console all the same."""


def why_no_address(mail: str) -> tuple[str, str] | None:
    """Why this cannot be the address of one person, in both languages; None where it can. Nothing in it may end the line of a mail's
    head, begin another address or an option."""
    name, found, host = mail.partition("@")
    plain = mail.isascii() and mail.isprintable() and not any(c in " ,;:<>()[]\\\"'`|&$" for c in mail)
    if plain and found and name and "." in host.strip(".") and "@" not in host and not mail.startswith("-") and len(mail) <= 254:
        return None
    return (
        f"「{mail!r}」は一人分のメールアドレスではありません（name@example.jp の形、半角で）。",
        f"{mail!r} is not one person's mail address (as in name@example.jp).",
    )
