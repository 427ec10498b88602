"""What is looked at when somebody asks, and changes nothing: what is wrong with the rules files now, and why somebody cannot do something.

No rules are put in force here. A file may be asked about while it is being written, and half of it may read like a whole one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from daemon.desk import board, clause_board
from daemon.desk.case import Case
from daemon.desk.undoing import may_be_undone
from daemon.desk.why_not import EVERY, why_not
from daemon.moderation.fired import with_comments
from daemon.refused import Refused
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.folders import RULES
from daemon.rulebook.lint import look_at_office
from daemon.rulebook.model import Problem, RulebookError
from daemon.rulebook.proved import known_proofs
from daemon.service.at_terminals import AtTerminals
from daemon.service.entitled import check_appointment
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.wire.answers import AnyAnswer, Listing
from daemon.wire.approving import Claim
from daemon.wire.queries import ClauseBoard
from daemon.wire.reasons import CannotSeen, NotNow, WhyNot
from daemon.wire.settings import ProblemSeen, RulesNow, RulesSeen


class Looking:
    """The looks at one office; one at a time at its rules files, because that takes a processor for a moment."""

    def __init__(self, office: Running, terminals: AtTerminals) -> None:
        self._office, self._terminals = office, terminals
        self._turn = asyncio.Lock()
        self._proofs: Mapping[str, tuple[str, ...]] | None = None

    @property
    def handlers(self) -> dict[type, Callable[[Any, Session, str], Awaitable[AnyAnswer]]]:
        """What is asked of it over the socket."""
        return {RulesNow: self.look, WhyNot: self.why_not, ClauseBoard: self.clauses}

    async def look(self, query: RulesNow, session: Session, request: str) -> RulesSeen:
        """The files as they are now."""
        office, current = self._office, self._office.current
        async with self._turn:
            now = office.clock()
            looked = await asyncio.to_thread(look_at_office, office.folder, now.astimezone(TOKYO).date())
            changed = await asyncio.to_thread(current.changed_on_disk)
        return RulesSeen(
            looked=now,
            since=current.since,
            hash=current.rulebook.hash,
            in_force=not looked.errors and not changed and not current.broken,
            files=tuple(sorted({_named(path, office.folder) for path in looked.reader.stamps if path.suffix}, key=_order)),
            problems=tuple(_seen(each, office.folder) for each in sorted(looked.problems, key=_weight)),
        )

    async def clauses(self, query: ClauseBoard, session: Session, request: str) -> Listing:
        """The clause board of one policy. Raises Refused for no such policy. The tests are read once: they are those of this program."""
        if self._proofs is None:
            self._proofs = await asyncio.to_thread(_proofs)
        office = self._office
        board = await clause_board.clauses(office.store, query.policy, office.setting(), self._proofs)
        accounts = [each.id for each in office.current.rulebook.accounts.values() if each.policy == query.policy]
        return Listing(clauses=await with_comments(office.store, board, accounts))

    async def why_not(self, query: WhyNot, session: Session, request: str) -> NotNow:
        """What the asker cannot do with a draft. Raises Refused where there is none."""
        office = self._office
        setting = office.setting()
        found = await board.cases(office.store, (query.draft,), setting)
        if not found:
            raise Refused("no_such", f"下書き {query.draft} はありません。", f"There is no draft {query.draft}.")
        case = found[0]
        try:
            await self._may_act(case, session)
        except Refused as refused:  # then nothing can be done, and for that reason
            said = refused.refusal
            each = (CannotSeen(act=act, why=said.message, why_en=said.message_en) for act in EVERY)
            return NotNow(draft=case.id, reasons=tuple(each))
        reasons = why_not(case, case.judged(setting), session.who, setting)
        last = await office.store.fetch("SELECT * FROM last_decisions WHERE draft = ?", (case.id,))
        try:
            may_be_undone(next(iter(last), None), case, session.who, setting)
        except Refused as refused:
            said = refused.refusal
            reasons = (*reasons, CannotSeen(act="undo", why=said.message, why_en=said.message_en))
        return NotNow(draft=case.id, reasons=reasons)

    async def _may_act(self, case: Case, session: Session) -> None:
        """Raises Refused where whoever asks could do nothing about this draft: outside their appointment, or from this terminal."""
        something = Claim(draft=case.id)  # as good as any: a clerk's, and from a designated terminal
        check_appointment(something, session.who, self._office.clock().astimezone(TOKYO).date())
        await self._terminals.check(something, session, case.account.id)


def _proofs() -> Mapping[str, tuple[str, ...]] | None:
    try:
        return known_proofs()
    except (OSError, RulebookError):
        return None


def _order(file: str) -> tuple[int, str]:
    """The office's own rules first, then policies, then their lists of words."""
    return (0 if file == RULES else 1 if file.endswith(".toml") else 2), file


def _weight(problem: Problem) -> tuple[bool, str, int]:
    return problem.severity != "error", problem.file, problem.line


def _seen(problem: Problem, folder: Path) -> ProblemSeen:
    return ProblemSeen(
        file=_named(Path(problem.file), folder),
        line=problem.line,
        message=problem.message,
        message_en=problem.message_en,
        error=problem.severity == "error",
    )


def _named(path: Path, folder: Path) -> str:
    """The file's name in the office's folder; of the program's own policies the name alone."""
    return str(path.relative_to(folder)) if path.is_relative_to(folder) else path.name
