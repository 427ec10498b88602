"""Every clause that lays a standing duty on the office is on the list of duties, with what is to be done and by when."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace

from daemon.desk.duties import Done, seen
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.model import Rulebook

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param("minato/4(1)", marks=pytest.mark.clause("minato/4(1)")),
        pytest.param("minato/4(3)", marks=pytest.mark.clause("minato/4(3)")),
        pytest.param("minato/4(4)", marks=pytest.mark.clause("minato/4(4)")),
        pytest.param("minato/4(6)", marks=pytest.mark.clause("minato/4(6)")),
        pytest.param("minato/4(7)", marks=pytest.mark.clause("minato/4(7)")),
        pytest.param("minato/4(8)", marks=pytest.mark.clause("minato/4(8)")),
        pytest.param("minato/4(9)", marks=pytest.mark.clause("minato/4(9)")),
        pytest.param("saitama/6-3", marks=pytest.mark.clause("saitama/6-3")),
        pytest.param("shinagawa/4-1", marks=pytest.mark.clause("shinagawa/4-1")),
        pytest.param("shinagawa/4-2", marks=pytest.mark.clause("shinagawa/4-2")),
    ],
)
def test_a_duty_that_nobody_has_attested_is_asked_for_under_its_clause(office: Rulebook, clause: str) -> None:
    since = NOW - timedelta(days=2000)
    bare = replace(office, accounts={name: replace(account, founding={}) for name, account in office.accounts.items()})
    asked = [line for line in seen(bare, Done({}, {}, since), NOW) if line.clause == clause]
    assert asked and all(line.title for line in asked)
    assert all(line.standing == "needed" or (line.due is not None and line.due < NOW) for line in asked)
