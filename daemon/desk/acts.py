"""What a person decides about a draft: 承認, 差戻し, 取下げ, 予約. Each is one operation of the store's writer, checked inside it.

Every decision is bound to the hash of the revision that the person saw, and its entry in the record holds the policy's hash and the
words of the clause.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec.structs import replace

from daemon.desk import guard, passed
from daemon.desk.approved import approved_by, was_faster
from daemon.desk.capacity import as_deputy, entry_of, granted, titles_held, told
from daemon.desk.case import Case, Setting, hours_rules, load, opening_of, save
from daemon.desk.manner import Manner, allowed
from daemon.desk.reviewing import open_review, said
from daemon.desk.undoable import decision
from daemon.judge import Approval, Capacity, Judgement, approving, cost_of, lines_of, step_now
from daemon.judge.costing import dollars
from daemon.judge.deputies import capacities
from daemon.refused import Refused, given, serves
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Account, Clause, Operator, Policy
from daemon.rulebook.shape import suggest
from daemon.store import Tx
from daemon.wire.acts import Approve, Return, Schedule, Withdraw
from daemon.wire.answers import Done

Op = Callable[[Tx], Done]
HandleKnown = Callable[[Account], bool]
"""Whether whoever approves has typed the handle of this account."""
_encode = msgspec.json.encode


@decision("approve")
def approve(
    act: Approve,
    who: Operator,
    setting: Setting,
    manner: Manner | None = None,
    *,
    handle_known: HandleKnown = lambda _: True,
) -> Op:
    """承認 of exactly these bytes, by the policy's approver table, in a way (`manner`, by default the act's own) that the account allows;
    from 保留 it confirms again; where the draft's moment has passed it needs a reason. Whoever has approved them already is told so,
    and nothing is written: the record would otherwise count two approvals where there is one. Where the machine sends what is approved,
    the account's handle has to be known to the person (`guard`)."""

    made = manner or Manner(act.how)

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        serves(who, case.account)
        allowed(made, case.account)
        if case.state not in ("waiting", "held"):
            was_faster(case, who, setting)
            case.step("confirm")  # says what the state is and refuses
        capacity = granted(approving(who, case.item, case.situation(setting), setting.book))
        if not handle_known(case.account) and case.channel != "manual":
            raise guard.ask(case.account, setting.book)
        if (before := approved_by(case, who, setting)) is not None:
            return _approved_before(case, before, setting)
        over = passed.passed(case, setting.now)
        if over is not None and not act.reason.strip():
            raise passed.ask_again(over)
        policy = case.policy(setting.book)
        counted = lines_of(capacity, case.item, case.situation(setting), setting.book)
        step = step_now(capacity, case.item, case.situation(setting), setting.book)
        tx.db.execute(
            "INSERT INTO approvals (draft, hash, login, step, titles, at, reason, policy_hash, deputy, how, entered_by, reference) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET at = excluded.at, titles = excluded.titles, "
            "reason = excluded.reason, policy_hash = excluded.policy_hash, how = excluded.how, entered_by = excluded.entered_by, "
            "reference = excluded.reference, deputy = excluded.deputy",
            (
                case.id,
                case.hash,
                who.login,
                step,
                _encode(who.titles),
                tx.now,
                act.reason,
                policy.hash,
                entry_of(capacity),
                *made.columns,
            ),
        )
        if case.state == "held":
            case = replace(case.step("confirm"), release_at=None if over else case.release_at)
        case = load_decisions(tx, case, setting)
        case, judgement = rejudge(case, setting)
        save(tx.db, case, tx.now)
        lines = [line for line in judgement.missing if line.act == "approve"]
        under = {rule.clause: None for rule in counted}
        ja, en = "", ""
        if capacity.entry is not None:
            held = titles_held(capacity, (title for rule in counted for title in rule.titles), case.account)
            until = open_review(
                tx, case, setting, cause="deputy", act="approve", capacity=capacity, titles=held, clause=counted[0].clause
            )
            ja, en = _deputised(capacity, setting, until)
        head = note(
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
            **({"step": step} if step > 1 else {}),
            **told(capacity, setting.book),
            **made.told,
        )
        if lines:
            more, more_en = lines[0].who, lines[0].what_en
            return done(
                case, head, f"承認しました。{ja}あと {more} の承認が要ります。", f"Approved. {en}Still missing: {more_en}"
            )
        now, now_en = what_now(case)
        return done(case, head, f"{now}{ja}", f"{now_en} {en}".rstrip())

    return op


