"""Where the record's anchors go (`[office] anchors`): folders that whoever can write the office's own cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from daemon.rulebook.model import Problem
from daemon.rulebook.parse import OfficeFile


def check_anchors(file: OfficeFile) -> Iterator[Problem]:
    """A folder must be named whole; one below the office's own is a warning: whoever changes the record there changes the anchor too."""
    if file.office is None:
        return
    home = file.source.path.resolve().parent
    for anchors in file.office.anchors:
        line, folder = file.source.line("office", None, "anchors"), Path(anchors)
        if not folder.is_absolute():
            yield file.source.problem(
                line,
                f"anchors の「{anchors}」は、/ で始まるフォルダの名前で書いてください。",
                f"anchors: write {anchors!r} as a folder's whole name, from / on.",
            )
        elif folder.resolve().is_relative_to(home):
            yield file.source.problem(
                line,
                f"anchors の「{anchors}」は部署のフォルダの中です。記録を書き換えられる人が控えの印も書き換えられます。別の機械か、"
                "別の権限のフォルダにしてください。",
                f"anchors: {anchors!r} lies in the office's own folder. Whoever can change the record there can change the anchor, too: "
                "name a folder on another machine, or of another login.",
                warning=True,
            )
