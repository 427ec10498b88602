"""Papers of an office at work: `dossier` (決裁記録), `handover` (引継簿), `report` (委員会報告), `accounts` (公式アカウント一覧), made of what
the daemon answers."""

from __future__ import annotations

import msgspec

from console.cli.command import Session, argument, command, option
from console.cli.drafts import find
from console.cli.link import Link
from console.cli.papering import PUBLIC, deliver, in_form, in_language, to_file
from console.cli.place import moment
from console.cli.terminal import SCHEMA
from console.words import word
from daemon.papers.accounts import accounts_paper
from daemon.papers.dossier import dossier_paper
from daemon.papers.handover import handover_paper
from daemon.papers.report import report_paper
from daemon.wire.papers import (
    AccountList,
    AccountsListed,
    Dossier,
    DossierSeen,
    Handover,
    HandoverSeen,
    PostSeen,
    PostsOf,
    Report,
    ReportPosts,
    ReportSeen,
)

PATIENCE = 90.0
"""Seconds to wait for a report."""


@command("dossier", argument("DRAFT"), in_form("txt", "html", "md", "json", default="txt"), to_file())
def dossier(session: Session, draft: str, form: str, file: str | None) -> int:
    """決裁記録: one draft's whole story."""
    with session.link() as link:
        seen = link.ask(Dossier(draft=find(link, draft)), DossierSeen)
    data = {"schema": SCHEMA, **msgspec.to_builtins(seen)}
    return deliver(session, dossier_paper(seen, word, in_language()), form, file, data=data)


@command(
    "handover", option("--account", key="account", metavar="ID"), in_form("txt", "html", "md", "json", default="txt"), to_file()
)
def handover(session: Session, account: str | None, form: str, file: str | None) -> int:
    """引継簿: what whoever comes next has to know."""
    with session.link() as link:
        seen = link.ask(Handover(account=account or ""), HandoverSeen)
    data = {"schema": SCHEMA, **msgspec.to_builtins(seen)}
    return deliver(session, handover_paper(seen, word, in_language()), form, file, data=data)


@command(
    "report",
    option("--from", "since", key="report_from", metavar="DATE", required=True),
    option("--to", "until", key="report_to", metavar="DATE", required=True),
    option("--account", key="accounts", metavar="ID", multiple=True),
    option("--policy", key="report_policy", metavar="ID", multiple=True),
    option("--titles", key="report_titles", is_flag=True),
    in_form("md", "csv", "html", "txt", "json", default="md"),
    to_file(),
)
def report(
    session: Session,
    since: str,
    until: str,
    account: tuple[str, ...],
    policy: tuple[str, ...],
    titles: bool,
    form: str,
    file: str | None,
) -> int:
    """委員会報告: the figures of a period."""
    asked = Report(since=moment(since).date(), until=moment(until).date(), accounts=account, policies=policy)
    with session.link() as link:
        seen = link.ask(asked, ReportSeen, timeout=PATIENCE)
        posts = _posts(link, asked) if titles else []
    data = {"schema": SCHEMA, **msgspec.to_builtins(seen), **({"posts": msgspec.to_builtins(posts)} if titles else {})}
    return deliver(session, report_paper(seen, word, in_language(), posts), form, file, data=data)


def _posts(link: Link, asked: Report) -> list[PostSeen]:
    """Every post of the period, page by page."""
    posts: list[PostSeen] = []
    more = True
    while more:
        after = posts[-1].release if posts else 0
        query = PostsOf(since=asked.since, until=asked.until, accounts=asked.accounts, policies=asked.policies, after=after)
        page = link.ask(query, ReportPosts)
        posts += page.posts
        more = page.more and bool(page.posts)
    return posts


@command("accounts", in_form("md", "html", "txt", "json", default="md"), to_file())
def accounts(session: Session, form: str, file: str | None) -> int:
    """公式アカウント一覧: what the homepage lists."""
    with session.link() as link:
        seen = link.ask(AccountsListed(), AccountList)
    data = {"schema": SCHEMA, **msgspec.to_builtins(seen)}
    return deliver(session, accounts_paper(seen, word, in_language()), form, file, data=data, mode=PUBLIC)
