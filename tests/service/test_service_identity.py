"""Who is asking: the kernel says which login, the register says who that is, and a client's own word counts only in a training."""

from __future__ import annotations

import os
import pwd
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from daemon.gate import Gate
from daemon.wire import (
    Approve,
    Ask,
    Bye,
    Except,
    Hello,
    Listing,
    Refusal,
    Register,
    Reply,
    Resume,
    ResumeCode,
    Return,
    Show,
    Status,
    StatusAnswer,
    Stopped,
    StopState,
    Take,
    Welcome,
    Withdraw,
    decode_frame,
    encode_frame,
)
from tests.service.live_office import MINATO, Caller, Gone, Office, in_earnest, until

Rules = Callable[[str, str], None]
NOBODY = pwd.getpwnam("nobody")


def as_nobody(state: Path, play: Callable[[socket.socket], str]) -> str:
    """In a child that has become `nobody`, standing in `state`: connect to the socket and play; what it says at the end."""
    ours, its = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.chdir(state)
            os.setgroups([])
            os.setgid(NOBODY.pw_gid)
            os.setuid(NOBODY.pw_uid)
            with socket.socket(socket.AF_UNIX) as line:
                line.connect("socket")
                said = play(line)
        except BaseException as error:
            said = repr(error)
        os.write(its, said.encode())
        os._exit(0)
    os.close(its)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read().decode()
    os.waitpid(child, 0)
    return said


def greet(who: str, *questions: Ask) -> Callable[[socket.socket], str]:
    """Say hello as this operator, then ask; the code of each refusal, or the login that one was taken for."""

    def play(line: socket.socket) -> str:
        line.sendall(b"".join(encode_frame(frame) for frame in (Hello(operator=who), *questions)))
        with line.makefile("rb") as lines:
            said = []
            for _ in range(1 + len(questions)):
                frame = decode_frame(lines.readline())
                answer = frame.refusal if isinstance(frame, Bye) else frame.answer if isinstance(frame, Reply) else frame
                said.append(answer.code if isinstance(answer, Refusal) else getattr(answer, "login", type(answer).__name__))
                if isinstance(frame, Bye):
                    said.append(frame.refusal.message)
                    break
        return " ".join(said)

    return play


@pytest.fixture(scope="module")
def shared() -> Iterator[Office]:
    """An office whose socket and gate another user of the machine can reach, as an installation's operators can."""
    if os.geteuid() != 0:
        pytest.skip("becoming another user needs root")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        office = Office(Path(folder) / "office").start()
        office.state.chmod(0o755)
        (office.state / "socket").chmod(0o666)
        (office.state / "gate").chmod(0o777)
        yield office
        office.stop()


@pytest.fixture
def rules(office: Office) -> Iterator[Rules]:
    """Replace some words of the office's rules; put back at the end."""
    file = office.folder / "rules.toml"
    before = file.read_text("utf-8")

    def replace(words: str, others: str) -> None:
        text = file.read_text("utf-8")
        assert words in text
        file.write_text(text.replace(words, others, 1), "utf-8")

    yield replace
    file.write_text(before, "utf-8")
    until(lambda: first_rules_again(office), "the first rules again")


def greeted(office: Office, who: str) -> Welcome | Refusal:
    """What is said to whoever says hello and hangs up: lines that stay open are counted, and too many are refused."""
    with Caller(office.state) as caller:
        return caller.hello(who)


def first_rules_again(office: Office) -> bool:
    """Whether the register is as it was: the chief is a manager, the viewer is there."""
    chief, viewer = greeted(office, "shibata"), greeted(office, "kansa")
    return isinstance(chief, Welcome) and chief.role == "manager" and isinstance(viewer, Welcome)


def test_the_owner_of_a_training_office_is_whom_they_say_and_else_the_first_on_the_register(office: Office) -> None:
    for name, login in (("shibata", "shibata"), ("kansa", "kansa"), ("", "kitamura")):
        welcome = office.line().hello(name)
        assert isinstance(welcome, Welcome)
        assert (welcome.login, welcome.training) == (login, True)


def test_a_name_that_is_not_on_the_register_is_refused_with_those_that_are(office: Office) -> None:
    line = office.line()
    refusal = line.hello("nobody-here")
    assert isinstance(refusal, Refusal)
    assert refusal.code == "not_on_register"
    assert "shibata" in refusal.message and "shibata" in refusal.message_en
    with pytest.raises(Gone):
        line.hear()


def test_another_user_of_the_machine_plays_nobody_even_in_a_training(shared: Office) -> None:
    assert as_nobody(shared.state, greet("shibata")).startswith("not_training")


def test_a_user_who_is_not_on_the_register_is_refused_with_what_to_do_and_can_stop_all_the_same(shared: Office) -> None:
    said = as_nobody(shared.state, greet(""))
    assert said.startswith("not_on_register")
    assert "[[operators]]" in said and "kohoban stop" in said

    said = as_nobody(shared.state, lambda line: str(Gate(".").shut("all", "nobody").stopped))
    assert said == "True"
    assert shared.status().gate.stopped is True


