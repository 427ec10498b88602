"""Distributions with channels, installed for a test as an installer lays them out: modules, and a `.dist-info` beside them."""

from __future__ import annotations

import shutil
import sysconfig
import tomllib
import venv
from pathlib import Path

EXAMPLE = Path(__file__).resolve().parents[1] / "channels_example"


def install(project: Path, site: Path) -> Path:
    """Install a project of pure modules into a folder of packages; that folder. What is written comes from its pyproject.toml."""
    about = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = about["entry-points"]
    for module in {value.partition(":")[0].partition(".")[0] for group in groups.values() for value in group.values()}:
        if (project / module).is_dir():
            shutil.copytree(project / module, site / module, ignore=shutil.ignore_patterns("__pycache__"))
        elif (project / f"{module}.py").is_file():
            site.mkdir(parents=True, exist_ok=True)
            shutil.copy(project / f"{module}.py", site)
    info = site / f"{about['name'].replace('-', '_')}-{about['version']}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {about['name']}\nVersion: {about['version']}\n")
    lines = [
        line for name, group in groups.items() for line in (f"[{name}]", *(f"{key} = {value}" for key, value in group.items()))
    ]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def made(folder: Path, module: str, source: str, **channels: str) -> Path:
    """A project of one module with these channels (name → object), as somebody might write it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{module}.py").write_text(source, encoding="utf-8")
    entries = "".join(f'"{name}" = "{value}"\n' for name, value in channels.items())
    (folder / "pyproject.toml").write_text(
        f'[project]\nname = "channel-{module}"\nversion = "1"\n[project.entry-points."kohoban.channels"]\n{entries}',
        encoding="utf-8",
    )
    return folder


def environment(folder: Path) -> tuple[Path, Path]:
    """A virtual environment of its own that has all that this one has: its Python, and where it installs to."""
    venv.create(folder, with_pip=False, symlinks=True)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    ours = repr(sysconfig.get_path("purelib"))
    (site / "ours.pth").write_text(f"import site; site.addsitedir({ours})\n", encoding="utf-8")
    return folder / "bin" / "python", site
