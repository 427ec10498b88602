"""The paper of what is kept says years as years."""

from __future__ import annotations

from datetime import date, datetime

from daemon.papers.as_text import as_text
from daemon.papers.retention import retention_paper
from daemon.rulebook.calendar import TOKYO
from daemon.wire.papers import KeptClass, KeptList


def test_a_class_is_kept_for_years_under_a_basis_and_what_is_past_is_counted() -> None:
    kept = KeptClass(
        id="decision",
        title="決裁記録",
        years=5,
        basis="文書管理規程",
        then="erase",
        past=2,
        before=date(2021, 4, 1),
        due=("7:reason",),
    )
    said = as_text(retention_paper(KeptList(made=datetime(2026, 11, 24, 10, tzinfo=TOKYO), classes=(kept,))))
    assert "決裁記録  5年  文書管理規程  廃棄（消去）  2021-04-01  2" in said
    assert "7:reason" in said and "ほかに 1 件" in said
