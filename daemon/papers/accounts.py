"""公式アカウント一覧 as a paper for the homepage: who speaks where, for what, and where the policy can be read."""

from __future__ import annotations

from daemon.papers.dossier import Vocabulary
from daemon.papers.moments import day, minute
from daemon.papers.sheet import Block, Heading, Language, Pairs, Paper, Words
from daemon.papers.tongue import tongue
from daemon.wire.papers import AccountList, AccountSeen


def accounts_paper(seen: AccountList, word: Vocabulary, language: Language = "ja") -> Paper:
    """The list, an account after the other. What the office has not written down is left out, never guessed."""
    t = tongue(language)
    blocks: list[Block] = []
    if seen.training:
        blocks.append(Words(t("訓練の一覧です。公表しないでください。", "A training office: not for publication."), "alarm"))
    for account in seen.accounts:
        rows = [
            (t("媒体", "platform"), word("platform", account.platform)),
            (t("ユーザー名", "user name"), account.handle),
            ("URL", account.url),
            (t("運営主体", "run by"), f"{account.municipality} {account.unit}"),
            (t("目的", "purpose"), account.purpose),
            (t("運用方針", "policy"), _policy(account)),
            (t("問合せ", "contact"), account.contact),
            (t("開設", "since"), day(account.since) if account.since else ""),
        ]
        blocks += [Heading(account.name), Pairs(tuple((name, value) for name, value in rows if value))]
    title = t("公式アカウント一覧", "Official accounts")
    return Paper(title, tuple(blocks), language, f"{seen.office}　{minute(seen.made)}")


def _policy(account: AccountSeen) -> str:
    since = f"（{account.policy_from.isoformat()}〜）" if account.policy_from else ""
    return f"{account.policy_title}{since} {account.policy_url}".strip()
