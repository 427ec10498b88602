"""Finding drafts in an office of years: search, filter, sort, jump, open, page, as a console asks for them over the socket; and what the index costs.

    python -m benchmarks.finding [FOLDER] [--drafts 1000000] [--times 15] [--index]

FOLDER is an office of benchmarks/years.py, which is made there where it is not yet. All its drafts read alike but for their number: a word of
theirs is the worst case, for it is found in every one. `--index` empties the index first and measures how it catches up.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import tempfile
import time
from pathlib import Path

from msgspec import structs

from benchmarks.machine import about, kill, spread
from benchmarks.office import Listener
from benchmarks.years import ACCOUNT, office_of_years
from daemon.service.spawn import start_detached
from daemon.store import Store, texts
from daemon.wire import Ask, CloseView, CountView, OpenView, PageOf, Reply, Show, ViewOpened, encode_frame
from daemon.wire.answers import AnyAnswer
from daemon.wire.queries import AnyQuery

PAGE = 64
OPERATOR = "shibata"
OTHERS = 4
"""Callers that open long lists while one looks at drafts."""

ASKED: dict[str, OpenView] = {
    "everything": OpenView(),
    "what waits": OpenView(states=("waiting",)),
    "sort: arrival": OpenView(sort="arrived"),
    "sort: moment of release": OpenView(sort="release"),
    "sort: account": OpenView(sort="account"),
    "what waits, sort: arrival": OpenView(states=("waiting",), sort="arrived"),
    "filter: account": OpenView(accounts=(ACCOUNT,)),
    "filter: verdict": OpenView(verdicts=("block",)),
    "filter: clause": OpenView(clauses=("minato/7",)),
    "filter: mine": OpenView(mine=True),
    "filter: a moment": OpenView(due=True),
    "word found once (777777)": OpenView(text="777777"),
    "word found in 1 of 10^4 (図書館 12345)": OpenView(text="図書館 12345"),
    "word found in all (図書)": OpenView(text="図書"),
    "long word found in all (図書館の年末年始)": OpenView(text="図書館の年末年始"),
    "one character found in all (館)": OpenView(text="館"),
    "word found nowhere (体育館)": OpenView(text="体育館"),
    "what waits, word found in all": OpenView(states=("waiting",), text="図書"),
    "the list around a draft in its middle": OpenView(around=500_001),
}


class Asker(Listener):
    """A caller that times its questions."""

    def ask(self, query: AnyQuery) -> tuple[AnyAnswer, float]:
        """The answer, and the seconds until it was decoded."""
        started = time.perf_counter()
        self.put(query)
        return self.take(), time.perf_counter() - started

    def put(self, query: AnyQuery) -> None:
        """Ask, and do not wait."""
        self.socket.sendall(encode_frame(Ask(id=os.urandom(8).hex(), query=query)))

    def take(self) -> AnyAnswer:
        """The next answer."""
        while not isinstance(reply := self.event(), Reply):
            continue
        return reply.answer

    def opened(self, query: OpenView | CountView) -> tuple[ViewOpened, float]:
        """A frozen list."""
        answer, took = self.ask(query)
        assert isinstance(answer, ViewOpened), answer
        return answer, took


def measure(folder: Path, times: int) -> None:
    """Everything, of an office whose daemon runs."""
    caller = Asker(folder / "state", events=False, operator=OPERATOR)
    for name, query in ASKED.items():
        first, whole = [], []
        for _ in range(times):
            started = time.perf_counter()
            view, _ = caller.opened(structs.replace(query, soon=True))
            caller.ask(PageOf(view=view.view, offset=0 if view.at is None else view.at // PAGE * PAGE, limit=PAGE))
            first.append(time.perf_counter() - started)
            view, _ = caller.opened(CountView(view=view.view))
            whole.append(time.perf_counter() - started)
            caller.ask(CloseView(view=view.view))
        print(spread(f"{name}: {view.count:,}", first))
        print(spread("    counted", whole))
    view, _ = caller.opened(OpenView())
    for name, offsets in (
        ("page behind page", range(0, times * PAGE, PAGE)),
        ("page far away (a jump)", [(n * 618_033 * PAGE) % max(1, view.count - PAGE) for n in range(1, times + 1)]),
    ):
        print(spread(name, [caller.ask(PageOf(view=view.view, offset=offset, limit=PAGE))[1] for offset in offsets]))
    print(spread("open a draft", [caller.ask(Show(draft=1 + n * 617 % view.count))[1] for n in range(times)]))
    beside(folder, caller, times)
    caller.close()


def beside(folder: Path, caller: Asker, times: int) -> None:
    """What somebody waits for a draft while the longest lists are opened one after the other, no two of which are the same."""
    others = [Asker(folder / "state", events=False, operator=OPERATOR) for _ in range(OTHERS)]
    waited = []
    for turn in range(times):
        for n, other in enumerate(others):
            other.put(OpenView(text="図書館", sort="account", without=(f"{turn} {n}",), soon=True))
        waited += [caller.ask(Show(draft=1 + n * 617))[1] for n in range(10)]
        for other in others:
            other.take()
    print(spread(f"open a draft while {OTHERS} long lists are opened", waited))
    for other in others:
        other.close()


async def index(folder: Path) -> None:
    """Empty the index, and let it catch up as a daemon does, without the pauses between."""
    async with await Store.open(folder / "state" / "store") as store:
        await store.write(lambda tx: texts.begin_anew(tx.db))
        took = []
        began = time.perf_counter()
        while True:
            started = time.perf_counter()
            left = await store.write(lambda tx: texts.catch_up(tx.db, 500))
            took.append(time.perf_counter() - started)
            if not left:
                break
        print(spread("the index catches up, 500 drafts", took) + f"   {time.perf_counter() - began:.0f} s in all")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--drafts", type=int, default=1_000_000)
    parser.add_argument("--times", type=int, default=15)
    parser.add_argument("--index", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = office_of_years(options.folder or Path(scratch) / "office", options.drafts, 1000)
        print(about(folder))
        if options.index:
            asyncio.run(index(folder))
        pid = start_detached(folder)
        try:
            measure(folder, options.times)
        finally:
            kill(pid)


if __name__ == "__main__":
    main()