def _approved_before(case: Case, before: Approval, setting: Setting) -> Done:
    missing = case.judged(setting).missing
    more = next((line for line in missing if line.act == "approve"), None)
    at = f"{before.at.astimezone(TOKYO):%m/%d %H:%M}"
    ja, en = f"この版は、あなたが {at} に承認しています。", f"You have approved this revision already ({at})."
    if more is not None:
        return done(case, "", f"{ja}あと {more.who} の承認が要ります。", f"{en} Still missing: {more.what_en}")
    return done(case, "", f"{ja}ほかに待っているものがあります。", f"{en} It waits for other things.")


@decision("return")
def give_back(act: Return, who: Operator, setting: Setting, manner: Manner | None = None) -> Op:
    """差戻し by a manager or their deputy: back to the author, with the reason that the author will read, in a way that the account
    allows. It may name the clause: those that no machine suggests (その他公序良俗に反する情報) hold in no other way."""
    made = manner or Manner(act.how)

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        capacity = manages(who, case, setting)
        serves(who, case.account, manager=capacity is None)
        allowed(made, case.account)
        reason = given(act.reason)
        policy = case.policy(setting.book)
        clause = _clause(act.clause, policy) if act.clause else None
        case = replace(case.step("return"), returned=f"{reason}（{clause.cite}）" if clause else reason, release_at=None)
        save(tx.db, case, tx.now)
        tx.db.execute(
            "UPDATE draft_revisions SET returned = ? WHERE draft = ? AND n = ?", (case.returned, case.id, case.revision)
        )
        under = {"clause": clause.id, "words": clause.text} if clause else {}
        deputy, ja, en = {}, "", ""
        if capacity is not None and capacity.entry is not None:
            deputy = told(capacity, setting.book)
            until = open_review(
                tx,
                case,
                setting,
                cause="deputy",
                act="return",
                capacity=capacity,
                titles=capacity.holder.titles,
                clause=act.clause,
            )
            ja, en = _deputised(capacity, setting, until)
        head = note(tx, who, "return", case, policy, reason=reason, **under, **deputy, **made.told)
        return done(
            case, head, f"差し戻しました。{ja}理由は作成者の判定ファイルに出ます。", f"Returned. {en}The author sees the reason."
        )

    return op


def _deputised(capacity: Capacity, setting: Setting, until: datetime) -> tuple[str, str]:
    """What somebody is told who has decided in another's place: for whom, and by when it has to be endorsed."""
    (ja, en), (by, by_en) = as_deputy(capacity, setting.book), said(until)
    return f"{ja}{by}", f"{en}{by_en} "


def manages(who: Operator, case: Case, setting: Setting) -> Capacity | None:
    """As what this person may do what a manager does with this draft: as one, or as the deputy of one. None where they may not."""
    found = capacities(who, case.item, case.situation(setting), setting.book)
    return next((each for each in found if each.holder.role == "manager"), None)


def _clause(wanted: str, policy: Policy) -> Clause:
    found = policy.clause(wanted)
    if found is None:
        near, near_en = suggest(wanted, tuple(policy.clauses))
        raise Refused(
            "no_such",
            f"条文「{wanted}」はこの要綱（{policy.id}）にありません。{near}",
            f"The policy {policy.id} has no clause “{wanted}”. {near_en}",
        )
    return found


@decision("withdraw", claimed=False)
def withdraw(act: Withdraw, who: Operator, setting: Setting) -> Op:
    """取下げ: out of the queue without release. The file stays where it is; edited, it comes in again as a new draft."""

    def op(tx: Tx) -> Done:
        case = load(tx.db, act.draft, setting.book)
        serves(who, case.account)
        case = replace(case.step("withdraw"), release_at=None)
        save(tx.db, case, tx.now)
        head = note(tx, who, "withdraw", case, case.policy(setting.book), reason=act.reason)
        return done(case, head, "取り下げました。", "Withdrawn.")

    return op


