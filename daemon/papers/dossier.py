"""決裁記録 as a paper: what a draft said, who decided what under which words of which clause, what became of it, and the entries of the
record themselves, so that whoever holds the paper can check it with nothing but sha256."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime

from daemon.papers.moments import minute, second
from daemon.papers.sheet import Block, Heading, Language, Pairs, Paper, Table, Verbatim, Words
from daemon.papers.tongue import Tongue, tongue
from daemon.wire.papers import DossierSeen
from daemon.wire.seen import FindingSeen, HistoryLine

Vocabulary = Callable[[str, str], str]
"""The office's word for a value of a table (`state`, `verdict`, `recorded`, `actor` …); an unknown one stays as it is."""

_NOBODY = ("file", "daemon")
_TOLD_APART = frozenset(
    {"account", "hash", "policy", "titles", "words", "clauses", "clause", "rule", "state", "release", "epoch", "passed", "seal",
     "name", "author", "revision", "replaces", "verdict", "alone", "prev"}
)  # fmt: skip
"""Details that stand elsewhere on the paper; every other one is told by its name, whoever has added it."""
_WORDED = ("how", "why", "outcome", "scope", "cause")
_MOMENTS = ("until", "due", "since")
"""Details that are a word of the program's, and those that are a moment."""
_NAMES: Mapping[str, tuple[str, str]] = {
    "reason": ("理由", "reason"),
    "note": ("備考", "note"),
    "until": ("期限・予約", "until"),
    "url": ("URL", "URL"),
    "how": ("方法", "how"),
    "entered_by": ("入力者", "entered by"),
    "reference": ("番号", "number"),
    "why": ("事由", "why"),
    "detail": ("詳細", "detail"),
    "outcome": ("結果", "outcome"),
    "deputy": ("代決", "as deputy for"),
    "old": ("前の名", "old name"),
    "new": ("後の名", "new name"),
    "version": ("要綱の版", "version of the policy"),
    "on_behalf": ("だれに代わり", "on behalf of"),
    "under": ("根拠", "under"),
    "basis": ("根拠", "basis"),
    "under_words": ("根拠の文言", "in the words"),
    "decided_by": ("決裁者", "decided by"),
    "countersigned_by": ("副署", "countersigned by"),
    "on": ("決裁日", "day of the decision"),
    "decision": ("決裁", "decision"),
    "sheet": ("票番号", "sheet"),
    "scan": ("写しのハッシュ", "hash of the scan"),
    "due": ("期限", "due"),
    "cause": ("後閲の事由", "endorsed because of"),
    "terminal": ("端末", "terminal"),
    "act": ("扱い", "act"),
    "held": ("保留", "held"),
    "of": ("元の投稿", "original"),
    "kind": ("種別", "kind"),
}


def dossier_paper(seen: DossierSeen, word: Vocabulary, language: Language = "ja") -> Paper:
    """The paper of one draft."""
    t = tongue(language)
    blocks = [
        *_head(seen, word, t),
        *_text(seen, t),
        *_decisions(seen, word, t),
        *_findings(seen, word, t),
        *_revisions(seen, word, t),
        *_releases(seen, word, t),
        *_around(seen, word, t),
        *_record(seen, word, t),
    ]
    title = t(f"決裁記録　下書き {seen.draft}", f"Record of decision, draft {seen.draft}")
    foot = t(
        f"{seen.office}　{minute(seen.made)} 作成　記録の先頭 {seen.entries} 番 {seen.head}",
        f"{seen.office}, made {minute(seen.made)}; head of the record: entry {seen.entries} {seen.head}",
    )
    return Paper(title, tuple(blocks), language, foot)


