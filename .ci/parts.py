"""What an archive is made of, as its wheels say it themselves: whose licence each is under, and the list of parts (SBOM, CycloneDX 1.5)."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.parser import BytesParser
from itertools import groupby
from pathlib import Path

from packaging.requirements import Requirement

_TEXT = re.compile(r"\.dist-info/(?:licenses?/.*|(?:licen[cs]e|copying|notice|authors)[^/]*)$", re.IGNORECASE)
_HEAVY = 400_000
"""Characters of one licence text; none is as long."""
THERE = {"python_version": "3.11", "sys_platform": "linux", "platform_machine": "x86_64", "extra": "", "platform_system": "Linux",
         "python_full_version": "3.11.0", "implementation_name": "cpython", "platform_python_implementation": "CPython", "os_name": "posix"}  # fmt: skip


@dataclass(frozen=True)
class Part:
    """One wheel: what it is, its file, and what it says of its licence (an SPDX expression where it has one)."""

    name: str
    version: str
    file: str
    sha256: str
    licence: str
    spdx: bool
    home: str
    texts: tuple[tuple[str, str], ...]
    needs: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Its package address, without an index."""
        return f"pkg:pypi/{self.name}@{self.version}"


def part_of(wheel: Path) -> Part:
    """Read a wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        (about,) = (name for name in names if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        said = BytesParser().parsebytes(archive.read(about))
        texts = tuple(
            (name.partition(".dist-info/")[2], archive.read(name).decode("utf-8", "replace")[:_HEAVY])
            for name in sorted(names)
            if _TEXT.search(name) and not name.endswith("/")
        )
    expression = said.get("License-Expression", "")
    return Part(
        name=re.sub(r"[-_.]+", "-", said["Name"]).lower(),
        version=said["Version"],
        file=wheel.name,
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        licence=expression or _older(said),
        spdx=bool(expression),
        home=_home(said),
        texts=texts,
        needs=tuple(_needs(said)),
    )


def _older(said: Message) -> str:
    """The licence as distributions named it before there was an expression for it; empty where they do not."""
    classes = [line.rpartition(" :: ")[2] for line in said.get_all("Classifier", []) if line.startswith("License :: ")]
    plain = (said.get("License") or "").strip()
    short = plain if plain and "\n" not in plain and len(plain) < 100 else ""
    return short or ", ".join(classes)


def _home(said: Message) -> str:
    pages = dict(line.split(", ", 1) for line in said.get_all("Project-URL", []) if ", " in line)
    known = {name.lower(): page for name, page in pages.items()}
    return said.get("Home-page") or next(
        (known[name] for name in ("homepage", "source", "repository", "source code") if name in known), ""
    )


def _needs(said: Message) -> list[str]:
    found = [Requirement(line) for line in said.get_all("Requires-Dist", [])]
    return sorted({re.sub(r"[-_.]+", "-", r.name).lower() for r in found if r.marker is None or r.marker.evaluate(THERE)})


def _by_dist(parts: list[Part]) -> list[list[Part]]:
    ordered = sorted(parts, key=lambda part: (part.name, part.version, part.file))
    return [list(group) for _, group in groupby(ordered, key=lambda part: (part.name, part.version))]


def licences(parts: list[Part]) -> str:
    """THIRD-PARTY-LICENCES: a table, then every text that the distributions carry, each once."""
    groups = _by_dist(parts)
    lines = [
        "広報番 Kohoban に含まれる他のプログラムの使用許諾 / licences of what comes with Kohoban",
        "",
        *(f"{group[0].name} {group[0].version}: {group[0].licence or '?'}  {group[0].home}".rstrip() for group in groups),
        "",
    ]
    for group in groups:
        first = group[0]
        lines += ["=" * 100, f"{first.name} {first.version}", f"{first.licence or '?'}  {first.home}".rstrip(), ""]
        seen = set()
        for name, text in (pair for part in group for pair in part.texts):
            if text not in seen:
                seen.add(text)
                lines += ["-" * 100, name, "", text.rstrip(), ""]
        if not seen:
            lines += ["(the distribution carries no text of its licence)", ""]
    return "\n".join(lines) + "\n"


def bill_of_materials(version: str, parts: list[Part], epoch: int) -> str:
    """The list of parts: a component for each distribution, within it a file for each wheel with its sum, and who needs whom."""
    groups = _by_dist(parts)
    known = {group[0].name: group[0].purl for group in groups}
    digest = hashlib.sha256("".join(sorted(part.sha256 for part in parts)).encode()).hexdigest()
    (own,) = (group for group in groups if group[0].name == "kohoban")
    others = [group for group in groups if group is not own]
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, digest)}",
        "version": 1,
        "metadata": {
            "timestamp": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": _component(own, "application"),
        },
        "components": [_component(group, "library") for group in others],
        "dependencies": [
            {"ref": group[0].purl, "dependsOn": sorted(known[need] for need in group[0].needs if need in known)}
            for group in groups
        ],
    }
    return json.dumps(bom, indent=1, ensure_ascii=False) + "\n"


def _component(group: list[Part], kind: str) -> dict[str, object]:
    first = group[0]
    licence: list[dict[str, object]] = [{"expression": first.licence}] if first.spdx else [{"license": {"name": first.licence}}]
    return {
        "type": kind,
        "bom-ref": first.purl,
        "name": first.name,
        "version": first.version,
        "purl": first.purl,
        **({"licenses": licence} if first.licence else {}),
        **({"externalReferences": [{"type": "website", "url": first.home}]} if first.home else {}),
        "components": [
            {"type": "file", "name": part.file, "hashes": [{"alg": "SHA-256", "content": part.sha256}]} for part in group
        ],
    }
