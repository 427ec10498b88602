"""What holds a clause, switched off: for `kohoban policy coverage --prove`, which shows that a named test then turns red.

The rules of a clause are left out of the policies as they are loaded, after every check of them; a mechanism of the house is replaced by
one that does nothing. Both also in processes that a test starts (`tests/off/sitecustomize.py`). Nothing of this is in the program: it knows
no switch by which a clause could be turned off.
"""

from __future__ import annotations

import importlib
import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, NamedTuple

OFF = "KOHOBAN_TEST_OFF"
"""The variable that tells a test's processes what is off: the clause, then the names of mechanisms (none: its rules)."""

HERE = Path(__file__).resolve().parent


class Switch(NamedTuple):
    """One function (`f`, or `Class.f`) of a module, and what stands in for it. Of a plain function only the code is exchanged, because
    other modules may hold it by name: the stand-in may use no names but those of the function's own module."""

    module: str
    name: str
    instead: Callable[..., Any]


def _nothing_missing(item, situation, rulebook):  # type: ignore[no-untyped-def]
    return []


def _nobody_may_lift(who, finding, item, situation, rulebook):  # type: ignore[no-untyped-def]
    return No("not_approver", "例外はありません。", "There is no exception.", finding.clause)  # type: ignore[name-defined]  # noqa: F821


def _nobody_may_declare(who, item, situation, rulebook):  # type: ignore[no-untyped-def]
    return No("not_approver", "宣言できません。", "Nobody may declare it.", OFFICE)  # type: ignore[name-defined]  # noqa: F821


def _under_no_clause(wanted, policy):  # type: ignore[no-untyped-def]
    return None


def _nothing_to_cite(file, every):  # type: ignore[no-untyped-def]
    return iter(())


def _always_open(self, account="", platform="", epoch=None, *, action=False):  # type: ignore[no-untyped-def]
    from daemon.gate import Look

    return Look(True, "", "", epoch or 0, ())


def _no_list(tx, stop, scope, setting):  # type: ignore[no-untyped-def]
    return None


def _tied_to_nothing(found):  # type: ignore[no-untyped-def]
    return lambda tx: False


def _the_last_version(versions, day):  # type: ignore[no-untyped-def]
    return versions[-1]


def _the_last_edition(begins, day):  # type: ignore[no-untyped-def]
    return len(begins) - 1


def _nothing_open(state):  # type: ignore[no-untyped-def]
    return None


def _whoever_says_so(uid, plays, owner_uid, book):  # type: ignore[no-untyped-def]
    return book.operators.get(plays) or next(iter(book.operators.values()))


SWITCHES: Mapping[str, tuple[Switch, ...]] = {
    "board.shown": (),  # the clause itself is left out
    "desk.approval": (Switch("daemon.judge.approvers", "unmet", _nothing_missing),),
    "desk.correction": (Switch("daemon.desk.correcting", "link", _tied_to_nothing),),
    "desk.emergency": (Switch("daemon.judge.emergency", "declaring_as", _nobody_may_declare),),
    "desk.exception": (Switch("daemon.judge.approvers", "lifting", _nobody_may_lift),),
    "desk.follow_ups": (Switch("daemon.desk.follow_ups", "open_lists", _no_list),),
    "desk.register": (Switch("daemon.service.identity", "identify", _whoever_says_so),),
    "desk.return": (Switch("daemon.desk.acts", "_clause", _under_no_clause),),
    "gate.stop": (Switch("daemon.gate", "Gate.look", _always_open),),
    "rulebook.basis": (Switch("daemon.rulebook.lint.policy", "_check_citations", _nothing_to_cite),),
    "rulebook.version": (
        Switch("daemon.rulebook.versions", "version_on", _the_last_version),
        Switch("daemon.rulebook.versions", "latest_begun", _the_last_edition),
    ),
    "service.identity": (Switch("daemon.service.identity", "identify", _whoever_says_so),),
    "service.secrets": (Switch("daemon.service.secrets", "alarm", _nothing_open),),
}
"""Every mechanism that may hold a clause (`coverage.MECHANISMS`) and how it is switched off."""


