"""What a row of a sheet is called: the office's number, or where it was first seen, whatever happens to the rows around it."""

from __future__ import annotations

from daemon.desk.rows import Known, Row, called


def names(rows: str, known: dict[str, tuple[str, int]] | None = None) -> list[str]:
    """What rows are called of which each is written `says@number`, from the second row on."""
    came = [
        Row(*reversed((*each.split("@"), "")[:2]), at) if "@" in each else Row("", each, at)
        for at, each in enumerate(rows.split(), 2)
    ]
    return called(came, [Known(name, digest, at, False) for name, (digest, at) in (known or {}).items()])


THREE = {"#2": ("a", 2), "#3": ("b", 3), "#4": ("c", 4)}


def test_rows_are_first_called_by_where_they_stand() -> None:
    assert names("a b c") == ["#2", "#3", "#4"]


def test_an_edited_row_keeps_its_name_and_so_do_all_others() -> None:
    assert names("a X c", THREE) == ["#2", "#3", "#4"]


def test_rows_keep_their_names_when_others_come_go_or_are_sorted() -> None:
    assert names("new a b c", THREE) == ["#5", "#2", "#3", "#4"]
    assert names("a c", THREE) == ["#2", "#4"]
    assert names("c b a", THREE) == ["#4", "#3", "#2"]


def test_equal_rows_are_told_apart() -> None:
    assert names("a a", {"#2": ("a", 2), "#3": ("a", 3)}) == ["#2", "#3"]


def test_a_number_of_the_office_is_the_name() -> None:
    assert names("a@17 b c@k-3") == ["17", "#3", "k-3"]
    assert names("b X@17", {"17": ("a", 2), "#3": ("b", 3)}) == ["#3", "17"]
