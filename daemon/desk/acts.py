"""What a person decides about a draft: 承認, 差戻し, 取下げ, 例外, 予約. Each is one operation of the store's writer, checked inside it.

Every decision is bound to the hash of the revision that the person saw, and its entry in the record holds the policy's hash and the
words of the clause.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from daemon.desk import passed
from daemon.desk.case import Case, Setting, hours_rules, load, save
from daemon.desk.refused import Refused
from daemon.judge import Approval, Judgement, lines_of, may_approve, may_lift
from daemon.rulebook.calendar import TOKYO, opening
from daemon.rulebook.model import Account, Operator, Policy
from daemon.store import Tx
from daemon.wire.acts import Approve, Except, Return, Schedule, Withdraw
from daemon.wire.answers import Done

Op = Callable[[Tx], Done]
_encode = msgspec.json.encode


def approve(act: Approve, who: Operator, setting: Setting) -> Op:
    """承認 of exactly these bytes, by the policy's approver table; from 保留 it confirms again, and where the draft's moment has passed it
    needs a reason. Whoever has approved them already is told so, and nothing is written: the record would otherwise count two approvals
    where there is one."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        serves(who, case.account)
        if case.state not in ("waiting", "held"):
            case.step("confirm")  # says what the state is and refuses
        refused = may_approve(who, case.item, case.situation(setting), setting.book)
        if refused is not None:
            raise Refused(refused.code, refused.message, refused.message_en, clause=refused.clause)
        if (before := approved_by(case, who)) is not None:
            return _approved_before(case, before, setting)
        over = passed.passed(case, setting.now) if case.state == "held" else None
        if over is not None and not act.reason.strip():
            raise passed.ask_again(over)
        policy = case.policy(setting.book)
        tx.db.execute(
            "INSERT INTO approvals (draft, hash, login, titles, at, reason, policy_hash) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT "
            "DO UPDATE SET at = excluded.at, titles = excluded.titles, reason = excluded.reason, policy_hash = excluded.policy_hash",
            (case.id, case.hash, who.login, _encode(who.titles), tx.now, act.reason, policy.hash),
        )
        if case.state == "held":
            case = replace(case.step("confirm"), release_at=None if over else case.release_at)
        case = load_decisions(tx, case, setting)
        case, judgement = rejudge(case, setting)
        save(tx.db, case, tx.now)
        lines = [line for line in judgement.missing if line.act == "approve"]
        under = {rule.clause: None for rule in lines_of(who, case.item, case.situation(setting), setting.book)}
        head = _record(
            tx,
            who,
            "approve",
            case,
            policy,
            reason=act.reason,
            passed=over.isoformat() if over else "",
            alone=who.login == case.author,
            clauses=list(under),
            words=[clause.text for each in under if (clause := policy.clause(each))],
        )
        if lines:
            more, more_en = lines[0].who, lines[0].what_en
            return _done(case, head, f"承認しました。あと {more} の承認が要ります。", f"Approved. Still missing: {more_en}")
        return _done(case, head, *_what_now(case))

    return op


def approved_by(case: Case, who: Operator) -> Approval | None:
    """The approval of these bytes that this person has given, where another would change nothing. A draft in 保留 is asked about anew,
    and so is somebody who holds other posts by now."""
    same = (each for each in case.approvals if (each.login, each.titles) == (who.login, who.titles))
    return next(same, None) if case.state == "waiting" else None


def _approved_before(case: Case, before: Approval, setting: Setting) -> Done:
    missing = case.judged(setting).missing
    more = next((line for line in missing if line.act == "approve"), None)
    at = f"{before.at.astimezone(TOKYO):%m/%d %H:%M}"
    ja, en = f"この版は、あなたが {at} に承認しています。", f"You have approved this revision already ({at})."
    if more is not None:
        return _done(case, "", f"{ja}あと {more.who} の承認が要ります。", f"{en} Still missing: {more.what_en}")
    return _done(case, "", f"{ja}ほかに待っているものがあります。", f"{en} It waits for other things.")


