"""The office in numbers: a file that Prometheus' collector takes, whole at every moment, with nothing of a person in it."""

from __future__ import annotations

import stat
import time
from collections.abc import Callable

from daemon.desk.states import WORDS
from daemon.rulebook.load import load_rulebook
from daemon.service.metrics import line
from tests.service.exposition import Family, families
from tests.service.live_office import MINATO, NOTICE, ROOT, Office, until


def counted(office: Office) -> dict[str, Family]:
    """The families of the file as it is now."""
    text = (office.state / "metrics.prom").read_text()
    return {family.name.removeprefix("kohoban_"): family for family in families(text)}


def value(office: Office, name: str, **labels: str) -> float:
    wanted = tuple(labels.items())
    return next(each.value for each in counted(office)[name].samples if each.labels == wanted)


def there(office: Office) -> bool:
    return (office.state / "metrics.prom").exists()


def test_the_numbers_are_those_of_the_office(found: Callable[..., Office]) -> None:
    office = found().start()
    office.drop("minato-x", "a.txt", **MINATO)
    office.row("a.txt", "waiting")
    until(lambda: there(office) and value(office, "drafts", state="waiting") == 1, "a draft in the numbers")
    assert value(office, "up") == 1
    assert value(office, "stopped") == 0
    assert {dict(each.labels)["state"] for each in counted(office)["drafts"].samples} == set(WORDS)
    assert value(office, "audit_entries_total") > 0
    assert value(office, "commits_total") > 0
    assert abs(value(office, "scan_timestamp_seconds") - time.time()) < 60
    assert value(office, "threads_hung") == 0
    (office.state / "gate" / "RUN").unlink()
    until(lambda: value(office, "stopped") == 1, "a stop in the numbers")


def test_an_office_that_ended_in_order_is_down(found: Callable[..., Office]) -> None:
    office = found().start()
    until(lambda: there(office) and value(office, "up") == 1, "an office that is up")
    office.stop()
    assert value(office, "up") == 0


def test_the_collector_never_sees_half_of_it_and_may_read_it(found: Callable[..., Office]) -> None:
    office = found().start()
    until(lambda: there(office), "the file")
    assert stat.S_IMODE((office.state / "metrics.prom").stat().st_mode) == 0o644
    first = (office.state / "metrics.prom").stat().st_ino
    until(lambda: (office.state / "metrics.prom").stat().st_ino != first, "another file under its name")
    office.stop()  # the next one may have been half made
    assert not [path for path in office.state.iterdir() if path.name.startswith(".metrics")]


def test_nothing_of_a_person_a_file_or_a_text_is_in_it(found: Callable[..., Office]) -> None:
    office = found().start()
    office.drop("minato-x", "山田さんの件.txt", **MINATO)
    office.row("山田さんの件.txt", "waiting")
    until(lambda: there(office) and value(office, "drafts", state="waiting") == 1, "a draft in the numbers")
    text = (office.state / "metrics.prom").read_text()
    people = load_rulebook(ROOT).operators.values()
    for word in ("山田", NOTICE[:10], *(each.name for each in people), *(f'"{each.login}"' for each in people)):
        assert word not in text


def test_the_rules_may_name_another_place(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    (office.folder / "collector").mkdir()
    rules.write_text(rules.read_text().replace("[office]\n", '[office]\nmetrics = "collector/kohoban.prom"\n', 1))
    office.start()
    until(lambda: (office.folder / "collector" / "kohoban.prom").exists(), "the file in its place")
    assert not there(office)


def test_the_line_says_first_whether_anything_may_go_out() -> None:
    assert line(True, (), {"waiting": 3, "released": 9}) == "稼働　承認待ち 3"
    assert line(False, (), {"unknown": 1}) == "停止　不明 1"
    assert line(True, ("minato-x",), {}) == "一部停止（minato-x）　待ちなし"
