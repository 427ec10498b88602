"""A strict reader of Prometheus' text format (0.0.4), as strict as the collector that reads our file, and stricter where it forgives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
_HELP = re.compile(rf"# HELP ({_NAME}) ((?:[^\\\n]|\\\\|\\n)+)")
_TYPE = re.compile(rf"# TYPE ({_NAME}) (counter|gauge)")
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\\\|\\"|\\n)*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? ([+-]?(?:[0-9.]+(?:e[+-]?[0-9]+)?|Inf)|NaN)")
_ONE = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Sample:
    """One number."""

    name: str
    labels: tuple[tuple[str, str], ...]
    value: float


@dataclass
class Family:
    """All numbers of one name, with what is said of it."""

    name: str
    about: str
    kind: str = ""
    samples: list[Sample] = field(default_factory=list)


def families(text: str) -> Iterator[Family]:
    """Every family, in order. Raises ValueError for whatever the format does not allow: a family that comes twice, a sample under another's
    heading, without one or a second time, a timestamp (the collector refuses those), an end without a newline."""
    if not text.endswith("\n"):
        raise ValueError("the last line has no end")
    found: dict[str, Family] = {}
    family: Family | None = None
    for line in text[:-1].split("\n"):
        if match := _HELP.fullmatch(line):
            if match[1] in found:
                raise ValueError(f"twice: {match[1]}")
            family = found[match[1]] = Family(match[1], match[2])
        elif match := _TYPE.fullmatch(line):
            if family is None or family.name != match[1] or family.kind:
                raise ValueError(f"a type without its help: {line}")
            family.kind = match[2]
        elif match := _SAMPLE.fullmatch(line):
            if family is None or family.name != match[1] or not family.kind:
                raise ValueError(f"a sample under no heading of its own: {line}")
            sample = Sample(match[1], tuple(_ONE.findall(match[2] or "")), float(match[3]))
            if any(each.labels == sample.labels for each in family.samples):
                raise ValueError(f"the same sample twice: {line}")
            if family.kind == "counter" and (not family.name.endswith("_total") or sample.value < 0):
                raise ValueError(f"no counter: {line}")
            family.samples.append(sample)
        else:
            raise ValueError(f"no line of the format: {line!r}")
    yield from found.values()
