"""引継簿 as a paper: account by account what is not done, for whom it waits and since when; then what falls due."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daemon.papers.dossier import Vocabulary
from daemon.papers.moments import day, minute
from daemon.papers.sheet import Block, Heading, Language, Paper, Table, Words
from daemon.papers.tongue import Tongue, tongue
from daemon.wire.papers import AccountHandover, HandedOver, HandoverSeen


def handover_paper(seen: HandoverSeen, word: Vocabulary, language: Language = "ja") -> Paper:
    """The paper of a handover."""
    t = tongue(language)
    blocks: list[Block] = [Words(each, "alarm") for each in (seen.alarms_en if language == "en" else seen.alarms)]
    blocks += _stops(seen, word, t)
    for account in seen.accounts:
        blocks += _account(account, word, t)
    blocks += [*_exceptions(seen, t), *_reviews(seen, t), *_duties(seen, t)]
    if seen.follow_ups:
        blocks += [
            Heading(t("停止後の対応", "After the stop")),
            Words(t(f"媒体の上で残っているもの {seen.follow_ups} 件", f"{seen.follow_ups} left to do on the platforms")),
        ]
    title = t(f"引継簿　{minute(seen.made)}", f"Handover, {minute(seen.made)}")
    return Paper(title, tuple(blocks), language, seen.office)


def _account(account: AccountHandover, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    yield Heading(f"{account.name}（{account.account}）")
    now = t(account.reason, account.reason_en)
    if account.next_close:
        now += t(f"　{minute(account.next_close)} まで", f" until {minute(account.next_close)}")
    if account.next_open:
        now += t(f"　次は {minute(account.next_open)}", f"; next {minute(account.next_open)}")
    yield Words(now)
    if account.stopped:
        yield Words(t("停止中です。", "Stopped."), "alarm")
    if not account.counts:
        yield Words(t("引き継ぐ下書きはありません。", "No draft to hand over."))
        return
    yield Words("　".join(f"{word('state', state)} {count}" for state, count in account.counts.items()))
    head = (
        t("番号", "no."),
        t("件名", "title"),
        t("状態", "state"),
        t("いつから", "since"),
        t("予約", "at"),
        t("待っているもの", "waits for"),
    )
    yield Table("", head, tuple(_row(item, word, t) for item in account.items), (0,))
    if len(account.items) < (total := sum(account.counts.values())):
        left = total - len(account.items)
        yield Words(t(f"ほかに {left} 件あります（kohoban queue）。", f"And {left} more (kohoban queue)."), "note")


def _row(item: HandedOver, word: Vocabulary, t: Tongue) -> tuple[str, ...]:
    lines = [f"{t(m.what, m.what_en)} → {m.who}" + (f" [{m.clause}]" if m.clause else "") for m in item.waiting]
    title = item.title.strip() or item.path.rpartition("/")[2]
    return (
        str(item.draft),
        title,
        word("state", item.state),
        minute(item.since),
        minute(item.release_at),
        "\n".join(lines) or "-",
    )


def _stops(seen: HandoverSeen, word: Vocabulary, t: Tongue) -> Sequence[Block]:
    rows = tuple(
        (word("scope", s.scope), minute(s.at), s.by or "-", s.confirmed_by or t("未確認", "not yet")) for s in seen.stops
    )
    head = (t("範囲", "scope"), t("いつから", "since"), t("誰が", "by"), t("管理者の確認", "confirmed"))
    return [Heading(t("停止", "Stops")), Table("", head, rows)] if rows else []


def _exceptions(seen: HandoverSeen, t: Tongue) -> Sequence[Block]:
    head = (
        t("下書き", "draft"),
        t("条文", "clause"),
        t("規則", "rule"),
        t("誰が", "by"),
        t("理由", "reason"),
        t("いつまで", "until"),
    )
    rows = tuple((str(e.draft), e.clause, e.rule, e.by, e.reason, minute(e.until)) for e in seen.exceptions)
    return [Heading(t("効いている例外", "Exceptions in force")), Table("", head, rows, (0,))] if rows else []


def _reviews(seen: HandoverSeen, t: Tongue) -> Sequence[Block]:
    head = (
        t("下書き", "draft"),
        t("件名", "title"),
        t("決めた人", "decided by"),
        t("待っている相手", "from"),
        t("期限", "due"),
        "",
    )
    rows = tuple(
        (str(r.draft), r.title, r.by_name or r.by, r.who, minute(r.due), t("期限を過ぎています", "overdue") if r.late else "")
        for r in seen.reviews
    )
    return [Heading(t("後閲の期限", "Retrospective approvals due")), Table("", head, rows)] if rows else []


def _duties(seen: HandoverSeen, t: Tongue) -> Sequence[Block]:
    head = (t("務め", "duty"), t("アカウント", "account"), t("期限", "due"), t("前回", "last"), "")
    rows = tuple(
        (
            t(d.title, d.title_en),
            d.account or "-",
            day(d.due.date() if d.due else None),
            minute(d.last),
            t("期限を過ぎています", "overdue") if d.overdue else "",
        )
        for d in seen.duties
    )
    return [Heading(t("務め", "Duties")), Table("", head, rows)] if rows else []
