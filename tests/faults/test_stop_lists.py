"""Stops of a living office: what had begun is listed, whoever asks and whatever becomes of it, and nothing begins after."""

from __future__ import annotations

import itertools
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from daemon.gate import Gate
from daemon.store import from_db
from tests.faults.counted_office import OUTBOX, PLATFORM, CountedOffice, People
from tests.service.live_office import until


def kohoban_stop(office: CountedOffice) -> set[int]:
    """`kohoban stop`, and the drafts of which it says that they had begun."""
    said = subprocess.run(
        [sys.executable, "-P", "-c", "import sys; from console.launch import main; sys.exit(main())"]
        + ["stop", "--office", str(office.folder), "--operator", "kansa", "--json"],
        capture_output=True,
        check=False,
        env={**os.environ, "KOHOBAN_LANG": "ja"},
    )
    assert said.returncode == 0, said.stderr.decode()
    answer = json.loads(said.stdout)
    assert answer["stopped"] and answer["silent_ms"] is not None and answer["in_flight_known"], answer
    return {flying["draft"] for flying in answer["in_flight"]}


def stop_without_a_daemon(office: CountedOffice) -> set[int]:
    """The same for somebody who can ask no daemon: the gate, and the file that lists what is in flight."""
    assert Gate(office.state).shut().silent_ms is not None
    return {flying["draft"] for flying in json.loads((office.state / "flight").read_text())["in_flight"]}


@pytest.mark.timeout(900)
def test_what_had_begun_at_a_stop_is_listed_and_nothing_begins_after(
    counted: CountedOffice, trials: Callable[[int], int]
) -> None:
    dice, people = random.Random(20261121), People(counted, random.Random(1))
    counted.start()
    listed_in_all, goal = 0, trials(200)
    for trial in itertools.count():
        if trial >= goal and (listed_in_all or trial >= 10 * goal):  # a stop may have come too late for all that had begun
            break
        counted.platform.behaves(delay=dice.random() * 0.1, late=dice.random() * 0.2)
        for _ in range(12 - counted.on_their_way()):
            counted.write(dice.choice((OUTBOX, PLATFORM)), dice)

        def something_is_under_way() -> bool:
            people.work()
            return bool(counted.database("SELECT 1 FROM releases WHERE state = 'begun'"))

        until(something_is_under_way, "a release that has begun")
        time.sleep(dice.random() * 0.03)
        listed = dice.choice((kohoban_stop, stop_without_a_daemon))(counted)
        told = datetime.now(UTC)
        last = counted.database("SELECT max(id) FROM releases")[0][0]
        until(lambda: not counted.database("SELECT 1 FROM releases WHERE state = 'begun'"), "an end of all that had begun")
        ends = counted.database("SELECT draft, ended_at FROM releases WHERE state IN ('released', 'unknown')")
        ended_later = {draft for draft, at in ends if at is not None and from_db(at) > told}
        assert ended_later <= listed
        listed_in_all += len(ended_later)
        assert counted.status().gate.stopped
        after = f"SELECT 1 FROM releases WHERE id > {last} AND state NOT IN ('prevented', 'failed')"
        until(lambda after=after: not counted.database(after), "an end of what was begun after it, and met the closed gate")
        counted.resume()
    counted.platform.behaves()
    until(lambda: people.work() == 0, "every draft is released")
    assert counted.arrived() == {draft: 1 for (draft,) in counted.database("SELECT id FROM drafts")}
    counted.record_is_whole()
    print(f"{listed_in_all} releases had begun at a stop and ended after it")
    assert listed_in_all
