"""What somebody has to see before they decide: gathered from desk and store, for the screen, the sheet and the paper alike."""

from __future__ import annotations

from msgspec.structs import replace

from daemon.desk import board, deciding
from daemon.desk.case import Case
from daemon.intake.frontmatter import read_item
from daemon.papers.decision import record
from daemon.refused import Refused
from daemon.rulebook.model import Operator
from daemon.service.running import Running
from daemon.service.server import Session
from daemon.service.wholeness import Wholeness
from daemon.store import RevisionDamaged
from daemon.wire.answers import Named
from daemon.wire.deciding import Decide, ForDecision, PaperOf, PaperPage, WaitingForMe, check_number


class Deciding:
    """Answers what 決裁モード and the papers ask."""

    def __init__(self, office: Running) -> None:
        self._office = office
        self.whole = Wholeness(office)

    async def waiting(self, query: WaitingForMe, session: Session, request: str) -> Named:
        """The drafts that wait for whoever asks."""
        cases = await deciding.waiting_for(self._office.store, session.who, self._office.setting(), "mode")
        return Named(drafts=tuple(case.id for case in cases))

    async def shown(self, query: Decide, session: Session, request: str) -> ForDecision:
        """One draft for whoever asks. Raises Refused where it is not what was kept, or not there."""
        return await self.facts(await self._case(query.draft), session.who)

    async def paper(self, query: PaperOf, session: Session, request: str) -> PaperPage:
        """The 決裁記録 of one draft, whose account is decided on paper, too. Raises Refused otherwise."""
        case = await self._case(query.draft)
        if "paper" not in case.account.decide:
            raise Refused(
                "way",
                f'アカウント {case.account.name} は紙で決裁しません（rules.toml の decide に "paper" がありません）。',
                f'Drafts of {case.account.id} are not decided on paper ("paper" is not in decide of rules.toml).',
            )
        facts = await self.facts(case, session.who)
        number = f"{case.id}-{case.revision}"
        html = record(facts, number, self._office.clock())
        return PaperPage(draft=case.id, hash=case.hash, number=number, check=check_number(case.hash), html=html)

    async def facts(self, case: Case, who: Operator) -> ForDecision:
        """What this person has to see of this draft. Raises Refused where it is not what was kept."""
        await self.whole.proved(case.id)
        setting = self._office.setting()
        returned = await deciding.last_return(self._office.store, case.id)
        before = None
        if returned is not None:
            before = await self._text_of(case.id, returned.hash)
            by = setting.book.operators.get(returned.by)
            returned = replace(returned, by=by.name if by else returned.by)
        return deciding.for_decision(case, who, setting, returned=returned, before=before, papers=case.papers)

    async def _case(self, draft: int) -> Case:
        found = await board.cases(self._office.store, (draft,), self._office.setting())
        if not found:
            raise Refused("no_such", f"下書き {draft} はありません。", f"There is no draft {draft}.")
        return found[0]

    async def _text_of(self, draft: int, sealed: str) -> str | None:
        """The text of an earlier revision; None where its bytes cannot be read any more."""
        store = self._office.store
        rows = await store.fetch(
            "SELECT bytes FROM draft_revisions WHERE draft = ? AND hash = ? ORDER BY n DESC LIMIT 1", (draft, sealed)
        )
        try:
            return read_item(await store.bytes_of(rows[0]["bytes"])).text if rows else None
        except RevisionDamaged:
            return None
