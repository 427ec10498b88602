"""The 決裁フォルダ of an office in earnest, with real logins: only the chief's hand decides, whoever else tries."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.service.live_office import Office, until

CHIEF, CLERK, STRANGER = "games", "mail", "news"
"""Logins that every machine has."""

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="several logins are needed: run as root to prove this")

RULES = """
[office]
name = "品川区"

[[accounts]]
id = "shinagawa-koho"
policy = "shinagawa"
platform = "x"
handle = "shinagawacity"
name = "品川区"
unit = "戦略広報課"
decide = ["folder"]

[[operators]]
login = "{chief}"
name = "大井 正樹"
unit = "戦略広報課"
role = "manager"
policies = ["shinagawa"]
titles = ["戦略広報課長"]

[[operators]]
login = "{clerk}"
name = "大崎 千尋"
unit = "戦略広報課"
role = "clerk"
policies = ["shinagawa"]

[[sheets]]
login = "{chief}"
folder = "{folder}"
"""

AS = "import os, shutil, sys; os.setgroups([]); os.setgid(65534); os.setuid(int(sys.argv[1])); exec(sys.argv[2])"


def uid(login: str) -> int:
    return pwd.getpwnam(login).pw_uid


def by(login: str, code: str) -> bool:
    """Run Python as another login; whether it succeeded."""
    command = [sys.executable, "-c", AS, str(uid(login)), code]
    return subprocess.run(command, cwd="/", stderr=subprocess.DEVNULL, check=False).returncode == 0


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The chief's folder on a share that everybody may look at."""
    with tempfile.TemporaryDirectory(prefix="kohoban-share-") as share:
        Path(share).chmod(0o755)
        folder = Path(share) / "oi"
        for each in (folder, folder / "承認", folder / "差戻し"):
            each.mkdir()
            each.chmod(0o755)
            os.chown(each, uid(CHIEF), 0)
        yield folder


@pytest.fixture
def office(tmp_path: Path, folder: Path) -> Iterator[Office]:
    """The office, whose daemon is root's, with one draft that waits for the chief."""
    office = Office(tmp_path / "office")
    (office.folder / "rules.toml").write_text(RULES.format(chief=CHIEF, clerk=CLERK, folder=folder), encoding="utf-8")
    office.start()
    draft = tmp_path / "a.txt"
    draft.write_text("区役所本庁舎の1階に、総合案内の窓口を設けました。", encoding="utf-8")
    os.chown(draft, uid(CLERK), 0)
    (office.folder / "drafts" / "shinagawa-koho").mkdir(parents=True, exist_ok=True)
    draft.rename(office.folder / "drafts" / "shinagawa-koho" / "a.txt")
    yield office
    office.stop()


def sheet_in(folder: Path) -> Path:
    return until(lambda: next(iter(folder.glob("*.html")), None), "a sheet")


def state(office: Office) -> str:
    ((found,),) = office.database("SELECT state FROM drafts")
    return str(found)


def test_the_chiefs_own_hand_approves(office: Office, folder: Path) -> None:
    sheet = sheet_in(folder)
    assert sheet.stat().st_uid == 0
    assert by(CHIEF, f"os.rename({str(sheet)!r}, {str(folder / '承認' / sheet.name)!r})")
    until(lambda: state(office) in ("approved", "scheduled"), "it is approved")
    assert office.database("SELECT login, how FROM approvals") == [(CHIEF, "folder")]


@pytest.mark.parametrize("login", [CLERK, STRANGER])
def test_nobody_elses_hand_moves_copies_or_links_anything_into_it(office: Office, folder: Path, login: str) -> None:
    sheet = sheet_in(folder)
    to = folder / "承認" / sheet.name
    for act in (
        f"os.rename({str(sheet)!r}, {str(to)!r})",
        f"shutil.copy({str(sheet)!r}, {str(to)!r})",
        f"os.link({str(sheet)!r}, {str(to)!r})",
        f"os.symlink({str(sheet)!r}, {str(to)!r})",
        f"open({str(sheet)!r}, 'ab').write(b'x')",
    ):
        assert not by(login, act), act
    assert state(office) == "waiting"


def test_a_file_of_somebody_else_decides_nothing_though_its_bytes_are_right(office: Office, folder: Path) -> None:
    sheet = sheet_in(folder)
    forged = folder.parent / "forged"
    forged.write_bytes(sheet.read_bytes())
    os.chown(forged, uid(STRANGER), 0)
    forged.rename(folder / "承認" / "x.html")
    refusal = until(lambda: next(iter((folder / "承認").glob("*受け付けません.txt")), None), "a refusal")
    assert "本人でも広報番でもない人" in refusal.read_text("utf-8-sig")
    assert state(office) == "waiting"


def test_a_sheet_that_was_edited_by_the_chief_before_moving_is_refused(office: Office, folder: Path) -> None:
    sheet = sheet_in(folder)
    to = folder / "承認" / sheet.name
    words = f"data = open({str(sheet)!r}, 'rb').read().replace('総合案内'.encode(), '案内所'.encode()); open({str(to)!r}, 'wb').write(data)"
    assert by(CHIEF, words)
    refusal = until(lambda: next(iter((folder / "承認").glob("*受け付けません.txt")), None), "a refusal")
    assert "一字一句同じではありません" in refusal.read_text("utf-8-sig")
    assert state(office) == "waiting"
