"""The log file has bounds: it is turned over, a few of before are kept, and no line is cut or lost on the way."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
import structlog

from daemon.service import logs


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(logs, "LARGEST", 2000)
    logs.configure(tmp_path)
    yield tmp_path / "log"
    structlog.reset_defaults()


def numbers(path: Path) -> list[int]:
    return [json.loads(line)["n"] for line in path.read_text().splitlines()]


def test_it_is_turned_over_and_only_a_few_are_kept(small: Path) -> None:
    log = structlog.get_logger()
    for n in range(200):
        log.info("line", n=n)
    files = sorted(path.name for path in small.iterdir())
    assert files == ["kohoban.log", *(f"kohoban.log.{n}" for n in range(1, logs.KEPT + 1))]
    assert all(path.stat().st_size <= 2000 for path in small.iterdir())
    kept = [n for name in reversed(files) for n in numbers(small / name)]
    assert kept == list(range(kept[0], 200)), "the latest, without a gap, in order"


def test_threads_that_write_at_once_cut_no_line(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "KEPT", 1000)

    def write(first: int) -> None:
        log = structlog.get_logger()
        for n in range(first, first + 100):
            log.info("line", n=n)

    threads = [threading.Thread(target=write, args=(100 * each,)) for each in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(n for path in small.iterdir() for n in numbers(path)) == list(range(400))


def test_where_it_cannot_be_turned_over_it_goes_on(small: Path) -> None:
    log = structlog.get_logger()
    log.info("line", n=0)
    (small / f"kohoban.log.{logs.KEPT}").mkdir()
    (small / f"kohoban.log.{logs.KEPT - 1}").touch()
    for n in range(1, 100):
        log.info("line", n=n)
    assert numbers(small / "kohoban.log") == list(range(100))
