"""承認 along with the exceptions that it needs, where one person may do both: one decision, taken back as one."""

from __future__ import annotations

from daemon.desk import acts, exceptions
from daemon.desk.acts import HandleKnown, Op, done, what_now
from daemon.desk.case import Setting, load
from daemon.desk.undoable import decision
from daemon.refused import given
from daemon.rulebook.model import Operator
from daemon.store import Tx
from daemon.wire.acts import Approve, Except
from daemon.wire.answers import Done


def approving(act: Approve, who: Operator, setting: Setting, *, handle_known: HandleKnown) -> Op:
    """承認 as the act asks for it: alone, or along with exceptions."""
    make = _with_exceptions if act.exceptions else acts.approve
    return make(act, who, setting, handle_known=handle_known)


@decision("approve")
def _with_exceptions(act: Approve, who: Operator, setting: Setting, *, handle_known: HandleKnown) -> Op:
    """The approval first, so that an exception stands for nothing that was not approved; then each exception that the act names, with the
    same reason. The record has an entry of each. Raises Refused where any of them is refused; then none of it is done."""

    def op(tx: Tx) -> Done:
        reason = given(act.reason)
        approved = acts.approve(act, who, setting, handle_known=handle_known)(tx)
        head = approved.audit_head
        for rule in act.exceptions:
            one = Except(draft=act.draft, hash=act.hash, rule=rule, reason=reason)
            head = exceptions.lift(one, who, setting)(tx).audit_head
        case = load(tx.db, act.draft, setting.book)
        ja, en = what_now(case)
        return done(case, head, f"例外を認めました。{ja}", f"Exception granted. {en}")

    return op
