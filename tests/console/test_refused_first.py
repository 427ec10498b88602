"""What cannot be done is refused before anything is asked, with the reason and the next step; nothing is done in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from console_desk import Desk, at_desk
from scripted_peer import Peer

from console.tui.command_line import parsed
from console.tui.commands import COMMANDS
from console.tui.leading import elsewhere
from daemon.gate import Gate
from daemon.wire import Ask, Claim, Refusal
from daemon.wire.frames import Bye, encode_frame
from daemon.wire.reasons import WhyNot
from tests.service.live_office import FACEBOOK, MINATO, NOTICE, Office

pytestmark = pytest.mark.usefixtures("japanese")

ALIASES = [(alias, command.name) for command in COMMANDS for alias in command.aliases]


# The `:` line


@pytest.mark.parametrize(("alias", "name"), ALIASES, ids=[alias for alias, _ in ALIASES])
def test_a_name_of_several_words_is_not_the_name_of_its_first_with_something_behind_it(alias: str, name: str) -> None:
    for line, rest in ((f":{alias}", ""), (f"{alias}  理由 その他 ", "理由 その他"), (f"：{alias}　理由", "理由")):
        found = parsed(line)
        assert found is not None and (found[0].name, found[1]) == (name, rest)


async def test_to_approve_a_set_is_not_asked_as_an_approval(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        await desk.press("colon")
        await desk.type("approve set")
        await desk.until(lambda: desk.console.bottom.asking)
        assert "組" in "".join(desk.screen()[-4:])
        await desk.press("escape")
    assert not [act for act in peer.acts() if not isinstance(act, Claim)]


@pytest.mark.parametrize(
    ("lang", "typed", "said"),
    [
        ("ja", "閉庁 7/1", "「閉庁」はこの画面では使えません。「時間」の画面の命令です（4 で移ります）"),
        ("ja", "take measure", "「措置」の画面の命令です（M で移ります）"),
        ("ja", "端末例外", "の画面の命令です（:端末 で移ります）"),
        ("en", "close 7/1", "(4 goes there)"),
    ],
)
async def test_a_command_of_another_screen_is_refused_with_the_way_to_it(
    office: Path, peer: Peer, speaks: Callable[[str], None], lang: str, typed: str, said: str
) -> None:
    speaks(lang)
    async with at_desk(office, (100, 24)) as desk:
        await desk.until(lambda: desk.console.queue.pages is not None)
        await desk.press("colon")
        await desk.type(typed)
        await desk.shows(said)
        assert desk.console.place == "queue" and not desk.console.bottom.answering
    assert not peer.acts()


def test_of_every_command_that_belongs_to_screens_the_way_there_is_known() -> None:
    for command in COMMANDS:
        if command.places:
            assert elsewhere(command).plain


async def test_to_resume_without_being_a_manager_leads_nowhere(office: Path, peer: Peer) -> None:
    Gate(office / "state").shut("all", "sato")
    async with at_desk(office) as desk:
        await desk.until(lambda: "緊急停止中" in desk.screen()[0])
        await desk.until(lambda: desk.console.seen.connected)
        await desk.press("colon")
        await desk.type("再開")
        await desk.shows("再開できるのは管理者だけです")
        assert desk.console.place == "queue"


# A daemon that gives no reasons


VERBS = ("settle", "declare", "claim", "undo", "hold", "released", "endorse", "approve")


def reasons(desk: Desk) -> dict[str, str]:
    """What the page of keys says why not, by command."""
    return {each.command.name: each.words.plain for each in desk.console.keys_page._entries if each.command is not None}


def hangs_up(peer: Peer) -> list[Ask]:
    """Let the daemon be one that does not know the question why not, and hangs up on it as on every line it cannot read."""
    heard: list[Ask] = []
    before = peer.answer

    def answer(ask: Ask) -> object | None:
        if not isinstance(ask.query, WhyNot):
            return before(ask)
        heard.append(ask)
        bye = Bye(refusal=Refusal(code="protocol", message="読めない行です", message_en="unreadable"))
        for writer in peer._writers:
            writer.write(encode_frame(bye))
        peer.hang_up()
        return None

    peer.answer = answer
    return heard


async def test_an_older_daemon_is_never_asked_why_not_and_no_reason_is_made_up(office: Path, peer: Peer) -> None:
    heard = hangs_up(peer)
    peer.protocol = 1
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        for _ in range(2):
            await desk.until(lambda: desk.console.seen.connected)
            await desk.press("question_mark")
            await desk.shows("「一覧」のキー")
            await desk.until(lambda: desk.console.seen.connected)
            await desk.until(lambda: not any(reasons(desk)[name] for name in VERBS))
            await desk.press("escape")
            await desk.until(lambda: desk.console.place == "queue")
    assert heard == []


async def test_the_page_of_keys_follows_a_line_that_breaks(office: Path, peer: Peer) -> None:
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        await desk.press("question_mark", "down", "down", "down")
        await desk.until(lambda: reasons(desk)["settle"] == "状態が「承認待ち」です")
        cursor = desk.console.keys_page.list.cursor
        await peer.__aexit__()
        await desk.until(lambda: reasons(desk)["settle"] == "デーモンにつながっていません")
        assert desk.console.keys_page.list.cursor == cursor


async def test_with_an_older_daemon_a_verb_is_asked_for_and_the_daemon_itself_refuses_it(office: Path, peer: Peer) -> None:
    def answer(ask: Ask) -> object | None:
        if isinstance(ask.query, WhyNot):
            return Refusal(code="no_such", message="?", message_en="?")
        return peer.answered(ask)

    peer.answer = answer
    async with at_desk(office) as desk:
        await desk.shows("下書き 1/300")
        await desk.press("C")
        await desk.sure()
        await desk.shows("記録しました")


# With the real daemon


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    office = Office(tmp_path_factory.mktemp("office")).start()
    office.drop("minato-facebook", "a.txt", NOTICE, **FACEBOOK)
    office.row("a.txt", "waiting")
    yield office
    office.stop()


async def refused(desk: Desk, key: str, *said: str) -> None:
    """A key that asks nothing, and says this."""
    await desk.press(key)
    await desk.ready()  # the same words may still stand there from the key before
    for words in said:
        await desk.shows(words)
    assert not desk.console.bottom.answering
    await desk.press("escape")


@pytest.mark.timeout(120)
async def test_who_may_not_approve_hears_who_may_and_is_asked_nothing(live: Office) -> None:
    async with at_desk(live.folder, (100, 24), "shibata") as desk:
        await desk.listed()
        await refused(desk, "a", "この下書きの承認者ではありません", "麻布 真一", "次の手: ")
        await refused(desk, "t", "状態が「承認待ち」です（できるのは")
        await refused(desk, "o", "状態が「承認待ち」です（できるのは")
        await refused(desk, "z", "取り消せる決定はありません")
        await refused(desk, "C", "できるのは 発信済")
        await desk.press("enter")
        await desk.until(lambda: desk.console.place == "detail")
        await refused(desk, "a", "この下書きの承認者ではありません")
    assert live.row("a.txt").state == "waiting"


@pytest.mark.timeout(120)
async def test_a_viewer_hears_what_a_viewer_can_and_what_is_waited_for(live: Office) -> None:
    async with at_desk(live.folder, (100, 24), "kansa") as desk:
        await desk.listed()
        await refused(desk, "a", "閲覧者は見ることと停止することだけできます", "次の手: ")
        await refused(desk, "w", "閲覧者は見ることと停止することだけできます")


@pytest.mark.timeout(120)
async def test_the_same_in_english(live: Office, speaks: Callable[[str], None]) -> None:
    speaks("en")
    async with at_desk(live.folder, (100, 24), "kansa") as desk:
        await desk.listed()
        await refused(desk, "a", "A viewer looks and stops, nothing else.", "Next: ")


@pytest.mark.timeout(120)
async def test_what_is_a_managers_on_a_screen_is_refused_to_others_before_a_question(live: Office) -> None:
    async with at_desk(live.folder, (100, 24), "akasaka") as desk:
        await desk.listed()
        await desk.press("4")
        await desk.until(lambda: desk.console.place == "hours")
        await refused(desk, "x", "「閉庁」は管理者の役目です")


@pytest.mark.timeout(120)
async def test_the_page_of_keys_has_the_daemons_reason_for_every_verb(live: Office) -> None:
    live.drop("minato-x", "b.txt", NOTICE, **MINATO)
    live.row("b.txt", "waiting")
    async with at_desk(live.folder, (100, 24), "akasaka") as desk:
        await desk.listed()
        await desk.press("question_mark")
        await desk.shows("「一覧」のキー")
        said = reasons(desk)
    for name in ("approve", "return", "settle", "undo", "correct", "delete_post", "countersign", "take"):
        assert said[name], name
    assert not said["withdraw"] and not said["claim"]