def give_back(act: Return, who: Operator, setting: Setting) -> Op:
    """差戻し: back to the author, with the reason that the author will read."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        serves(who, case.account, manager=True)
        reason = given(act.reason)
        case = replace(case.step("return"), returned=reason, release_at=None)
        save(tx.db, case, tx.now)
        head = _record(tx, who, "return", case, case.policy(setting.book), reason=reason)
        return _done(case, head, "差し戻しました。理由は作成者の判定ファイルに出ます。", "Returned; the author sees the reason.")

    return op


def withdraw(act: Withdraw, who: Operator, setting: Setting) -> Op:
    """取下げ: out of the queue without release. The file stays where it is; edited, it comes in again as a new draft."""

    def op(tx: Tx) -> Done:
        case = load(tx.db, act.draft, setting.book)
        serves(who, case.account)
        case = replace(case.step("withdraw"), release_at=None)
        save(tx.db, case, tx.now)
        head = _record(tx, who, "withdraw", case, case.policy(setting.book), reason=act.reason)
        return _done(case, head, "取り下げました。", "Withdrawn.")

    return op


def lift(act: Except, who: Operator, setting: Setting) -> Op:
    """例外: one hold of one revision is lifted by a person whom its clause names, with a reason."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        reason = given(act.reason)
        judgement = case.judged(setting)
        holds = [f for f in judgement.findings if f.verdict == "hold" and not f.lifted]
        finding = next((f for f in holds if f.rule == act.rule), None)
        if finding is None:
            there = ", ".join(dict.fromkeys(f.rule for f in holds)) or "-"
            raise Refused(
                "no_such",
                f"この下書きに、例外にできる保留「{act.rule}」はありません。いまあるのは: {there}",
                f"This draft has no hold “{act.rule}” that could be lifted. There are: {there}",
            )
        refused = may_lift(who, finding, case.item, case.situation(setting), setting.book)
        if refused is not None:
            raise Refused(refused.code, refused.message, refused.message_en, clause=refused.clause)
        tx.db.execute(
            "INSERT INTO lifts (draft, hash, rule, clause, login, titles, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT DO NOTHING",
            (case.id, case.hash, act.rule, finding.clause, who.login, _encode(who.titles), reason, tx.now),
        )
        case = load_decisions(tx, case, setting)
        if case.state == "scheduled" and act.rule in hours_rules(case.policy(setting.book)):
            case = replace(case.step("due"), release_at=None)  # the hours were what it waited for
        if case.state != "held":
            case, _ = rejudge(case, setting)
        save(tx.db, case, tx.now)
        head = _record(
            tx,
            who,
            "except",
            case,
            case.policy(setting.book),
            rule=act.rule,
            clause=finding.clause,
            words=finding.text,
            reason=reason,
        )
        return _done(case, head, f"例外として認めました（{finding.cite}）。", f"Lifted as an exception ({finding.clause}).")

    return op