def _head(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    item = seen.item
    account = " ".join(filter(None, (seen.account_name, f"({seen.account})", seen.handle)))
    verified = "" if seen.author_verified else t("（名乗り。確かめられていません）", " (as stated; not verified)")
    policy = " ".join(filter(None, (seen.policy_title, seen.policy_version)))
    rows = [
        (t("件名", "title"), seen.title),
        (t("アカウント", "account"), account),
        (t("状態", "state"), t(seen.state, seen.state_en)),
        (t("作成者", "author"), _person(seen, seen.author) + verified),
        (t("ファイル", "file"), seen.path),
        *(
            (_matter(word, name), _front(name, value, word, t))
            for name, value in item.items()
            if name not in ("author", "images")
        ),
        (t("要綱", "policy"), policy or "-"),
        (t("要綱のハッシュ", "hash of the policy"), seen.policy_hash),
        (t("本文のハッシュ", "hash of the revision"), seen.hash),
        ("URL", seen.url or "-"),
    ]
    yield Pairs(tuple(rows))
    if not seen.policy_current:
        yield Words(
            t(
                "この判定の要綱は、いま効力のある版ではありません。条文は当時の文言です。",
                "The policy of this judgement is not the one in force now; the clauses have their words of that time.",
            ),
            "note",
        )


def _front(name: str, value: str, word: Vocabulary, t: Tongue) -> str:
    """A value of the front matter: the kind by its word, a poll by its choices and how long it runs."""
    if name in ("kind", "emergency"):
        return word(name, value)
    if name == "poll":
        with suppress(ValueError, KeyError, TypeError):
            poll = json.loads(value)
            return " / ".join(poll["options"]) + t(f"（{poll['minutes']:,} 分）", f" ({poll['minutes']:,} min)")
    return value


def _matter(word: Vocabulary, name: str) -> str:
    return word("matter", name)


def _person(seen: DossierSeen, login: str) -> str:
    name = seen.people.get(login, "")
    return f"{name} ({login})" if name else login or "-"


def _text(seen: DossierSeen, t: Tongue) -> Iterator[Block]:
    yield Heading(t("投稿文", "Text"))
    yield Verbatim(seen.text)
    if seen.images:
        head = (t("画像", "image"), t("代替テキスト", "alt text"), t("権利", "rights"), t("同意", "consent"), "SHA-256")
        yield Table("", head, tuple((i.file, i.alt, i.rights, i.consent, i.hash) for i in seen.images))


def detail_of(entry: HistoryLine) -> dict[str, object]:
    """The details of an entry; empty where it is not the daemon's JSON."""
    try:
        detail = json.loads(entry.detail)["detail"]
    except (ValueError, KeyError, TypeError):
        return {}
    return detail if isinstance(detail, dict) else {}


def _decisions(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    """What people did, in order, and the words of every clause under which they did it, as the record has them."""
    yield Heading(t("決裁と扱い", "Decisions"))
    rows, words = [], dict[str, str]()
    for entry in seen.history:
        detail = detail_of(entry)
        words |= _words_in(seen, detail)
        if entry.actor in _NOBODY:
            continue
        titles = detail.get("titles")
        posts = "、".join(map(str, titles)) if isinstance(titles, list) else ""
        who = "\n".join(filter(None, (_person(seen, entry.actor), posts)))
        rows.append(
            (
                minute(entry.at),
                who,
                word("recorded", entry.act),
                "、".join(_clauses_in(seen, detail)) or "-",
                _remarks(seen, detail, word, t),
                str(detail.get("hash", ""))[:12],
            )
        )
    head = (
        t("日時", "when"),
        t("誰が", "who"),
        t("扱い", "act"),
        t("条文", "clause"),
        t("理由・備考", "remarks"),
        t("版", "hash"),
    )
    yield Table("", head, tuple(rows))
    if words:
        yield Heading(t("決裁の根拠とした条文（当時の文言）", "The clauses they rested on, in the words of the time"), 3)
        yield Pairs(tuple(words.items()))


def _clauses_in(seen: DossierSeen, detail: Mapping[str, object]) -> list[str]:
    many = detail.get("clauses")
    ids = [str(each) for each in many] if isinstance(many, list) else []
    ids += [str(detail["clause"])] if detail.get("clause") else []
    return [_cite(seen, each) for each in ids]


def _cite(seen: DossierSeen, clause: str) -> str:
    cite = seen.cites.get(clause)
    return f"{cite}〔{clause}〕" if cite else clause


def _words_in(seen: DossierSeen, detail: Mapping[str, object]) -> dict[str, str]:
    """Clause by clause what the entry quotes; of a decision under several the words follow the clauses in their order."""
    said = detail.get("words")
    names = _clauses_in(seen, detail)
    if isinstance(said, str) and said and names:
        return {names[0]: said}
    if isinstance(said, list) and len(said) == len(names):
        return dict(zip(names, map(str, said), strict=True))
    if isinstance(said, list) and said:
        return {"、".join(names): "\n".join(map(str, said))}
    return {}


def _remarks(seen: DossierSeen, detail: Mapping[str, object], word: Vocabulary, t: Tongue) -> str:
    said = [t("単独", "alone")] if detail.get("alone") is True else []
    for name, value in detail.items():
        if name in _TOLD_APART or value in ("", None, False, []):
            continue
        if name in ("reason", "note", "detail", "old", "new", "proof") and str(value).startswith("sha256:"):
            value = t("（消去済み）", "(erased)")
        elif isinstance(value, list):
            value = "、".join(map(str, value))
        told = t(*_NAMES[name]) if name in _NAMES else name
        if shown := _shown(seen, name, value, word):
            said.append(f"{told}: {shown}")
    if rule := detail.get("rule"):
        said.append(f"{t('規則', 'rule')}: {rule}")
    return "\n".join(said) or "-"


def _shown(seen: DossierSeen, name: str, value: object, word: Vocabulary) -> str:
    """A detail as people say it; empty where there is nothing to say of it (decided at the console, as usual)."""
    if isinstance(value, str) and value in seen.people:
        return _person(seen, value)
    if name in _WORDED:
        return word(name, str(value)).strip()
    if name in _MOMENTS:
        with suppress(ValueError):
            at = datetime.fromisoformat(str(value))
            return minute(at) if at.tzinfo is not None else str(value)
    return str(value)


def _findings(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    yield Heading(t("指摘（最後の版、条文は当時の文言）", "Findings (last revision, in the words of the time)"))
    if not seen.findings:
        yield Words(t("指摘はありません。", "No finding."))
    for finding in seen.findings:
        level = word("verdict", finding.verdict) + (t("（例外として解除）", " (lifted)") if finding.lifted else "")
        yield Heading(f"{level}　{_named(finding, t)}", 3)
        rows = [(t("確認", "what"), t(finding.message, finding.message_en))]
        if finding.end > finding.start:
            rows.append((t("箇所", "where"), seen.text[finding.start : finding.end]))
        rows.append((t("条文", "clause"), finding.text or t("根拠規定なし", "no article carries it")))
        yield Pairs(tuple(rows))


def _named(finding: FindingSeen, t: Tongue) -> str:
    if not finding.clause.startswith("office/"):
        return finding.cite or finding.clause
    rule = finding.clause.removeprefix("office/")
    if not finding.basis:
        return t(f"庁内規則 {rule}（根拠規定なし）", f"office rule {rule} (no basis)")
    return t(f"庁内規則 {rule}（根拠: {finding.basis}）", f"office rule {rule} (basis: {finding.basis})")


def _revisions(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    yield Heading(t("版", "Revisions"))
    head = (t("版", "n"), t("受付", "came"), t("判定", "verdict"), t("条文", "clauses"), t("大きさ", "bytes"), "SHA-256")
    rows = tuple(
        (
            str(r.n),
            minute(r.at),
            word("verdict", r.verdict),
            "、".join(r.clauses),
            f"{r.size:,} {t('バイト', 'bytes')} {r.encoding}",
            r.hash,
        )
        for r in seen.revisions
    )
    yield Table("", head, rows, (0,))
    for revision in seen.revisions[:-1]:
        yield Heading(t(f"第{revision.n}版のファイル", f"The file of revision {revision.n}"), 3)
        left_out = t(
            "（ここには載せていません。上のハッシュの控えがあります）",
            "(not printed here; its bytes are kept under the hash above)",
        )
        yield Verbatim(left_out if revision.text is None else revision.text)


def _releases(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    yield Heading(t("発信", "Releases"))
    head = (
        t("番号", "no."), t("開始", "begun"), t("終了", "ended"), t("誰が", "by"), t("媒体の扱い", "channel"), t("結果", "outcome"),
        "URL", t("運用時間", "hours"),
    )  # fmt: skip
    rows = tuple(
        (
            str(r.id),
            minute(r.begun),
            minute(r.ended),
            word("actor", r.holder) if r.holder in _NOBODY else _person(seen, r.holder),
            word("channel", r.channel),
            word("recorded", r.state),
            r.url or "-",
            t(r.hours, r.hours_en) or "-",
        )
        for r in seen.releases
    )
    yield Table("", head, rows, (0,))


def _around(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    """What lay over the draft, and what followed it."""
    if seen.stops:
        yield Heading(t("この間の停止", "Stops meanwhile"))
        head = (
            t("範囲", "scope"),
            t("停止", "stopped"),
            t("誰が", "by"),
            t("確認", "confirmed"),
            t("再開", "resumed"),
            t("誰が", "by"),
        )
        rows = (
            (word("scope", s.scope), minute(s.at), s.by or "-", s.confirmed_by or "-", minute(s.ended), s.ended_by or "-")
            for s in seen.stops
        )
        yield Table("", head, tuple(rows))
    yield Heading(t("訂正・削除", "Corrections and deletions"))
    told = "、".join(f"#{draft}" for draft in seen.related)
    yield Words(t(f"関わる下書き: {told}", f"Drafts tied to this one: {told}") if told else t("ありません。", "None."))


def _record(seen: DossierSeen, word: Vocabulary, t: Tongue) -> Iterator[Block]:
    """The entries with their own bytes, and how to check them."""
    yield Heading(t("記録の写し", "The entries of the record"))
    yield Words(
        t(
            "各項のハッシュは、前の項のハッシュ（64桁）のすぐ後に原文をつないだものの SHA-256 です。次で確かめられます: "
            "printf '%s%s' 前のハッシュ '原文' | sha256sum　全体は kohoban audit verify で確かめ、先頭のハッシュを控えと比べてください。",
            "The hash of an entry is the SHA-256 of the hash before it (64 digits) directly followed by the entry's own bytes: printf '%s%s' "
            "PREV 'ENTRY' | sha256sum. Check the whole with kohoban audit verify, and compare the head with what was put by.",
        )
    )
    if seen.more:
        yield Words(t(f"古い {seen.more} 件は載せていません。", f"The {seen.more} oldest are left out."), "note")
    for entry, prev in zip(seen.history, seen.prevs, strict=False):
        yield Heading(f"{entry.seq}　{second(entry.at)}　{word('actor', entry.actor)}　{word('recorded', entry.act)}", 3)
        rows = [(t("前のハッシュ", "prev"), prev), (t("原文", "entry"), entry.record), (t("ハッシュ", "hash"), entry.hash)]
        rows += [
            (t(f"別に保管した文（{field}）", f"kept apart ({field})"), f"salt {kept.salt}: {kept.text}")
            for field, kept in entry.texts.items()
        ]
        yield Pairs(tuple(rows))
