"""The board of the 決裁フォルダ: whose they are, whether they may be used, and what lies where."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from console_desk import at_desk
from scripted_peer import Peer

from daemon.wire import Ask, SheetFolderList, SheetFolders, SheetFolderSeen
from daemon.wire.deciding import SheetSeen

pytestmark = pytest.mark.usefixtures("japanese")

AT = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
SHUT = SheetFolderSeen(
    login="oi", name="大井 正樹", folder="/srv/kessai/oi", usable=False, why="本人のほかにも書ける人がいます（だれでも）。",
    why_en="others may write there (everybody).", mend="chmod go-w /srv/kessai/oi",
)  # fmt: skip
OPEN = SheetFolderSeen(
    login="shibata", name="芝田 恵", folder="/srv/kessai/shibata", usable=True, waiting=1, refused=1,
    lying=(
        SheetSeen(place="", file="0012-1 お知らせ.html", draft=12, at=AT),
        SheetSeen(place="承認", file="0011-1 \x1b[2J別の紙.html", draft=None, at=AT),
    ),
)  # fmt: skip


def with_folders(peer: Peer, *folders: SheetFolderSeen) -> None:
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        return SheetFolderList(folders=folders) if isinstance(ask.query, SheetFolders) else before(ask)

    peer.answer = answer


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_it_says_which_folder_is_in_use_and_how_the_other_is_mended(
    office: Path, peer: Peer, size: tuple[int, int]
) -> None:
    with_folders(peer, OPEN, SHUT)
    async with at_desk(office, size) as desk:
        await desk.shows("運用中")
        await desk.press("colon")
        await desk.type("決裁フォルダ")
        await desk.shows("決裁フォルダ 2")
        lines = desk.screen()
        shown = "\n".join(lines)
        assert "芝田 恵 (shibata) /srv/kessai/shibata" in shown
        assert "使えます。待っている決裁票 1 件、受け付けなかったもの 1 件" in shown
        assert "使えません。 本人のほかにも書ける人がいます（だれでも）。" in shown
        assert "直し方: chmod go-w /srv/kessai/oi" in shown
        waits, refused = (next(line for line in lines if name in line) for name in ("0012-1", "0011-1"))
        assert "待っている" in waits and "#12" in waits and "受け付けず（承認）" in refused
        assert "\x1b" not in refused and "別の紙.html" in refused


async def test_an_office_without_any_is_told_where_they_are_written(office: Path, peer: Peer) -> None:
    with_folders(peer)
    async with at_desk(office) as desk:
        await desk.shows("運用中")
        await desk.press("colon")
        await desk.type("決裁フォルダ")
        await desk.shows("rules.toml の [[sheets]] に書きます")
