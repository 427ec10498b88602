"""What docs/channels.md tells IT staff and programmers is what the program reads and asks."""

from __future__ import annotations

import inspect
import re
import tomllib
from pathlib import Path

import pytest

from daemon.release import line, line_access
from daemon.release.card import check_url
from daemon.release.channel import OURS, Channel, Sending, channel
from daemon.release.secrets import credentials
from daemon.rulebook.channels import BUILT_IN, READINGS, Capabilities
from daemon.rulebook.published import profile
from tests.release.line_office import let_in

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "channels.md").read_text(encoding="utf-8")
BLOCKS = {
    (name, kind): block
    for name, kind, block in re.findall(r"```toml\n# credentials: (\w+) (\w+)\n(.*?)```", TEXT, flags=re.DOTALL)
}
"""The credential files that are shown, by channel and kind."""


def test_every_kind_of_credentials_that_a_channel_takes_is_shown() -> None:
    assert BLOCKS.keys() == {(name, kind) for name, can in BUILT_IN.items() for kind in can.credentials}


@pytest.mark.parametrize("block", BLOCKS, ids="-".join)
def test_the_keys_that_are_shown_are_those_that_are_asked_for(block: tuple[str, str]) -> None:
    name, kind = block
    assert set(tomllib.loads(BLOCKS[block])) == {key.rstrip("?") for key in BUILT_IN[name].credentials[kind]}


def test_what_line_reads_is_what_is_shown(tmp_path: Path) -> None:
    class Noted(dict[str, str]):
        read: set[str] = set()

        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            self.read.add(key)
            return super().get(key, default)

    shown = tomllib.loads(BLOCKS["line", "token"].replace("…", "a" * 12))
    let_in(tmp_path, "minato-line", **shown)
    given = Noted(credentials(tmp_path, "minato-line"))
    line_access.Access(given)
    assert given.read == {*shown, "api"} == set(line_access.KEYS)
    assert '`api = "https://…"`' in TEXT


def test_every_channel_of_ours_and_every_capability_is_explained() -> None:
    for name in BUILT_IN:
        assert f"| `{name}`" in TEXT
    for field in Capabilities.__struct_fields__:
        assert f"`{field}`" in TEXT, field
    for reading in READINGS:
        assert f"`{reading}`" in TEXT, reading


def test_every_method_of_the_protocol_is_explained() -> None:
    for protocol, prefix in ((Channel, ""), (Sending, "Sending.")):
        for name, member in vars(protocol).items():
            if inspect.isfunction(member) and not name.startswith("_"):
                assert f"{prefix}{name}(" in TEXT, name


@pytest.mark.parametrize("name", OURS)
def test_a_channel_of_ours_states_of_itself_what_the_rules_go_by(name: str) -> None:
    assert channel(name).can is BUILT_IN[name]


def test_the_address_that_a_person_is_told_to_record_for_a_broadcast_is_taken() -> None:
    assert "--url https://line.me/R/ti/p/@…" in TEXT
    assert check_url(profile("line", "@216ruxyz"), "line", "@216ruxyz") is None


def test_the_limits_that_are_told_are_those_that_hold() -> None:
    assert f"{line.LONGEST:,}字" in TEXT
