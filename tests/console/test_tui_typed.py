"""Keys as they come over a bad line: torn, or several in one packet."""

from __future__ import annotations

from pathlib import Path

from console_desk import at_desk
from hypothesis import given
from hypothesis import strategies as st
from scripted_peer import Peer
from textual.events import Key

from console.tui.typed import ABANDONED, ALIVE, ALONE, ESC, PASTE, PASTED, TORN, Typed

UP, F12 = "\x1b[A", "\x1b[24~"
KEYS = st.lists(st.sampled_from(["y", ":", "承", UP, "\x1bOP", F12, "\x1b[1;5C", ALIVE, f"{PASTE}貼\x1b[A{PASTED}"]), max_size=12)


class Clock:
    """Time that stands still until it is moved."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def typed(*packets: str, pause: float = 0.0) -> list[str]:
    """The pieces of these packets, between which so much time passes, and a second after the last."""
    clock, pieces = Clock(), []
    keys = Typed(clock)
    for packet in packets:
        pieces += keys.feed(packet)
        clock.now += pause
        pieces += keys.tick()
    clock.now += 1.0
    return [*pieces, *keys.tick()]


def test_an_escape_and_the_next_key_in_one_packet_are_two_keys() -> None:
    assert typed("\x1by") == [ESC, "y"]
    assert typed("\x1b:一覧\r") == [ESC, ":一覧\r"]
    assert typed("\x1b\x1b[A") == [ESC, UP]


def test_an_escape_alone_is_the_key_after_a_moment() -> None:
    assert typed("\x1b") == [ESC]
    assert typed("\x1b", "y", pause=ALONE) == [ESC, "y"]


def test_a_sequence_that_is_torn_is_whole_again_when_its_rest_comes() -> None:
    assert typed("\x1b", "[2", "4~") == [F12]
    assert typed("\x1b[", "A", pause=TORN / 2) == [UP]


def test_the_rest_of_a_sequence_that_never_comes_types_nothing() -> None:
    assert typed("\x1b[1;5") == [ESC]


def test_the_stop_key_by_itself_is_one_also_where_the_end_of_a_paste_was_lost() -> None:
    assert typed(f"{PASTE}文", F12, F12, pause=ABANDONED) == [PASTE, "文", PASTED, F12, F12]
    assert typed(f"{PASTE}文", "\x1c", pause=ABANDONED) == [PASTE, "文", PASTED, "\x1c"]
    assert typed(f"{PASTE}文", ALIVE, PASTED, F12, pause=ABANDONED) == [PASTE, "文", "␛[0n", PASTED, F12]


def test_of_a_sequence_without_an_end_nothing_is_kept() -> None:
    keys = Typed(Clock())
    assert not [*keys.feed("\x1b[" + "1;" * 500)]
    assert not keys.waits


def test_an_escape_in_what_is_pasted_ends_no_paste_and_is_no_key() -> None:
    assert typed(f"{PASTE}a\x1b[Ay\x1b{PASTED}X") == [PASTE, "a␛[Ay␛", PASTED, "X"]


@given(KEYS, st.data())
def test_wherever_packets_end_the_keys_are_the_same(keys: list[str], data: st.DataObject) -> None:
    stream = "".join(keys)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(stream)), max_size=6)))
    packets = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert "".join(typed(*packets)) == "".join(typed(stream))
    assert [p for p in typed(*packets) if p.startswith(ESC)] == [p for p in typed(stream) if p.startswith(ESC)]


async def test_an_escape_closes_the_line_before_the_key_behind_it_is_read(office: Path, peer: Peer, japanese: None) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        await desk.press("colon")
        await desk.until(lambda: desk.console.bottom.typing)
        desk.console.post_message(Key("escape", ESC))
        desk.console.post_message(Key("g", "g"))
        await desk.until(lambda: not desk.console.bottom.typing)
        await desk.press("colon")
        await desk.until(lambda: desk.console.bottom.typing)
        assert desk.console.bottom.input.value == ""


async def test_a_daemon_that_hangs_is_not_shown_as_running_for_two_seconds(office: Path, peer: Peer, japanese: None) -> None:
    from console.tui.app import ANSWERS, PULSE

    assert PULSE + ANSWERS < 2.0
    async with at_desk(office, hurried=True) as desk:
        await desk.shows("運用中")
        assert desk.console.seen.latency is not None
        peer.answer = lambda _: None
        await desk.shows("デーモンが答えません")
        assert desk.console.seen.latency is None
        peer.answer = peer.answered
        await desk.shows("運用中")


def test_the_daemons_haste_is_told_anew_only_when_it_is_another() -> None:
    from console.tui.office import OfficeSeen

    seen = OfficeSeen()
    told = []
    for seconds in (0.003, 0.004, 0.002, 0.0031, 0.2, 0.21, 0.003):
        seen.answered_in(seconds)
        told.append(seen.latency)
    assert told == [0.003, 0.003, 0.003, 0.003, 0.2, 0.2, 0.003]
