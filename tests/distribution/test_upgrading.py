"""From the release before to this tree and back, with the network taken away and an office at work: tried first, switched at once, and undone as
long as nothing has gone out."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

from console.installation import documents
from tests.distribution.installation import Installation, changed, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

OLD = "0.1.0"
NOTICE = "区立図書館の児童書コーナーを2階に移しました。"
OTHER = "区立プールは、点検のため明日お休みします。"
RAIN = "大雨の予報が出ています。川に近づかないでください。"
HANDLE = ("--handle", "minato_kunren")
MIGRATION = '\nMIGRATIONS = (*MIGRATIONS, "CREATE TABLE later (id INTEGER PRIMARY KEY) STRICT;")\n'


def new_version(archive: Path) -> str:
    return str(json.loads((archive / "archive.json").read_text())["version"])


def data_version(place: Installation) -> int:
    with closing(sqlite3.connect(f"{(place.office / 'state/store/kohoban.db').as_uri()}?mode=ro", uri=True)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def prepared(place: Installation, archive: Path) -> str:
    """The new version beside the old one, which goes on: nobody has agreed to the switch yet."""
    place.lay_ready()
    said = place.run(archive, "upgrade", "--office", str(place.office), code=4)
    assert "Not switched" in said
    assert place.version == OLD
    return said


def whole(place: Installation) -> None:
    """The record verifies from its first entry to the last."""
    assert place.json("audit", "verify")["ok"] is True


def test_there_and_back_and_there_again(installation: Installation, new_archive: Path) -> None:
    place, new = installation, new_version(new_archive)
    first = place.drop("first.txt", NOTICE)
    place.kohoban("--operator", "shibata", "approve", str(first), *HANDLE)

    # Tried beside the old version; nobody agrees, and all is as it was.
    prepared(place, new_archive)
    assert (place.versions()["versions"], place.versions()["in_force"]) == ([OLD, new], OLD)
    schema = data_version(place)

    # The old one serves while the new one is made ready: what is dropped meanwhile is judged by it.
    with changed(place.module(new, "daemon/store/schema.py"), MIGRATION):
        command = [*place.command(new_archive, "upgrade", "--office", str(place.office)), "--yes"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as going:
            place.drop("meanwhile.txt", OTHER)
            out, _ = going.communicate()
        assert going.returncode == 0, out
        assert place.version == new
        assert sorted(documents.MADE) == place.documents(), "its manual page and completions"
        assert place.state("first.txt") == "approved" and place.number("meanwhile.txt")
        assert data_version(place) > schema
        whole(place)

        # What people decide, and what arrives, after the switch …
        meanwhile = place.number("meanwhile.txt")
        place.kohoban("--operator", "shibata", "approve", str(meanwhile), *HANDLE)
        place.drop("after.txt", RAIN)
        comment = {"id": "rollback-1", "text": "お前らみたいなゴミは死んでしまえ。", "handle": "kunren_rollback"}
        folder = place.office / "comments" / "saitama-cvc"
        (folder / "after.jsonl").write_text(json.dumps(comment, ensure_ascii=False) + "\n", encoding="utf-8")
        until(lambda: not (folder / "after.jsonl").exists(), "the comments' import")

        # … is named by the way back, or comes in anew.
        said = place.run(None, "rollback")
    assert place.version == OLD and data_version(place) == schema
    assert place.documents() == [], "the old version has none"
    assert re.search(r"shibata\s+approved\s+drafts/minato-x/meanwhile.txt", said)
    assert place.state("first.txt") == "approved", "what was approved before stands"
    for name in ("after.txt", "meanwhile.txt"):
        until(lambda name=name: place.number(name) and place.state(name) != "received", "what came after the trial, read anew")
    assert place.state("meanwhile.txt") == "waiting", "and this one is to be approved anew"
    listed = until(
        lambda: [
            one for one in place.json("--operator", "urano", "comments", "list")["comments"] if one["handle"] == comment["handle"]
        ],
        "the comment",
    )
    assert len(listed) == 1
    whole(place)
    assert [line["act"] for line in place.json("audit", "show")["entries"]].count("restore") == 1
    assert "no version to go back to" in place.run(None, "rollback", code=4)

    # Once more, and something goes out: now there is no way back.
    place.run(new_archive, "upgrade", "--yes")
    place.kohoban("--operator", "akasaka", "take", str(place.number("first.txt")), *HANDLE)
    refused = place.run(None, "rollback", code=4)
    assert "would send them once more" in refused and "restore" in refused
    assert place.version == new and place.json("status")["daemon"] == "up"
    whole(place)

    # What the refusal names leads back all the same, and what went out is in doubt.
    place.end()
    way = next(line for line in refused.splitlines() if line.strip().startswith(str(place.prefix))).split()
    subprocess.run(way, check=True, capture_output=True, cwd=place.folder)
    old = [str(place.prefix / "versions" / OLD / "bin" / "kohoban"), "--office", str(place.office)]
    subprocess.run([*old, "daemon", "--detach"], check=True, capture_output=True, cwd=place.folder)
    drafts = json.loads(subprocess.run([*old, "queue", "--json"], check=True, capture_output=True).stdout)["drafts"]
    assert {d["state"] for d in drafts if d["path"].endswith("/first.txt")} == {"unknown"}


def test_a_new_version_that_judges_otherwise_shows_what_it_would_change_and_then_does_it(
    installation: Installation, new_archive: Path
) -> None:
    place, new = installation, new_version(new_archive)
    number = place.drop("library.txt", NOTICE)
    assert next(d for d in place.json("queue")["drafts"] if d["id"] == number)["verdict"] == "pass"
    said = prepared(place, new_archive)
    assert "no verdict changes" in said or f"\n  {number} " not in said

    # A screening that has learnt something, by the same policy, which has the same hash.
    stricter = (
        "\n_judge = judge\n\ndef judge(item, situation, book, *, screened=None):\n"
        "    if screened is None and '児童書コーナー' in item.text:\n"
        "        item = msgspec.structs.replace(item, text=item.text + '連絡先 090-1234-5678')\n"
        "    return _judge(item, situation, book, screened=screened)\n"
    )
    (judge,) = {path for name in ("daemon/judge/__init__.py",) for path in [place.module(new, name)]}
    with changed(judge, f"\nimport msgspec.structs\n{stricter}"):
        said = place.run(new_archive, "upgrade", "--yes", "--office", str(place.office))
        assert re.search(rf"(?m)^  {number}  minato-x .*pass → (hold|block).*minato/", said), said
        until(
            lambda: next(d for d in place.json("queue")["drafts"] if d["id"] == number)["verdict"] in ("hold", "block"),
            "the verdict that was announced",
        )
        place.run(None, "rollback")
    until(
        lambda: next(d for d in place.json("queue")["drafts"] if d["id"] == number)["verdict"] == "pass",
        "the old version's verdict again",
    )


FAILURES = {
    "a migration that fails on the copy": ("daemon/store/schema.py", '\nMIGRATIONS = (*MIGRATIONS, "SELECT nonsense;")\n'),
    "a judge that falls over": ("daemon/service/verdicts_main.py", "\nraise RuntimeError('no')\n"),
    "a switch that breaks off half-way": (
        "daemon/service/switching.py",
        "\n_keep_before = _keep\n\ndef _keep(store, kept, tell):\n    _keep_before(store, kept, tell)\n    raise OSError(28, 'full', str(kept))\n",
    ),
    "a migration that fails only in earnest": (
        "daemon/service/switching.py",
        "\nfrom daemon.store import schema as _s, database as _d\n_d.migrate.__defaults__ = ((*_s.MIGRATIONS, 'SELECT nonsense;'),)\n",
    ),
    "a daemon that does not start": ("daemon/service/main.py", "\nraise SystemExit(3)\n"),
    "a daemon that starts and dies": (
        "daemon/service/server.py",
        "\nasync def _dies(self):\n    raise RuntimeError('no socket')\n\nServer.start = _dies\n",
    ),
}


def test_a_step_that_fails_leaves_the_old_version_in_force(installation: Installation, new_archive: Path) -> None:
    place, new = installation, new_version(new_archive)
    number = place.drop("kept.txt", NOTICE)
    place.kohoban("--operator", "shibata", "approve", str(number), *HANDLE)
    prepared(place, new_archive)
    before = place.json("audit", "verify")
    for what, (module, lines) in FAILURES.items():
        with changed(place.module(new, module), lines):
            if module.endswith("daemon/service/main.py"):
                text = place.module(new, module).read_text()
                place.module(new, module).write_text(
                    text.replace('if __name__ == "__main__":\n    sys.exit', "if False:\n    sys.exit")
                )
            said = place.run(new_archive, "upgrade", "--yes", "--office", str(place.office), code=2)
        assert place.version == OLD, (what, said)
        assert place.json("status")["daemon"] == "up", (what, said)
        assert place.state("kept.txt") == "approved", (what, said)
        after = place.json("audit", "verify")
        assert after["ok"] and after["entries"] >= before["entries"], (what, said)
        assert not list((place.office / "state").glob("aside/*/upgrade.json")), (what, said)
        assert not list(place.backups.rglob(".trial*")), (what, said)


def test_uninstalling_takes_the_program_and_leaves_the_office(installation: Installation, tmp_path: Path) -> None:
    place = installation
    place.drop("stays.txt", NOTICE)
    inside = place.prefix / "office"
    record = place.prefix / "installed.json"
    before = record.read_text()
    inside.mkdir()
    record.write_text(json.dumps({**json.loads(before), "offices": [str(inside)]}))
    assert "is not lost" in place.run(None, "uninstall", "--yes", code=2), "an office inside the program's folder"
    inside.rmdir()
    record.write_text(json.dumps({**json.loads(before), "offices": [str(place.office)]}))

    kept = tmp_path / "kept"
    subprocess.run(["cp", "-a", str(place.prefix), str(kept)], check=True)
    links = {link: link.readlink() for link in place.bin.iterdir()}
    assert "Nothing was done" in place.run(None, "uninstall")
    for offices in ([str(place.office)], []):
        record.write_text(json.dumps({**json.loads(before), "offices": offices}))
        said = place.run(None, "uninstall", "--yes")
        assert [line for line in said.splitlines() if line.startswith("The office stays")] == [
            f"The office stays as it is: {office}" for office in offices
        ]
        assert place.pid() is None
        assert not place.prefix.exists() and not list(place.bin.iterdir())
        subprocess.run(["cp", "-a", str(kept), str(place.prefix)], check=True)
        for link, target in links.items():
            link.symlink_to(target)
    for name in ("rules.toml", "drafts/minato-x/stays.txt", "state/store/kohoban.db"):
        assert (place.office / name).is_file(), name
    with closing(sqlite3.connect(place.office / "state/store/kohoban.db")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
