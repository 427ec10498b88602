"""保留 by a person: what is on its way out is halted, and goes on only when it is approved again."""

from __future__ import annotations

from daemon.desk.acts import Op, done, note
from daemon.desk.case import Setting, load, save
from daemon.refused import serves
from daemon.rulebook.model import Operator
from daemon.store import Tx
from daemon.wire.answers import Done
from daemon.wire.approving import Hold


def hold(act: Hold, who: Operator, setting: Setting) -> Op:
    """The operation, for whoever serves the account: a countdown is halted by the first who has a doubt."""

    def op(tx: Tx) -> Done:
        case = load(tx.db, act.draft, setting.book)
        serves(who, case.account)
        case = case.step("hold")
        save(tx.db, case, tx.now)
        head = note(tx, who, "hold", case, case.policy(setting.book), reason=act.reason)
        return done(case, head, "保留にしました。出すには、承認し直してください。", "Held: it goes on when it is approved again.")

    return op
