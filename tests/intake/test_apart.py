"""The process that decodes: it answers, it is ended when it does not, and it may do nothing else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec
import pytest
from made_pictures import code, jpeg, plain, with_place

from daemon.intake.apart import Ended, decoded_apart
from daemon.intake.looking import look_into
from daemon.intake.pictures import look_at_pictures, read_pictures
from daemon.rulebook.attached import Looked
from daemon.rulebook.item import Image, Item
from daemon.rulebook.picture import Picture


def children() -> set[int]:
    listed = (task.joinpath("children") for task in Path("/proc/self/task").iterdir())
    return {int(pid) for path in listed for pid in path.read_text().split()}


def test_it_answers_what_the_image_holds() -> None:
    answer = decoded_apart("picture", jpeg(exif=with_place()))
    assert msgspec.msgpack.decode(answer, type=Looked).private == ("gps",)


def test_it_is_ended_when_its_time_is_over() -> None:
    before = children()
    with pytest.raises(Ended) as ended:
        decoded_apart("picture", jpeg(), seconds=0.0)
    assert (ended.value.late, children() - before) == (True, set())


def test_its_death_is_the_trouble_of_this_image_alone() -> None:
    picture = plain("PNG", (5_000, 5_000))
    before = children()
    died: list[bool] = []

    def kill() -> None:
        while not (new := children() - before):
            time.sleep(0.001)
        os.kill(new.pop(), signal.SIGKILL)
        died.append(True)

    killer = threading.Thread(target=kill)
    killer.start()
    one, other = look_into([(Picture("a.png", "1" * 64), picture), (Picture("b.jpg", "2" * 64), jpeg())])
    killer.join()
    assert (died, one.wrong, other.wrong, other.format) == ([True], "ended", "", "jpeg")


PROBE = """
import os, socket, sys
from daemon.intake.apart_main import limit
limit()
def refused(do):
    try:
        do()
    except (MemoryError, OSError):
        return True
    return False
asked = {
    "memory": lambda: bytearray(2 << 30),
    "files": lambda: [os.open("/dev/null", os.O_RDONLY) for _ in range(100)],
    "size": lambda: [os.write(1, bytes(1 << 20)) for _ in range(9)],
}
named = sys.argv[1]
sys.stderr.write("refused" if refused(asked[named]) else "allowed")
"""


@pytest.mark.parametrize("what", ["memory", "files", "size"])
def test_it_may_not_take_more_than_decoding_needs(what: str, tmp_path: Path) -> None:
    with (tmp_path / "answer").open("wb") as answer:
        ended = subprocess.run(
            [sys.executable, "-P", "-c", PROBE, what], stdout=answer, stderr=subprocess.PIPE, text=True, check=True
        )
    assert ended.stderr == "refused"


def beside(tmp_path: Path, **files: bytes) -> Path:
    folder = tmp_path / "drafts" / "minato-x"
    folder.mkdir(parents=True)
    for name, data in files.items():
        (folder / name.replace("_", ".")).write_bytes(data)
    return folder.parent


def item(*files: str) -> Item:
    return Item(text="公園の花が咲きました。", images=tuple(Image(file=file) for file in files))


def test_the_images_of_a_draft_are_read_sealed_and_looked_into(tmp_path: Path) -> None:
    drafts = beside(tmp_path, a_jpg=jpeg(exif=with_place()), b_png=code("https://example.jp/"))
    seen = look_at_pictures(drafts, "minato-x", item("a.jpg", "b.png"))
    assert [(each.file, each.format, each.private, each.codes) for each in seen.looked] == [
        ("a.jpg", "jpeg", ("gps",), ()),
        ("b.png", "png", (), ("https://example.jp/",)),
    ]
    assert seen.pictures == read_pictures(drafts, "minato-x", ["a.jpg", "b.png"]).pictures
    assert seen.on(item("a.jpg", "b.png")).looked == seen.looked


def test_pipes_links_and_what_is_missing_are_told_and_not_waited_for(tmp_path: Path) -> None:
    drafts = beside(tmp_path, a_jpg=jpeg())
    folder = drafts / "minato-x"
    os.mkfifo(folder / "pipe.jpg")
    (folder / "link.jpg").symlink_to(folder / "a.jpg")
    seen = look_at_pictures(drafts, "minato-x", item("pipe.jpg", "link.jpg", "none.jpg", "a.jpg"))
    assert ([each.file for each in seen.looked], len(seen.troubles)) == (["a.jpg"], 3)


def test_a_film_too_large_to_be_looked_into_is_said_to_be(tmp_path: Path) -> None:
    drafts = beside(tmp_path, a_jpg=jpeg())
    with (drafts / "minato-x" / "film.mp4").open("wb") as film:
        film.truncate(40 << 20)
    (seen,) = look_at_pictures(drafts, "minato-x", item("film.mp4")).looked
    assert (seen.wrong, seen.size) == ("unlooked", 40 << 20)


def test_nothing_of_it_is_imported_for_a_draft_without_images() -> None:
    program = (
        "import sys; from pathlib import Path; from daemon.intake.pictures import look_at_pictures; from daemon.rulebook.item import Item;"
        "look_at_pictures(Path('.'), 'x', Item(text='休館'));"
        "print([m for m in sys.modules if m.startswith(('PIL', 'zxingcpp', 'python_calamine')) or m.endswith(('.apart', '.looking'))])"
    )
    ended = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout.strip() == "[]"
