"""Folders for the record's anchors: named whole, and not where whoever changes the record changes them too."""

from __future__ import annotations

from north_city import Kita

from daemon.rulebook.lint import lint_office
from daemon.rulebook.load import load_rulebook


def put(kita: Kita, folder: str) -> None:
    kita.edit(kita.rules, "[office]\n", f'[office]\nanchors = ["{folder}"]\n')


def test_a_folder_elsewhere_is_taken(kita: Kita) -> None:
    put(kita, "/mnt/archive")
    assert lint_office(kita.folder) == ()
    assert load_rulebook(kita.folder).office.anchors == ("/mnt/archive",)


def test_a_folder_below_the_offices_own_is_a_warning(kita: Kita) -> None:
    put(kita, f"{kita.folder}/state/anchors")
    (warning,) = lint_office(kita.folder)
    assert (warning.severity, warning.file, warning.line) == ("warning", str(kita.rules), 2)
    assert "部署のフォルダの中" in warning.message


def test_a_folder_that_is_not_named_whole_is_refused(kita: Kita) -> None:
    put(kita, "anchors")
    (error,) = lint_office(kita.folder)
    assert error.severity == "error"
    assert "/ で始まる" in error.message
