"""The daemon of a test knows which clause is switched off: else no test of a running office could prove one."""

from __future__ import annotations

from collections.abc import Callable

from tests.service.live_office import Office, until
from tests.switches import switched_off


def test_a_mechanism_that_is_switched_off_is_off_in_the_daemon_too(found: Callable[..., Office]) -> None:
    office = found()
    secret = office.state / "releaser" / "secrets" / "token"
    secret.parent.mkdir(parents=True, mode=0o700)
    secret.touch(mode=0o644)

    def said() -> bool:
        return any("secrets" in alarm for alarm in office.status().alarms)

    with switched_off("saitama/6-3", ("service.secrets",)):
        office.start()
        assert not said()
        office.stop()
    office.start()
    until(said, "an alarm")
