"""Wheels for the archive are fetched into one store, also by builds at the same time."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.distribution.conftest import ROOT

SLOWLY = """
import shutil, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
import dist
copy = shutil.copyfile
shutil.copyfile = lambda what, to: (copy(what, to), time.sleep(0.3))
print(*dist.fetch(Path(sys.argv[2]), "3.11", "x86_64", Path(sys.argv[3])))
"""
"""One fetching, whose copies take so long that two of them would surely meet."""


@pytest.mark.timeout(600)
def test_two_builds_at_once_find_every_wheel_whole(tmp_path: Path) -> None:
    index, store = tmp_path / "index", tmp_path / "store"
    index.mkdir()
    wheel = index / "bunsho-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("bunsho.py", "")
        packed.writestr("bunsho-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: bunsho\nVersion: 1.0\n")
        packed.writestr("bunsho-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr("bunsho-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    lock = tmp_path / "one.lock"
    lock.write_text(f"bunsho==1.0 \\\n    --hash=sha256:{digest}\n")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", SLOWLY, str(ROOT / ".ci"), str(lock), str(store)],
            env={**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(index)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for one in both:
        out, err = one.communicate(timeout=240)
        assert one.returncode == 0, err
        assert out.split() == [str(store / wheel.name)]
    assert [path.name for path in store.iterdir() if not path.name.startswith(".")] == [wheel.name]
    assert hashlib.sha256((store / wheel.name).read_bytes()).hexdigest() == digest