@decision("schedule")
def schedule(act: Schedule, who: Operator, setting: Setting) -> Op:
    """予約: release at that time, or at the next opening; a closed time is refused with the clause and the next opening."""

    def op(tx: Tx) -> Done:
        case = current(tx, act.draft, act.hash, setting)
        serves(who, case.account)
        policy = case.policy(setting.book)
        at = moment(act.at) if act.at else next_opening(case, setting)
        if at <= setting.now:
            raise Refused(
                "time",
                f"{at:%Y-%m-%d %H:%M} は過ぎています。先の時刻を指定してください。",
                f"{at:%Y-%m-%d %H:%M} has passed: give a later time.",
            )
        if not hours_lifted(case, policy, at):
            then = opening_of(case, setting, at)
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
        head = note(tx, who, "schedule", case, policy, until=at.isoformat())
        return done(case, head, *what_now(case))

    return op


def moment(at: datetime) -> datetime:
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
    then = opening_of(case, setting, wanted)
    if then.open or then.next_open is None or hours_lifted(case, policy, wanted):
        return wanted
    return then.next_open


def load_decisions(tx: Tx, case: Case, setting: Setting) -> Case:
    """The same step of the draft, with the decisions as they stand in the database now."""
    fresh = load(tx.db, case.id, setting.book)
    return replace(case, approvals=fresh.approvals, lifts=fresh.lifts, declaration=fresh.declaration)


def hours_lifted(case: Case, policy: Policy, at: datetime) -> bool:
    """True where the hours do not bind this revision at that moment: an exception stands then, or it is a declared emergency."""
    declared = case.item.emergency and case.declaration is not None
    return declared or any(each.rule in hours_rules(policy) and each.stands(at) for each in case.lifts)


def next_opening(case: Case, setting: Setting) -> datetime:
    """When the account opens next. Raises Refused where it is open now (or always), and when the calendar cannot tell."""
    state = opening_of(case, setting, setting.now)
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


def what_now(case: Case) -> tuple[str, str]:
    """What becomes of the draft after this decision."""
    if case.state == "scheduled" and case.release_at is not None:
        at = case.release_at.astimezone(TOKYO)
        return f"{at:%m/%d %H:%M} の発信に予約しました。", f"Scheduled for {at:%m/%d %H:%M}."
    if case.state == "approved":
        if case.channel == "manual":
            return "承認済です。発信カードを取ると投稿できます。", "Approved: take its release card to post it."
        return (
            f"承認済です。取り消せる時間（取消 z、kohoban undo）のあとに発信します。{said_cost(case)[0]}",
            f"Approved: it goes out when the time to take it back (z, kohoban undo) is over.{said_cost(case)[1]}",
        )
    return (
        "承認を記録しました。ほかにも待っているものがあります（「なぜまだ出ないか」に出ています）。",
        "Recorded. It waits for other things too: see why it is not out yet.",
    )


def said_cost(case: Case) -> tuple[str, str]:
    """What the release costs, as people read it; nothing where it costs nothing."""
    cost = cost_of(case.item, case.channel)
    return (f"費用は約 {dollars(cost)} ドルです。", f" It costs about ${dollars(cost)}.") if cost else ("", "")


def note(tx: Tx, who: Operator, act: str, case: Case, policy: Policy, **detail: str | int | bool | list[str]) -> str:
    """The entry of the record for what this person has decided about this draft. Returns the new head."""
    return tx.record(
        who.login,
        act,
        case.id,
        account=case.account.id,
        hash=case.hash,
        state=case.state,
        titles=list(who.titles),
        policy=policy.hash,
        version=policy.edition,
        **detail,
    )


def done(case: Case, head: str, message: str, message_en: str) -> Done:
    """What the person is told of what has been carried out."""
    return Done(message=message, message_en=message_en, draft=case.id, state=case.state, audit_head=head)
