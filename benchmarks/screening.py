"""How long screening and judging one draft take, warm, in one process; the whole judgement should stay under 150 µs.

    .venv/bin/python -m benchmarks.screening [--rounds 5]

The drafts are 2,094 real municipal texts where `../shared` lies beside the project, else the drafts of the training office. CPU time,
not wall time: other work on the machine must not count. The loop beside it tells how fast the machine was at that moment.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import datetime
from pathlib import Path

from benchmarks.machine import about, each, rate
from daemon.intake.frontmatter import read_item
from daemon.judge import Situation, judge
from daemon.rulebook.calendar import TOKYO
from daemon.rulebook.item import Item
from daemon.rulebook.load import load_rulebook
from daemon.rulebook.model import Rulebook, Topics
from daemon.screening import Facts, compile_policy, screen, weighted

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 24, 10, 0, tzinfo=TOKYO)
ACCOUNTS = {"taisho-gyosei": "tsuruta", "saitama-cvc": "omiya", "minato-x": "akasaka", "shinagawa-koho": "osaki"}


def drafts() -> list[str]:
    """Texts as municipalities publish them."""
    real = ROOT.parent / "shared/data/dev/drafts-municipal.jsonl"
    if real.exists():
        return [json.loads(line)["text"] for line in real.read_text(encoding="utf-8").splitlines()]
    return [read_item(path.read_bytes()).text for path in sorted((ROOT / "console/training/drafts").glob("*/*.*"))]


def topic_of(book: Rulebook, account: str) -> str:
    """A topic that a draft of this account may declare."""
    own = book.accounts[account].topic
    listed = (rule.topics[0] for rule in book.policy_of(account).rules if isinstance(rule, Topics))
    return own or next(listed, "")


def measure_account(book: Rulebook, account: str, author: str, texts: list[str], rounds: int) -> None:
    """The figures of one account: its screen alone, a whole judgement, and one of a revision whose text is known already."""
    policy = book.policy_of(account)
    start = time.process_time()
    compile_policy(policy)
    print(f"{policy.id}: compiled in {(time.process_time() - start) * 1e3:.0f} ms, {len(policy.rules)} rules")
    items = [Item(text=text, author=author, topic=topic_of(book, account)) for text in texts]
    facts = [Facts(item, item.topic, ("x",), NOW.date()) for item in items]
    situation = Situation(now=NOW, account=book.accounts[account], author=book.operators[author], author_verified=True)
    known = [judge(item, situation, book).screened for item in items]

    def screened() -> None:
        for each_facts in facts:
            screen(policy, each_facts)

    def judged() -> None:
        for item in items:
            judge(item, situation, book)

    def judged_again() -> None:
        for item, found in zip(items, known, strict=True):
            judge(item, situation, book, screened=found)

    rate("  screen", each(screened, len(texts), rounds))
    rate("  judge, whole", each(judged, len(texts), rounds))
    rate("  judge again, text known", each(judged_again, len(texts), rounds))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    texts = drafts()
    book = load_rulebook(ROOT)
    print(about(ROOT))
    print(f"drafts   {len(texts)}, {sum(map(len, texts)) / len(texts):.0f} characters on average\n")
    rate("weighted length", each(lambda: [weighted(text) for text in texts], len(texts), rounds))
    for account, author in ACCOUNTS.items():
        measure_account(book, account, author, texts, rounds)


if __name__ == "__main__":
    main()
