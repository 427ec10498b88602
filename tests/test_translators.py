"""The way of the catalogue to translators and back: PO files by Babel, nothing lost, nothing taken that does not fit."""

from __future__ import annotations

import importlib.util
import io
import shutil
from pathlib import Path
from types import ModuleType

import pytest

pofile = pytest.importorskip("babel.messages.pofile", reason="Babel is not installed")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def po() -> ModuleType:
    spec = importlib.util.spec_from_file_location("po", ROOT / ".ci" / "po.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def words(tmp_path: Path) -> Path:
    """A copy of the catalogue."""
    shutil.copytree(ROOT / "console" / "words", tmp_path / "words")
    return tmp_path / "words"


def through_a_file(catalog: object) -> object:
    written = io.BytesIO()
    pofile.write_po(written, catalog, width=0)
    written.seek(0)
    return pofile.read_po(written, charset="utf-8")


def test_out_and_back_changes_no_byte(po: ModuleType, words: Path) -> None:
    before = {path: path.read_bytes() for path in (words / "en").glob("*.toml")}
    assert po.taken_back(through_a_file(po.catalog(words, "en")), words, "en") == []
    assert {path: path.read_bytes() for path in before} == before


def test_every_sentence_goes_out_under_its_own_name(po: ModuleType, words: Path) -> None:
    read = through_a_file(po.catalog(words, "en"))
    ja, en = po.sentences(words / "ja"), po.sentences(words / "en")
    assert {message.context: message.string for message in read if message.id} == {name: en[name] for name in ja if ja[name]}


def test_a_sentence_that_a_translator_has_changed_is_the_only_one_that_changes(po: ModuleType, words: Path) -> None:
    catalog = po.catalog(words, "en")
    before = po.sentences(words / "en")
    for name in ("cli:help.doctor", "tui:key.up"):
        next(message for message in catalog if message.context == name).string = 'Other "words"\nin two lines\\'
    assert po.taken_back(through_a_file(catalog), words, "en") == []
    after = po.sentences(words / "en")
    assert {name for name in after if after[name] != before[name]} == {"cli:help.doctor", "tui:key.up"}
    assert after["tui:key.up"] == 'Other "words"\nin two lines\\'


def test_a_translation_that_loses_a_place_is_refused_and_named(po: ModuleType, words: Path) -> None:
    catalog = po.catalog(words, "en")
    before = po.sentences(words / "en")
    message = next(message for message in catalog if message.context == "tui-lesson:lesson.where")
    message.string = "a step"
    assert po.taken_back(through_a_file(catalog), words, "en") == [
        "tui-lesson:lesson.where: other places than {number} {count} {at}"
    ]
    assert po.sentences(words / "en") == before