def test_a_user_on_the_register_is_that_person_and_cannot_be_another(shared: Office) -> None:
    rules = shared.folder / "rules.toml"
    nobody = '\n[[operators]]\nlogin = "nobody"\nname = "根元 望"\nunit = "区長室"\nrole = "viewer"\npolicies = ["minato"]\n'
    rules.write_text(rules.read_text("utf-8") + nobody, "utf-8")
    until(lambda: as_nobody(shared.state, greet("")) == "nobody", "a register that has been read again")
    assert as_nobody(shared.state, greet("nobody")) == "nobody"
    assert as_nobody(shared.state, greet("shibata")).startswith("not_training")


def test_in_an_office_that_is_no_training_not_even_its_owner_plays_anybody(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    rules.write_text(
        rules.read_text("utf-8").replace("training = true", "training = false").replace('"simulated"', '"manual"'), "utf-8"
    )
    office.start()
    for who, code in (("shibata", "not_training"), ("", "not_on_register")):
        refusal = office.line().hello(who)
        assert isinstance(refusal, Refusal)
        assert refusal.code == code


def test_a_new_office_that_is_no_training_is_stopped_until_its_manager_resumes(found: Callable[..., Office]) -> None:
    office = found()
    rules = office.folder / "rules.toml"
    me = pwd.getpwuid(os.geteuid()).pw_name
    rules.write_text(in_earnest(rules.read_text("utf-8")).replace('login = "kitamura"', f'login = "{me}"'), "utf-8")
    office.start()
    assert office.status().gate.stopped is True
    office.resume(who="")
    assert office.status().gate.stopped is False


@pytest.mark.clause("minato/7-1")
def test_a_viewer_looks_and_stops_and_decides_nothing(office: Office) -> None:
    office.drop("minato-x", "viewer.txt", **MINATO)
    row = office.row("viewer.txt", "waiting")
    viewer = office.caller("kansa")
    for act in (
        Approve(draft=row.id, hash=row.hash),
        Return(draft=row.id, hash=row.hash, reason="直してください"),
        Withdraw(draft=row.id),
        Except(draft=row.id, hash=row.hash, rule="x", reason="y"),
        Take(draft=row.id, hash=row.hash),
        Resume(code="0000", reason="x"),
    ):
        viewer.refused(act, "role")
    assert viewer.ask(Status(), StatusAnswer).queue["waiting"] >= 1
    assert viewer.ask(ResumeCode(), StopState).code == "", "the code is for those who may type it"
    assert viewer.ask(Stopped(reason="誤って投稿した疑い"), StopState).stopped is True
    office.resume()


def test_a_clerk_does_not_resume_though_they_know_the_code(office: Office) -> None:
    clerk = office.caller("akasaka")
    clerk.ask(Stopped(), StopState)
    code = office.caller("shibata").ask(ResumeCode(), StopState).code
    clerk.refused(Resume(code=code, reason="再開したいため"), "role")
    assert office.status().gate.stopped is True
    office.resume()


def test_who_leaves_the_register_is_refused_from_the_next_question_on(office: Office, rules: Rules) -> None:
    viewer = office.caller("kansa")
    assert viewer.ask(Register(), Listing).people
    rules('login = "kansa"', 'login = "kansa2"')
    until(lambda: isinstance(greeted(office, "kansa2"), Welcome), "a register that has been read again")
    viewer.refused(Register(), "not_on_register")
    viewer.refused(Stopped(), "not_on_register")


def test_who_becomes_a_viewer_decides_nothing_from_the_next_act_on(office: Office, rules: Rules) -> None:
    office.drop("minato-x", "role.txt", **MINATO)
    row = office.row("role.txt", "waiting")
    chief = office.caller("shibata")
    rules('unit = "区長室"\nrole = "manager"', 'unit = "区長室"\nrole = "viewer"')

    def role() -> str:
        welcome = greeted(office, "shibata")
        assert isinstance(welcome, Welcome)
        return welcome.role

    until(lambda: role() == "viewer", "a register that has been read again")
    chief.refused(Approve(draft=row.id, hash=row.hash), "role")


def test_when_the_training_ends_nobody_goes_on_playing(office: Office, rules: Rules) -> None:
    chief = office.caller("shibata")
    rules('channel = "simulated"', 'channel = "manual"')
    rules("training = true", "training = false")
    until(lambda: isinstance(greeted(office, "shibata"), Refusal), "rules that have been read again")
    chief.refused(Show(draft=1), "not_training")


def test_the_socket_is_closed_to_everybody_else(office: Office) -> None:
    assert (office.state / "socket").stat().st_mode & 0o777 == 0o660
    assert office.state.stat().st_mode & 0o007 == 0


def test_a_caller_that_does_not_wait_for_its_answer_harms_nobody(office: Office) -> None:
    with Caller(office.state) as caller:
        caller.hello()
        for _ in range(20):
            caller.put(Status())
    assert office.status().training
