"""The table of moves."""

from __future__ import annotations

import pytest

from daemon.desk.states import ENDED, IN_HAND, MOVES, NEEDS_SOMEBODY, WORDS, NotAllowed, State, move


def test_nothing_moves_a_draft_that_has_ended() -> None:
    for step, moves in MOVES.items():
        assert not ENDED & set(moves), step


def test_a_release_begins_only_from_approved() -> None:
    assert set(MOVES["begin"]) == {"approved"}


def test_only_a_release_leads_to_released() -> None:
    assert {step for step, moves in MOVES.items() if "released" in moves.values()} == {"release"}


def test_what_is_in_flight_can_neither_be_edited_nor_withdrawn() -> None:
    for state in ("releasing", "unknown"):
        for step in ("revise", "withdraw", "return", "hold"):
            with pytest.raises(NotAllowed):
                move(state, step)


def test_every_state_has_words_and_a_place_in_the_queue() -> None:
    states = set(State.__args__)
    assert set(WORDS) == states
    assert set(NEEDS_SOMEBODY) == states
    assert IN_HAND | ENDED | {"releasing", "unknown"} == states
