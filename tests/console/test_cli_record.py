"""`kohoban audit`: the record verified without a daemon, erased, signed, printed, and proved to third parties."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.service.live_office import MINATO, Office

WHY = "山田花子さんから電話があったため"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office with a draft that was given back."""
    office = Office(tmp_path_factory.mktemp("office")).start()
    office.drop("minato-x", "返却.txt", **MINATO)
    row = office.row("返却.txt", "waiting")
    assert audit(office, "return", str(row.id), "--reason", WHY, top=True).returncode == 0
    yield office
    office.stop()


def audit(office: Office, *words: str, top: bool = False) -> subprocess.CompletedProcess[str]:
    """`kohoban audit …` in this office, as its manager."""
    run = "import sys; from console.launch import main; sys.exit(main())"
    group = [] if top else ["audit"]
    command = [sys.executable, "-c", run, *group, *words, "--office", str(office.folder), "--operator", "shibata"]
    return subprocess.run(command, capture_output=True, text=True, env={**os.environ, "KOHOBAN_LANG": "ja"})


def said(office: Office, *words: str) -> dict[str, Any]:
    done = audit(office, *words, "--json")
    assert done.returncode in (0, 1), done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def with_head(office: Office, *words: str) -> tuple[str, dict[str, Any]]:
    """What `kohoban audit …` prints, and the head that the record had meanwhile: asked again where it grew between the questions."""
    before, text, head = "", "", said(office, "head")
    while before != head["head"]:
        before, text, head = head["head"], audit(office, *words).stdout, said(office, "head")
    return text, head


def third_party(root: Path, *files: Path) -> subprocess.CompletedProcess[str]:
    """The verifier of thirty lines, with nothing of ours on the path."""
    command = [sys.executable, "-I", root / "docs" / "verify_record.py", *files]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_head_is_a_page_with_what_it_takes_to_find_it_again(office: Office) -> None:
    page, head = with_head(office, "head")
    assert " ".join(head["head"][n : n + 4] for n in range(0, 32, 4)) in page
    assert head["key"] in page
    assert "確認した日" in page
    assert "印" in page


def test_a_third_party_verifies_an_export_with_python_alone(office: Office, root: Path, tmp_path: Path) -> None:
    export, typed = tmp_path / "record.jsonl", tmp_path / "page"
    text, head = with_head(office, "export")
    export.write_text(text)
    typed.write_text(f"{head['entries']} {head['head']}\n")
    good = third_party(root, export, typed)
    assert (good.returncode, good.stderr) == (0, "")
    assert f"good: {head['entries']} entries, head {head['head']}" in good.stdout

    whole = export.read_text()
    changes: dict[str, Callable[[str], str]] = {
        "its reason was changed": lambda text: text.replace(f'"text":"{WHY}"', '"text":"特になし"'),
        "changed, missing": lambda text: "".join(text.splitlines(keepends=True)[1:]),
        "the tail is missing": lambda text: "".join(text.splitlines(keepends=True)[:-1]),
    }
    for told, change in changes.items():
        assert change(whole) != whole
        export.write_text(change(whole))
        bad = third_party(root, export, typed)
        assert bad.returncode == 1
        assert told in bad.stderr


def test_an_office_signs_with_its_own_key_and_verifies_against_it(office: Office, tmp_path: Path) -> None:
    key, to = tmp_path / "office.key", tmp_path / "checkpoints"
    assert said(office, "key", str(key))["public"] == f"{key}.pub"
    signed = said(office, "checkpoint", "--key", str(key), "--to", str(to))
    assert to.read_text() == f"{signed['line']}\n"
    found = said(office, "verify", "--checkpoints", str(to), "--public", f"{key}.pub")
    assert found["ok"] is True
    assert found["entries"] >= signed["entries"]


def test_erased_words_are_no_longer_shown_and_their_place_says_so(office: Office) -> None:
    shown = said(office, "show")["entries"]
    (entry,) = (line["seq"] for line in shown if WHY in line["detail"])
    done = audit(office, "erase", str(entry), "--field", "reason", "--reason", "本人の求め")
    assert done.returncode == 0, done.stderr
    assert "消去しました" in done.stdout
    table = audit(office, "show").stdout
    assert WHY not in table
    assert "消去済み" in table
    assert audit(office, "erase", str(entry), "--field", "reason", "--reason", "もう一度").returncode == 4
    assert said(office, "verify")["ok"] is True


def test_the_record_is_verified_without_a_daemon_too(tmp_path: Path) -> None:
    office = Office(tmp_path / "office").start()
    office.drop("minato-x", "案内.txt", **MINATO)
    office.row("案内.txt", "waiting")
    office.stop()
    assert said(office, "verify")["ok"] is True
    db = sqlite3.connect(office.state / "store" / "kohoban.db", isolation_level=None)
    db.execute("DROP TRIGGER audit_no_update")
    db.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 2")
    db.close()
    done = audit(office, "verify")
    assert done.returncode == 1
    assert "最初の不正な行: 2" in done.stdout
