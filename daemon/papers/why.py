"""「なぜ私のコメントは消されたのか」 as a page for whoever asks: the published clause word for word, who judged and when, what was really done.

It is for a citizen. Nothing of the office's own notes stands on it: no reason in its own words, nothing that was said about the comment
inside, nobody's name but the post's, and neither the comment nor its author.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from daemon.papers.dossier import Vocabulary
from daemon.papers.moments import minute
from daemon.papers.sheet import Block, Heading, Language, Pairs, Paper, Table, Verbatim, Words
from daemon.papers.tongue import Tongue, tongue
from daemon.wire.bench import MeasureSeen, WhySeen


def why_paper(seen: WhySeen, word: Vocabulary, language: Language = "ja") -> Paper:
    """The page. What the office has not written down (whom to ask, where the policy can be read) is left for it to add by hand."""
    t = tongue(language)
    title = t("あなたのコメントへの対応について", "About your comment")
    return Paper(title, tuple(_blocks(seen, word, t)), language, f"{seen.municipality}　{seen.account}")


def public_facts(seen: WhySeen) -> dict[str, Any]:
    """The same facts for a program: nothing more than the page says."""
    return {
        "municipality": seen.municipality,
        "account": seen.account,
        "handle": seen.handle,
        "platform": seen.platform,
        "policy": seen.policy,
        "policy_url": seen.policy_url,
        "version": seen.version,
        "posted_at": seen.posted_at,
        "judged_at": seen.judged_at,
        "judge": seen.judge,
        "cite": seen.cite,
        "words": seen.words,
        "power_cite": seen.power_cite,
        "power": seen.power,
        "measures": [
            {"asked": each.asked, "really": each.really, "state": each.state, "done_at": _done_at(each)} for each in seen.measures
        ],
        "contact": seen.contact,
        "undone": seen.undone,
    }


def _blocks(seen: WhySeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    where = f"{word('platform', seen.platform)} @{seen.handle.lstrip('@')}"
    yield Words(
        t(
            f"{seen.municipality}「{seen.account}」（{where}）に寄せられたコメントについてのお尋ねに、お答えします。",
            f"You have asked about a comment to {seen.account} ({where}) of {seen.municipality}.",
        )
    )
    yield Pairs(
        (
            (t("コメントの日時", "the comment is of"), minute(seen.posted_at)),
            (t("判断した日時", "judged"), minute(seen.judged_at)),
            (t("判断した職", "judged by"), seen.judge),
        )
    )
    if seen.undone:
        yield Words(
            t(
                "この判断は、その後取り消しました。行った措置のうち戻せるものは、元に戻します。",
                "This decision has been taken back since. What can be reversed of its measures is reversed.",
            ),
            "alarm",
        )
    yield Heading(t("何をしたか", "What was done"))
    yield from _measures(seen, word, t)
    if seen.cite:
        yield Heading(t("なぜか", "Why"))
        yield from _grounds(seen, t)
    yield Heading(t("どう決めたか", "How it was decided"))
    yield Words(
        t(
            "機械は確かめる箇所を示すだけで、判断も措置もしません。上の職にある者が、条文に当たるかどうかを判断しました。",
            "A machine only points out what to look at: it neither judges nor acts. The holder of the post above judged whether the clause "
            "applies.",
        )
    )
    yield Heading(t("お問い合わせ", "Whom to ask"))
    if seen.contact:
        yield Words(seen.contact)
    else:
        yield Words(
            t(
                "（この部署の連絡先を書き入れてください。rules.toml の [[accounts]] に contact と書くと、ここに入ります。）",
                "(Write down whom to ask. It stands here where rules.toml has a contact for the account.)",
            ),
            "note",
        )


def _measures(seen: WhySeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    if not seen.measures:
        yield Words(
            t(
                "措置は行っていません。コメントはそのままです。",
                "No measure was taken: the comment stands as it was.",
            )
        )
        return
    head = (
        t("要綱上の措置", "measure of the policy"),
        t("実際に行うこと", "what is really done"),
        t("いま", "now"),
        t("実施の日時", "done"),
    )
    rows = tuple(
        (
            word("action", each.asked),
            word("action", each.really) if each.really else t("この媒体ではできません", "not possible on this platform"),
            _state(each, t),
            minute(_done_at(each)),
        )
        for each in seen.measures
    )
    yield Table("", head, rows)
    for each in seen.measures:
        if each.really == "hide" and each.asked == "delete":
            asked, really = word("action", each.asked), word("action", each.really)
            yield Words(
                t(
                    f"要綱は「{asked}」と定めていますが、{word('platform', seen.platform)}では、運営者にできるのは「{really}」までです。"
                    "表示しにくくなりますが、消えてはいません。",
                    f"The policy says “{asked}”. On {word('platform', seen.platform)} the office can only “{really}”: the comment is harder to see, "
                    "and has not been removed.",
                )
            )


def _grounds(seen: WhySeen, t: Tongue) -> Iterator[Block]:
    version = f"（{seen.version}）" if seen.version else ""
    yield Words(
        t(
            f"「{seen.policy}」{version}の次の定めに当たると判断したためです。{seen.cite}",
            f"It was judged to come under this clause of {seen.policy} {version}: {seen.cite}",
        )
    )
    yield Verbatim(seen.words)
    if seen.power:
        yield Words(
            t(
                f"当たる場合の措置は、次のように定めています。{seen.power_cite}",
                f"What follows is laid down here: {seen.power_cite}",
            )
        )
        yield Verbatim(seen.power)
    if seen.policy_url:
        yield Words(t(f"全文は {seen.policy_url} で読めます。", f"The whole text can be read at {seen.policy_url} ."))
    else:
        yield Words(
            t(
                "（全文を公表している場所を書き入れてください。rules.toml の [[accounts]] に policy_url と書くと、ここに入ります。）",
                "(Write down where the whole text is published. It stands here where rules.toml has a policy_url for the account.)",
            ),
            "note",
        )


def _state(each: MeasureSeen, t: Tongue) -> str:
    return {
        "due": t("これから行います", "to be done"),
        "taken": t("行っているところです", "being done"),
        "done": t("行いました", "done"),
        "not_done": t("行えませんでした", "could not be done"),
        "dropped": t("取りやめました", "dropped"),
        "impossible": t("行っていません", "not done"),
    }.get(each.state, each.state)


def _done_at(each: MeasureSeen) -> Any:
    return each.done_at if each.state == "done" else None