def switches(clause: str, holders: tuple[str, ...]) -> tuple[Switch, ...]:
    """What is to be exchanged so that these mechanisms (none: its rules) do not hold this clause any more."""
    left_out = () if holders and "board.shown" not in holders else (_without(clause, shown="board.shown" in holders),)
    return (
        *(Switch("daemon.rulebook.parse", "PolicyFile.policy", policy) for policy in left_out),
        *(switch for name in holders for switch in SWITCHES.get(name, ())),
    )


def _without(clause: str, *, shown: bool) -> Callable[..., Any]:
    """`PolicyFile.policy`, without the rules and duties that carry the clause out, and without the exception that it allows; `shown`:
    without the clause itself, which is nowhere to be read then."""
    from daemon.rulebook.parse import PolicyFile

    real = PolicyFile.policy
    real = getattr(real, "real", real)

    def policy(self, added, reader):  # type: ignore[no-untyped-def]
        from msgspec.structs import replace

        whole = real(self, added, reader)
        if shown:
            return replace(whole, clauses={key: one for key, one in whole.clauses.items() if key != clause})
        rules = (replace(rule, exception="", lift=()) if clause == rule.exception else rule for rule in whole.rules)
        return replace(
            whole,
            rules=tuple(
                replace(rule, grounds=tuple(each for each in rule.grounds if each != clause))
                if hasattr(rule, "grounds")
                else rule
                for rule in rules
                if clause not in (rule.clause, *rule.also)
            ),
            duties=tuple(duty for duty in whole.duties if duty.clause != clause),
        )

    policy.real = real  # type: ignore[attr-defined]
    return policy


@contextmanager
def switched_off(clause: str, holders: tuple[str, ...]) -> Iterator[None]:
    """Let nothing hold this clause, here and in the processes that are started meanwhile."""
    undo = [exchange(switch, importlib.import_module(switch.module)) for switch in switches(clause, holders)]
    path = os.environ.get("PYTHONPATH", "")
    os.environ[OFF] = " ".join((clause, *holders))
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(HERE / "off"), str(HERE.parent), path)))
    try:
        yield
    finally:
        os.environ["PYTHONPATH"] = path
        del os.environ[OFF]
        for back in reversed(undo):
            back()


def exchange(switch: Switch, module: ModuleType) -> Callable[[], None]:
    """Exchange one function; the way back is returned. Raises AttributeError where there is none of that name: the table is out of date."""
    *owners, name = switch.name.split(".")
    owner: Any = module
    for each in owners:
        owner = getattr(owner, each)
    real = getattr(owner, name)
    if owners or not isinstance(real, FunctionType):
        setattr(owner, name, switch.instead)
        return lambda: setattr(owner, name, real)
    code, real.__code__ = real.__code__, switch.instead.__code__

    def back() -> None:
        real.__code__ = code

    return back


class AsItIsImported(importlib.abc.MetaPathFinder):
    """In a process that a test has started: exchanges functions as soon as their module has been imported."""

    def __init__(self, clause: str, holders: tuple[str, ...]) -> None:
        self._clause, self._holders = clause, holders
        self._modules = {switch.module for name in holders for switch in SWITCHES.get(name, ())} | {"daemon.rulebook.parse"}

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """The module as it is, followed by the exchange."""
        if name not in self._modules:
            return None
        self._modules.discard(name)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                run(module)
                for switch in switches(self._clause, self._holders):
                    if switch.module == name:
                        exchange(switch, module)

            with suppress(AttributeError):
                spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def in_this_process() -> None:
    """What the variable says, in a process that a test has started."""
    if said := os.environ.get(OFF, "").split():
        sys.meta_path.insert(0, AsItIsImported(said[0], tuple(said[1:])))
