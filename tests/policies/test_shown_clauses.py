"""A clause that only informs is shown, verbatim, on the clause board and on the command line."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from console.launch import run
from daemon.rulebook.folders import BUNDLED


def published(clause: str) -> str:
    """The words of a clause as the policy's file has them."""
    data = tomllib.loads((BUNDLED / f"{clause.partition('/')[0]}.toml").read_text(encoding="utf-8"))
    return str(next(each["text"] for each in data["clause"] if each["id"] == clause))


@pytest.mark.parametrize(
    "clause",
    [
        pytest.param("minato/題名", marks=pytest.mark.clause("minato/題名")),
        pytest.param("minato/1", marks=pytest.mark.clause("minato/1")),
        pytest.param("minato/2", marks=pytest.mark.clause("minato/2")),
        pytest.param("minato/3", marks=pytest.mark.clause("minato/3")),
        pytest.param("minato/7-2(3)", marks=pytest.mark.clause("minato/7-2(3)")),
        pytest.param("minato/8", marks=pytest.mark.clause("minato/8")),
        pytest.param("minato/欠.運用時間", marks=pytest.mark.clause("minato/欠.運用時間")),
        pytest.param("minato/欠.コメント措置", marks=pytest.mark.clause("minato/欠.コメント措置")),
        pytest.param("saitama/1", marks=pytest.mark.clause("saitama/1")),
        pytest.param("saitama/6.※", marks=pytest.mark.clause("saitama/6.※")),
        pytest.param("saitama/8(1)", marks=pytest.mark.clause("saitama/8(1)")),
        pytest.param("saitama/10", marks=pytest.mark.clause("saitama/10")),
        pytest.param("shinagawa/制定改正", marks=pytest.mark.clause("shinagawa/制定改正")),
        pytest.param("shinagawa/1", marks=pytest.mark.clause("shinagawa/1")),
        pytest.param("shinagawa/5-2(1)", marks=pytest.mark.clause("shinagawa/5-2(1)")),
        pytest.param("shinagawa/8", marks=pytest.mark.clause("shinagawa/8")),
        pytest.param("shinagawa/欠.運用時間", marks=pytest.mark.clause("shinagawa/欠.運用時間")),
        pytest.param("taisho/1", marks=pytest.mark.clause("taisho/1")),
        pytest.param("taisho/2-1", marks=pytest.mark.clause("taisho/2-1")),
        pytest.param("taisho/2-2", marks=pytest.mark.clause("taisho/2-2")),
        pytest.param("taisho/3.各分野アンケート", marks=pytest.mark.clause("taisho/3.各分野アンケート")),
        pytest.param("taisho/3.留意(3)", marks=pytest.mark.clause("taisho/3.留意(3)")),
        pytest.param("taisho/3.免責", marks=pytest.mark.clause("taisho/3.免責")),
        pytest.param("taisho/3.方針変更", marks=pytest.mark.clause("taisho/3.方針変更")),
    ],
)
def test_the_clause_can_be_read_word_for_word(
    clause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("KOHOBAN_OFFICE", raising=False)
    run(["policy", "show", clause.partition("/")[0], clause, "--json"])
    assert [each["text"] for each in json.loads(capfd.readouterr().out or '{"clauses": []}')["clauses"]] == [published(clause)]
