"""The archive: what lies in it is named, licensed and summed, and the same tree gives the same bytes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from daemon.rulebook.coverage import proofs
from daemon.rulebook.proved import LIST
from tests.distribution.conftest import ROOT
from tests.distribution.installation import python_here

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def wheels(archive: Path) -> dict[str, str]:
    """Every wheel in it, with its sum."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in archive.rglob("*.whl")}


def test_every_file_has_its_sum_and_sha256sum_agrees(new_archive: Path) -> None:
    lines = (new_archive / "SHA256SUMS").read_text().splitlines()
    named = {line.partition("  ")[2] for line in lines}
    there = {str(path.relative_to(new_archive)) for path in new_archive.rglob("*") if path.is_file()}
    assert named == there - {"SHA256SUMS"}
    subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=new_archive, check=True)


def test_the_list_of_parts_is_cyclonedx_and_has_every_wheel(new_archive: Path) -> None:
    bom = json.loads((new_archive / "sbom.cdx.json").read_text(encoding="utf-8"))
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.5", 1)
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bom["serialNumber"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", bom["metadata"]["timestamp"])
    own = bom["metadata"]["component"]
    assert (own["type"], own["name"]) == ("application", "kohoban")
    parts = [own, *bom["components"]]
    for part in parts:
        assert part["type"] in ("application", "library") and part["name"] and part["version"]
        assert part["purl"] == part["bom-ref"] == f"pkg:pypi/{part['name']}@{part['version']}"
        assert all(each.keys() in ({"expression"}, {"license"}) for each in part["licenses"])
        assert len(part["licenses"]) == 1
    files = {each["name"]: each["hashes"] for part in parts for each in part["components"]}
    assert files == {name: [{"alg": "SHA-256", "content": digest}] for name, digest in wheels(new_archive).items()}
    refs = {part["bom-ref"] for part in parts}
    assert len(refs) == len(parts)
    assert {each["ref"] for each in bom["dependencies"]} == refs
    assert {ref for each in bom["dependencies"] for ref in each["dependsOn"]} <= refs
    (needs,) = (each["dependsOn"] for each in bom["dependencies"] if each["ref"] == own["bom-ref"])
    assert any(need.startswith("pkg:pypi/textual@") for need in needs)


def test_the_wheel_names_the_tests_that_prove_each_clause_for_an_installation_has_none_of_them(new_archive: Path) -> None:
    (wheel,) = (new_archive / "wheels").glob("kohoban-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        listed = json.loads(packed.read(f"daemon/rulebook/{LIST}"))
        assert not any(name.startswith("tests/") for name in packed.namelist())
    assert listed == {clause: list(tests) for clause, tests in proofs(ROOT / "tests").items()}


def test_the_licence_of_everything_is_named_and_its_text_is_there_where_the_distribution_has_one(new_archive: Path) -> None:
    text = (new_archive / "THIRD-PARTY-LICENCES.txt").read_text(encoding="utf-8")
    table, _, texts = text.partition("=" * 100)
    parts = {"-".join(name.split("-")[:2]).replace("_", "-").lower() for name in wheels(new_archive)} - {"kohoban-0.2.0.dev0"}
    named = {f"{line.split(' ')[0]}-{line.split(' ')[1][:-1]}" for line in table.splitlines() if re.match(r"\S+ \S+: ", line)}
    assert {part for part in parts if not part.startswith("kohoban-")} == named
    assert not re.search(r"(?m)^\S+ \S+: \?", table), "a licence that nobody has named"
    assert texts.count("Permission is hereby granted") > 10
    assert (new_archive / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_the_same_tree_gives_the_same_bytes(tmp_path: Path, common: Path, new_archive: Path) -> None:
    (first,) = (common / "packed-new").glob("*.tar.gz")
    with tarfile.open(first) as tar:
        owners = {(info.uid, info.gid, info.uname, info.mtime) for info in tar}
    ((uid, gid, name, moment),) = owners
    assert (uid, gid, name) == (0, 0, "")
    listed = subprocess.run(["git", "ls-files", "-zco", "--exclude-standard"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    tree = tmp_path / "elsewhere"  # neither the place nor the age of its files counts
    for file in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / file).is_file() and not file.startswith("docs/"):  # the tests that prove a clause are told in it
            (tree / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / file, tree / file)
    words = [sys.executable, str(ROOT / ".ci" / "dist.py"), "--source", str(tree), "--out", str(tmp_path / "out"), *python_here()]
    subprocess.run(words, check=True, capture_output=True, env={**os.environ, "SOURCE_DATE_EPOCH": str(moment)}, cwd=tmp_path)
    (second,) = (tmp_path / "out").glob("*.tar.gz")
    assert hashlib.sha256(first.read_bytes()).hexdigest() == hashlib.sha256(second.read_bytes()).hexdigest()