def schedule(act: Schedule, who: Operator, setting: Setting) -> Op:
    """予約: release at that time, or at the next opening; a closed time is refused with the clause and the next opening."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        serves(who, case.account)
        policy = case.policy(setting.book)
        at = _moment(act.at) if act.at else next_opening(case, setting)
        if at <= setting.now:
            raise Refused(
                "time",
                f"{at:%Y-%m-%d %H:%M} は過ぎています。先の時刻を指定してください。",
                f"{at:%Y-%m-%d %H:%M} has passed: give a later time.",
            )
        if not hours_lifted(case, policy):
            then = opening(policy, at, closed=setting.book.office.closed, account=case.account)
            if not then.open:
                following = f"{then.next_open:%m/%d %H:%M}" if then.next_open else "—"
                raise Refused(
                    "hours",
                    f"{at:%m/%d %H:%M} は時間外です（{then.reason}）。次の開庁は {following} です。",
                    f"{at:%m/%d %H:%M} is outside hours ({then.reason_en}). Next opening: {following}.",
                    clause=then.clause,
                )
        case = replace(case.step("set_time"), release_at=at)
        save(tx.db, case, tx.now)
        head = _record(tx, who, "schedule", case, policy, until=at.isoformat())
        return _done(case, head, *_what_now(case))

    return op


def _moment(at: datetime) -> datetime:
    """A time that a caller gave, as the office reads it. Raises Refused for one outside the calendar, or without a zone."""
    try:
        if at.tzinfo is not None and at.year < 3000:
            return at.astimezone(TOKYO)
    except OverflowError:
        pass
    raise Refused(
        "time",
        "この日時は予約に使えません。2026-11-24T09:00:00+09:00 の形で指定してください。",
        "Nothing can be scheduled for that time: give it as in 2026-11-24T09:00:00+09:00.",
    )


def current(tx: Tx, draft: int, seen: str, setting: Setting) -> Case:
    """The draft, if its revision is still the one that the person saw. Raises Refused (`stale`) when it has changed since."""
    case = load(tx.db, draft, setting.book)
    if seen != case.hash:
        raise Refused(
            "stale",
            "見ていた版のあとに新しい版が届いています。読み直してから決めてください。",
            "A newer revision has come since the one you saw: read it, then decide.",
        )
    return case


def serves(who: Operator, account: Account, *, manager: bool = False) -> None:
    """Raises Refused (`role`) unless this person serves the account (as a manager, where that is asked)."""
    if account.policy not in who.policies:
        raise Refused(
            "role",
            f"{who.name}さんは、アカウント {account.name} の担当ではありません（rules.toml の policies）。",
            f"{who.login} does not serve the account {account.id} (policies in rules.toml).",
        )
    if who.role == "viewer" or (manager and who.role != "manager"):
        raise Refused(
            "role",
            "この操作は管理者の役目です。" if manager else "閲覧者は見ることと停止することだけできます。",
            "This is for a manager." if manager else "A viewer looks and stops, nothing else.",
        )


def given(reason: str) -> str:
    """The reason, trimmed. Raises Refused where there is none."""
    if reason.strip():
        return reason.strip()
    raise Refused(
        "reason", "理由を書いてください（--reason）。記録に残ります。", "Give a reason (--reason): it goes into the record."
    )


def rejudge(case: Case, setting: Setting) -> tuple[Case, Judgement]:
    """The draft judged again after a decision, with its time set: the time somebody chose for it, its author's, or the next opening
    when it is closed now."""
    judgement = case.judged(setting)
    case = case.settled(judgement, setting)
    closed = any(line.rule in hours_rules(case.policy(setting.book)) for line in judgement.missing)
    if case.state == "approved":
        at = _time_for(case, setting, closed=closed)
        return (replace(case, release_at=None) if at is None else replace(case.step("set_time"), release_at=at)), judgement
    return case, judgement


def _time_for(case: Case, setting: Setting, *, closed: bool) -> datetime | None:
    """When an approved draft goes out: the chosen or the author's time (the opening after it, where that is outside hours), else now,
    else the next opening. None for now."""
    policy = case.policy(setting.book)
    wanted = next((at for at in (case.release_at, case.item.release_at) if at is not None and at > setting.now), None)
    if wanted is None:
        return next_opening(case, setting) if closed else None
    then = opening(policy, wanted, closed=setting.book.office.closed, account=case.account)
    if then.open or then.next_open is None or hours_lifted(case, policy):
        return wanted
    return then.next_open


def load_decisions(tx: Tx, case: Case, setting: Setting) -> Case:
    """The same step of the draft, with the decisions as they stand in the database now."""
    fresh = load(tx.db, case.id, setting.book)
    return replace(case, approvals=fresh.approvals, lifts=fresh.lifts)


def hours_lifted(case: Case, policy: Policy) -> bool:
    """True where the hours do not bind this revision: lifted for it, or declared an emergency."""
    return case.item.emergency or any(each.rule in hours_rules(policy) for each in case.lifts)


def next_opening(case: Case, setting: Setting) -> datetime:
    """When the account opens next. Raises Refused where it is open now (or always), and when the calendar cannot tell."""
    state = opening(case.policy(setting.book), setting.now, closed=setting.book.office.closed, account=case.account)
    if state.open:
        raise Refused(
            "time",
            "今は発信できる時間です。予約するなら時刻を指定してください。",
            "It is open now: give a time to schedule for.",
            clause=state.clause,
        )
    if state.next_open is None:
        raise Refused(
            "time",
            f"次の開庁時刻が分かりません（{state.reason}）。時刻を指定してください。",
            f"The next opening is not known ({state.reason_en}): give a time.",
            clause=state.clause,
        )
    return state.next_open


def _what_now(case: Case) -> tuple[str, str]:
    if case.state == "scheduled" and case.release_at is not None:
        at = case.release_at.astimezone(TOKYO)
        return f"{at:%m/%d %H:%M} の発信に予約しました。", f"Scheduled for {at:%m/%d %H:%M}."
    if case.state == "approved":
        if case.account.channel == "manual":
            return "承認済です。発信カードを取ると投稿できます。", "Approved: take its release card to post it."
        return "承認済です。まもなく発信します。", "Approved: it goes out now."
    return (
        "承認を記録しました。ほかにも待っているものがあります（「なぜまだ出ないか」に出ています）。",
        "Recorded. It waits for other things too: see why it is not out yet.",
    )


def _record(tx: Tx, who: Operator, act: str, case: Case, policy: Policy, **detail: str | bool | list[str]) -> str:
    return tx.record(
        who.login,
        act,
        case.id,
        account=case.account.id,
        hash=case.hash,
        state=case.state,
        titles=list(who.titles),
        policy=policy.hash,
        **detail,
    )


def _done(case: Case, head: str, message: str, message_en: str) -> Done:
    return Done(message=message, message_en=message_en, draft=case.id, state=case.state, audit_head=head)
