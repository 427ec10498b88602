"""A decision is bound to the file and its images together: whatever of them changes voids it, and is not let out."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from daemon.rulebook.picture import Picture, seal
from daemon.wire import Refusal, Take, Taken
from tests.intake.made_pictures import plain
from tests.service.live_office import Office, until

FIRST, OTHER, THIRD = (plain("PNG", (side, 48)) for side in (64, 65, 66))
"""Three images, of sizes in bytes that may be alike."""


def with_image(office: Office, data: bytes | None = FIRST) -> Path:
    """A draft that names an image, and the image; or the place where it is missing."""
    path = office.path("minato-x", "橋.png")
    path.parent.mkdir(parents=True, exist_ok=True)
    if data is not None:
        path.write_bytes(data)
    text = '+++\nauthor = "akasaka"\ntopic = "区政情報"\nimages = [{ file = "橋.png", alt = "橋", rights = "own", consent = "不要" }]\n+++\n'
    office.path("minato-x", "a.txt").write_text(text + "新しい橋の名前を、来年の春まで募集しています。")
    return path


def test_a_file_without_images_is_sealed_by_its_own_hash_and_an_image_changes_the_seal() -> None:
    one, other = Picture("a.png", "1" * 64, 3), Picture("a.png", "2" * 64, 3)
    assert seal("f" * 64, ()) == "f" * 64
    assert len({seal("f" * 64, each) for each in ((), (one,), (other,), (one, other), (other, one))}) == 5


def test_a_swapped_image_voids_the_approval_and_makes_a_new_revision(fresh: Office) -> None:
    image = with_image(fresh)
    row = fresh.approve("a.txt", "shibata")
    assert fresh.row("a.txt", "approved").hash == row.hash
    new = image.with_name("new")
    new.write_bytes(OTHER)
    os.replace(new, image)
    revised = fresh.row("a.txt", "waiting", revision=2)
    assert revised.hash != row.hash
    assert fresh.acts(row.id)[-1] == "revise"


def test_the_bytes_of_every_image_are_kept_with_their_revision(fresh: Office) -> None:
    with_image(fresh)
    row = fresh.row("a.txt", "waiting")
    digest = hashlib.sha256(FIRST).hexdigest()
    assert fresh.database(f"SELECT size FROM revisions WHERE hash = '{digest}'") == [(len(FIRST),)]
    shown = fresh.show(row.id)
    assert [(p.file, p.hash, p.size, p.kept) for p in shown.revisions[-1].pictures] == [("橋.png", digest, len(FIRST), True)]


def test_a_missing_image_blocks_and_one_that_comes_later_makes_the_draft_whole(fresh: Office) -> None:
    image = with_image(fresh, data=None)
    row = fresh.row("a.txt", "to_fix")
    assert any("橋.png" in line.what for line in row.waiting), row.waiting
    new = image.with_name("new")
    new.write_bytes(FIRST)
    new.rename(image)
    assert fresh.row("a.txt", "waiting", revision=2).verdict != "block"


def test_an_image_that_is_only_touched_is_the_same_image(fresh: Office) -> None:
    image = with_image(fresh)
    row = fresh.approve("a.txt", "shibata")
    before = fresh.database("SELECT pictures FROM drafts")
    os.utime(image, ns=(1, 1))
    until(lambda: fresh.database("SELECT pictures FROM drafts") != before, "the new times noted")
    assert fresh.row("a.txt", "approved", revision=1).hash == row.hash


def test_an_image_swapped_in_the_last_moment_is_not_let_out(found: Callable[..., Office]) -> None:
    """Before any round could notice it: the release itself looks."""
    office = found()
    office.start()
    office.resume()
    image = with_image(office)
    row = office.approve("a.txt", "shibata")
    caller = office.caller("akasaka")
    stamp = image.stat()
    image.write_bytes(THIRD)
    os.utime(image, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    number = caller.put(Take(draft=row.id, hash=row.hash, handle="minato_kunren"))
    refused = caller.answer(number)
    assert isinstance(refused, Refusal) and refused.code == "stale", refused


@pytest.mark.parametrize("what", ["link", "folder"])
def test_a_link_or_a_folder_in_the_place_of_an_image_is_none(fresh: Office, what: str) -> None:
    image = with_image(fresh)
    image.unlink()
    image.symlink_to("/etc/hostname") if what == "link" else image.mkdir()
    assert "橋.png" in fresh.row("a.txt", "to_fix").waiting[0].what


def test_what_was_approved_is_what_goes_out_with_its_image(fresh: Office) -> None:
    fresh.resume()
    with_image(fresh)
    row = fresh.approve("a.txt", "shibata")
    taken = fresh.take(fresh.row("a.txt", "approved"))
    assert isinstance(taken, Taken) and row.hash == taken.hash
    assert (Path(taken.folder) / "01-橋.png").read_bytes() == FIRST
