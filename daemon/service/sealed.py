"""What the hand is given: a release or a measure as a sealed job, and the question what became of one."""

from __future__ import annotations

import os
from pathlib import Path

from daemon.desk import releasing
from daemon.moderation import sending
from daemon.release.jobs import EARLIER, Attached, Ballot, Job, Look, body_hash, key_of, moment
from daemon.rulebook.model import Account
from daemon.service.running import Running

UPLOADING = 128 << 10
"""… and how many bytes a second it may take to upload what is attached to it before."""


def job(office: Running, ticket: releasing.Ticket, platform_at: str, within: float, beside: Path | None = None) -> Job:
    """The sealed job of a release, which must begin `within` so many seconds; laid `beside` where it is a card."""
    account = ticket.account
    drafts = office.folder / "drafts" / account.id
    body = ticket.text.encode()
    return Job(
        id=str(ticket.release),
        draft=ticket.draft,
        hash=ticket.hash,
        body=body,
        body_hash=body_hash(body),
        account=account.id,
        platform=account.platform,
        handle=account.handle,
        channel=account.channel,
        epoch=ticket.epoch,
        deadline=moment() + within + sum(picture.size for picture in ticket.pictures) / UPLOADING,
        outbox=str(beside or outbox(office, account)),
        slug=Path(os.fsdecode(ticket.name)).stem,
        card={"approved_under": office.current.rulebook.policy_of(account.id).hash},
        images=tuple(
            Attached(path=str(drafts / picture.file), hash=picture.hash, alt=ticket.alts.get(picture.file, ""))
            for picture in ticket.pictures
        ),
        platform_at=platform_at,
        kind=ticket.kind,
        target=ticket.target,
        poll=Ballot(options=ticket.poll.options, minutes=ticket.poll.minutes) if ticket.poll is not None else None,
        key=_key(account, ticket.draft, ticket.hash),
        since=ticket.since.timestamp() if ticket.since is not None else 0.0,
    )


def look(office: Running, each: releasing.Open, platform_at: str) -> Look:
    """What became of this release?"""
    account = office.current.rulebook.accounts[each.account]
    return Look(
        id=str(each.release),
        channel=each.channel,
        account=each.account,
        handle=account.handle,
        body=each.body.encode(),
        since=each.begun_at.timestamp() - EARLIER,
        outbox=str(outbox(office, account)),
        platform_at=platform_at,
        kind=each.kind,
        target=each.target,
        key=_key(account, each.draft, each.hash),
        images=each.images,
    )


def measure(ticket: sending.Ticket, platform_at: str, within: float) -> Job:
    """The sealed job of a measure. It has no words."""
    account = ticket.account
    return Job(
        id=ticket.job,
        draft=0,
        hash="",
        body=b"",
        body_hash=body_hash(b""),
        account=account.id,
        platform=account.platform,
        handle=account.handle,
        channel=account.channel,
        epoch=ticket.epoch,
        deadline=moment() + within,
        platform_at=platform_at,
        kind=ticket.kind,
        target=ticket.target,
        key=key_of(account.platform, account.handle, account.id, f"measure {ticket.measure}"),
    )


def look_for_measure(office: Running, each: sending.Open, platform_at: str) -> Look:
    """What became of this measure?"""
    account = office.current.rulebook.accounts[each.account]
    return Look(
        id=sending.job_of(each.number),
        channel=each.channel,
        account=each.account,
        handle=account.handle,
        body=b"",
        since=each.begun_at.timestamp() - EARLIER,
        platform_at=platform_at,
        kind=each.kind,
        target=each.target,
        key=key_of(account.platform, account.handle, account.id, f"measure {each.measure}"),
    )


def outbox(office: Running, account: Account) -> Path:
    """The folder of an account whose channel is one."""
    return office.folder / "outbox" / account.id


def _key(account: Account, draft: int, digest: str) -> str:
    """The same for every try to release the same revision of the same draft on the same account."""
    return key_of(account.platform, account.handle, account.id, str(draft), digest)
