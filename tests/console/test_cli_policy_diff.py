"""`kohoban policy diff`, `conflicts`, `canaries`: with and without a daemon, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.launch import run
from daemon.rulebook.folders import BUNDLED
from tests.service.live_office import Office


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    found = Office(tmp_path_factory.mktemp("office")).start()
    found.drop("saitama-cvc", "a.txt", "駅前で朝市を開きます。", author="omiya", topic="施策・事業")
    found.drop("saitama-cvc", "b.txt", "図書館の講座を開きます。", author="omiya", topic="施策・事業")
    found.all_of(["a.txt", "b.txt"], "waiting")
    yield found
    found.stop()


@pytest.fixture(autouse=True)
def _japanese(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KOHOBAN_LANG", "ja")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def candidate(tmp_path: Path) -> str:
    """Another text of さいたま市's policy, in a file."""
    text = (BUNDLED / "saitama.toml").read_text(encoding="utf-8")
    text = (
        text.replace('lift = ["市民協働推進課長"]', 'lift = ["市民協働推進部長"]', 1)
        .replace("close = 17:15:00", "close = 16:30:00")
        .replace("個別に返信はしません", "返信はしません")
    )
    text += (
        '\n[[rule]]\nid = "market"\nclause = "saitama/1"\ncheck = "words"\nlevel = "block"\nterms = ["朝市"]\n'
        'message = "朝市は扱いません。"\nmessage_en = "No markets."\n'
    )
    path = tmp_path / "saitama.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_file_is_compared_clause_by_clause_rule_by_rule_and_draft_by_draft(
    office: Office, candidate: str, capfd: pytest.CaptureFixture[str]
) -> None:
    command = ["policy", "diff", "saitama", "--against", candidate, "--office", str(office.folder)]
    assert run(command) == 1
    said = capfd.readouterr().out
    assert "条文の違い 1件" in said and "+ " in said and "close: 17:15:00 → 16:30:00" in said and "追加  market" in said
    assert "lift: -市民協働推進課長 +市民協働推進部長" in said
    assert "→ 要修正" in said and "→ block" not in said
    assert run([*command, "--json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert [each["clause"] for each in found["texts"]] == ["saitama/6-1"]
    assert {each["rule"]: each["what"] for each in found["rules"]} == {"hours": "changed", "market": "added"}
    assert [(Path(each["path"]).name, each["after"]) for each in found["drafts"]] == [("a.txt", "block")]
    assert (found["changed"], found["queued"], found["judged"]) == (1, 1, 2)


def test_without_a_daemon_the_texts_are_compared_and_it_is_said_that_no_drafts_were(
    candidate: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rules.toml").write_bytes((Path(__file__).resolve().parents[2] / "rules.toml").read_bytes())
    assert run(["policy", "diff", "saitama", "--against", candidate, "--json"]) == 0
    said = capfd.readouterr()
    assert json.loads(said.out)["drafts"] is None and "デーモン" in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["saitama"], "これから施行される版がありません"),
        (["saitama", "--at", "2020-01-01"], "条文なし"),
        (["saitama", "--against", "2020-01-01"], "2020-01-01"),
        (["saitama", "--against", str(BUNDLED / "minato.toml")], "別の要綱"),
        (["saitama", "--against", "x", "--at", "2026-01-01"], "どちらか一つ"),
        (["saitama", "--last", "-1"], "0 以上"),
        (["atlantis"], "その名前の要綱はありません"),
    ],
)
def test_what_cannot_be_compared_says_what_to_do(words: list[str], why: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["policy", "diff", *words]) == 2
    assert why in capfd.readouterr().err


def test_the_same_text_changes_nothing(office: Office, capfd: pytest.CaptureFixture[str]) -> None:
    command = ["policy", "diff", "saitama", "--against", str(BUNDLED / "saitama.toml"), "--office", str(office.folder), "--json"]
    assert run(command) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["texts"], found["rules"], found["drafts"]) == ([], [], [])


def test_conflicts_are_listed_with_the_day_and_make_the_exit_code(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = (Path(__file__).resolve().parents[2] / "rules.toml").read_text(encoding="utf-8")
    head, found, rest = text.partition('login = "urano"')
    (tmp_path / "rules.toml").write_text(f"{head}{found}\nuntil = 2027-03-31{rest}", encoding="utf-8")
    assert run(["policy", "conflicts", "--at", "2026-11-24"]) == 1
    said = capfd.readouterr().out
    assert "2027-04-01  行き止まり" in said and "saitama-cvc" in said
    assert run(["policy", "conflicts", "--at", "2026-11-24", "--json"]) == 1
    stuck = [one for one in json.loads(capfd.readouterr().out)["conflicts"] if one["weight"] == "dead_end"]
    assert {one["since"] for one in stuck} == {"2027-04-01"}


def test_canaries_answer_and_a_silent_one_makes_the_exit_code(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "rules.toml").write_bytes((Path(__file__).resolve().parents[2] / "rules.toml").read_bytes())
    assert run(["policy", "canaries", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["answered"] == found["of"] == len(found["canaries"]) > 50
    folder = tmp_path / "policies" / "canaries"
    folder.mkdir(parents=True)
    (folder / "saitama.toml").write_text(
        '[[canary]]\nclause = "saitama/6-1"\nrule = "reply"\ndraft = "公園の清掃"\n', encoding="utf-8"
    )
    assert run(["policy", "canaries"]) == 1
    said = capfd.readouterr().out
    assert "応答なし  saitama/6-1" in said and "番人のいない条文" in said
