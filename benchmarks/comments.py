"""How many comments a second are screened, in one process on one core: the issue's figures are ratios within one run.

    .venv/bin/python -m benchmarks.comments [--rounds 5] [--comments 20000]

A policy of 10,000 terms and 200 patterns with every detector of comments; comments of 32 characters, made here from a seed, of which one
in twenty holds a term. Each round has comments of its own, because nobody says the same twice: what was met in one round (words told apart,
states of patterns) helps the next no more than it would at work. The engine and the batch take turns on the same comments.
The real comments that lie in `../shared` are measured beside them under 大正, さいたま and 品川, where they are there.
CPU time unless said, because other work on the machine must not count; two processes against one are wall time, which needs two idle cores, and
beside it CPU time, which tells what they cost each other where others are at work.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import msgspec

from benchmarks.machine import about, each, rate
from daemon.judge import Situation, judge, judge_comments
from daemon.rulebook.item import Item
from daemon.rulebook.load import bare_rulebook, load_rulebook
from daemon.rulebook.model import Detector, Pattern, Policy, Words
from daemon.screening.boundary import at_word_boundary, dictionary
from daemon.screening.literals import automaton

ROOT = Path(__file__).resolve().parent.parent
KOHOBAN = Path(sys.executable).with_name("kohoban")
REAL = ("comments-chat-assumed-clean", "comments-tweets-assumed-clean")
BATCH = 1_024
LENGTH = 32
DETECTORS = ("phone", "mail", "address", "my-number", "card", "bank-account")
_HIRAGANA = "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほまみむめもやゆよらりるれろわをん"
_KANJI = "公園図書館道路工事祭日市民会議子育支援防災訓練案内窓口時間料金駅前広場花見桜川山海空雨雪風春夏秋冬朝昼夜店食茶菓子本音楽映画写真旅行電車"
_RARE = "罵倒侮蔑脅迫淫猥卑劣愚鈍醜悪陰険狡猾傲慢横暴凶暴残虐冷酷無能低俗下劣"


def made_terms(count: int, seed: int = 1) -> list[str]:
    """Terms of two to five characters, as no ordinary comment holds them."""
    chance = random.Random(seed)
    terms: dict[str, None] = {}
    while len(terms) < count:
        terms["".join(chance.choices(_RARE, k=chance.choice((2, 3, 3, 4)))) + chance.choice(("", "者", "め", "だ", "な"))] = None
    return list(terms)


def made_comments(count: int, terms: list[str], seed: int = 2) -> list[str]:
    """Comments of 32 characters, one in twenty with a term, one in ten with digits, a link or an emoji."""
    chance = random.Random(seed)
    out = []
    for number in range(count):
        words = []
        while sum(map(len, words)) < LENGTH - 6:
            words.append("".join(chance.choices(_KANJI, k=2)) + "".join(chance.choices(_HIRAGANA, k=chance.randint(1, 4))))
        if number % 20 == 0:
            words.insert(chance.randrange(len(words)), chance.choice(terms))
        if number % 10 == 1:
            words.append(chance.choice(("12時", "3人", "😀", "http://a.jp/", "＃祭", "@abc ")))
        out.append(("".join(words) + chance.choice("。！？笑"))[: LENGTH + 4])
    return out


def made_policy(terms: list[str]) -> Policy:
    """さいたま's clauses with made rules: words by word boundary, patterns, and every detector of comments."""
    chance = random.Random(3)
    policy = load_rulebook(ROOT).policies["saitama"]
    start, end = (
        ("応募", "当選", "無料", "登録", "副業", "投資", "口座", "限定"),
        ("こちら", "今すぐ", "連絡", "募集", "確実", "必ず", "簡単"),
    )
    patterns = tuple(
        f"{chance.choice(start)}.{{0,{n % 9 + 2}}}{chance.choice(end)}[ぁ-ん]{{0,{n % 3 + 1}}}(?:です|ます|[!！])"
        for n in range(200)
    )
    clause = "saitama/7(2)"
    rules = (
        Words(
            id="words",
            clause=clause,
            on="comment",
            level="look",
            boundary="word",
            terms=tuple(terms),
            message="-",
            message_en="-",
        ),
        Pattern(id="patterns", clause=clause, on="comment", level="look", any=patterns, message="-", message_en="-"),
        *(Detector(id=name, clause=clause, on="comment", level="look", name=name) for name in DETECTORS),
    )
    return msgspec.structs.replace(policy, rules=rules, hash=f"sha256:{len(terms)}")


def in_batches(policy: Policy, comments: list[str]) -> int:
    """Judge all of them; how many have a finding."""
    book, situation = bare_rulebook(policy), Situation(content_only=True)
    return sum(
        bool(judged.findings)
        for at in range(0, len(comments), BATCH)
        for judged in judge_comments(comments[at : at + BATCH], situation, book, policy=policy)
    )


def in_turns(works: dict[str, Callable[[list[str]], object]], rounds: list[list[str]]) -> dict[str, list[float]]:
    """CPU microseconds that a comment takes, round by round, of each of these works on the comments of the round; the first round warms up."""
    took: dict[str, list[float]] = {name: [] for name in works}
    for comments in rounds:
        for name, work in works.items():
            start = time.process_time()
            work(comments)
            took[name].append((time.process_time() - start) / len(comments) * 1e6)
    return {name: each[1:] for name, each in took.items()}


def measure_made(count: int, rounds: int) -> None:
    """The figures of the issue."""
    terms = made_terms(10_000)
    policy, engine = made_policy(terms), automaton(terms)
    small, large = made_policy(terms[:100]), made_policy(made_terms(50_000))
    every = [made_comments(count, terms, seed) for seed in range(100, 101 + rounds)]
    works: dict[str, Callable[[list[str]], object]] = {
        "": lambda comments: [
            engine.find(text) for text in comments
        ],  # Python writes each text as UTF-8 once: not the engine's work
        "literal engine alone, a call a comment": lambda comments: [engine.find(text) for text in comments],
        "batch, in process": lambda comments: in_batches(policy, comments),
        "the same comments once more": lambda comments: in_batches(policy, comments),
    }
    alone, batch, again = (rate(name, each) for name, each in in_turns(works, every).items() if name)
    print(f"{'':<44} {alone / batch:.0%} of the literal engine, {alone / again:.0%} once more (at least 25 %)")
    # The same terms are met by both, in comments of their own.
    few, many = (
        rate(name, in_turns({name: lambda comments, p=p: in_batches(p, comments)}, fresh)[name])  # type: ignore[misc]
        for name, p, fresh in (
            ("with 100 terms", small, [made_comments(count, terms[:100], seed) for seed in range(200, 201 + rounds)]),
            ("with 50,000 terms", large, [made_comments(count, terms[:100], seed) for seed in range(220, 221 + rounds)]),
        )
    )
    print(f"{'':<44} 50,000 terms take {many / few:.2f} times as long as 100 (at most 2)")
    one_by_one(policy, every[0][:2_000])
    two_processes(policy, count, rounds)


def one_by_one(policy: Policy, comments: list[str]) -> None:
    """The time of a single comment."""
    book, situation = bare_rulebook(policy), Situation(content_only=True)
    took = []
    for text in comments:
        start = time.perf_counter()
        judge(Item(text=text), situation, book, policy=policy, on="comment")
        took.append((time.perf_counter() - start) * 1e6)
    cuts = statistics.quantiles(took, n=100)
    print(
        f"{'one comment, in process (wall)':<44} p50 {statistics.median(took):.1f} µs (at most 15)   p90 {cuts[89]:.1f}   p99 {cuts[98]:.1f}"
    )


def judged_alone(policy: Policy, comments: list[str]) -> float:
    """CPU seconds of this process for all of them."""
    start = time.process_time()
    in_batches(policy, comments)
    return time.process_time() - start


def two_processes(policy: Policy, count: int, rounds: int) -> None:
    """One process with all comments, and two with as many each: wall time, and the CPU time that a comment costs."""
    terms = made_terms(10_000)
    with ProcessPoolExecutor(2) as pool:
        warm = made_comments(count, terms, 300)
        list(pool.map(judged_alone, [policy] * 4, [warm] * 4))  # both are warm
        wall: dict[int, list[float]] = {1: [], 2: []}
        cost: dict[int, list[float]] = {1: [], 2: []}
        for seed in range(rounds):
            for processes in (1, 2):
                parts = [made_comments(count, terms, 400 + 4 * seed + 2 * processes + part) for part in range(processes)]
                start = time.perf_counter()
                asked = [pool.submit(judged_alone, policy, part) for part in parts]
                cost[processes].append(statistics.mean(done.result() for done in asked))
                wall[processes].append(time.perf_counter() - start)
    print(
        f"{'two processes against one':<44} wall {2 * statistics.median(wall[1]) / statistics.median(wall[2]):.2f} times as many (at least 1.7); "
        f"by the processor {2 * statistics.median(cost[1]) / statistics.median(cost[2]):.2f}"
    )


def measure_real(count: int, rounds: int) -> None:
    """The bundled policies on real comments, and the command line against the process."""
    texts = [
        json.loads(line)["text"]
        for name in REAL
        if (path := ROOT.parent / f"shared/data/dev/{name}.jsonl").exists()
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    texts = texts or made_comments(count, made_terms(100))
    book = load_rulebook(ROOT)
    print(f"\nbundled policies, {len(texts)} comments of {sum(map(len, texts)) / len(texts):.0f} characters, {dictionary()}")
    for name in ("taisho", "saitama", "shinagawa"):
        policy = book.policies[name]
        inside = rate(f"  {name}, batch", each(lambda policy=policy: in_batches(policy, texts), len(texts), rounds))  # type: ignore[misc]
    memory = [sys.executable, "-m", "benchmarks.comments", "--memory"]
    print(
        f"{'memory with four policies and the dictionary':<44} {subprocess.run(memory, capture_output=True, check=True, text=True).stdout.strip()} (250)"
    )
    command_line(texts, inside)


def measure_memory() -> None:
    """What a process of its own holds once it has judged by all four policies and told words apart."""
    book, situation = load_rulebook(ROOT), Situation(content_only=True)
    texts = [*made_comments(5_000, made_terms(100)), "お前はバカだと思う"] * 2
    for policy in book.policies.values():
        judge_comments(texts, situation, book, policy=policy)
        for text in texts[:200]:
            judge(Item(text=text), situation, book, policy=policy)
    at_word_boundary("お前はバカだと思う", 3, 5)
    with Path("/proc/self/status").open() as status:
        now = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    print(f"{now >> 10} MB now, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10} MB at its most")


def command_line(texts: list[str], inside: float) -> None:
    """`check --as comment --jsonl` on the same comments, JSON included: the slope between few and many, so that the start does not count."""
    took = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "comments.jsonl"
        for times in (1, 5):
            path.write_text(
                "".join(json.dumps({"id": str(n), "text": t}, ensure_ascii=False) + "\n" for n, t in enumerate(texts * times))
            )
            before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
            words = ["check", "--as", "comment", "--policy", "shinagawa", "--jsonl", str(path)]
            subprocess.run([str(KOHOBAN), *words], stdout=subprocess.DEVNULL, check=False)
            took.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
    one = (took[1] - took[0]) / (4 * len(texts)) * 1e6
    print(
        f"{'check --as comment --jsonl, shinagawa':<44} {1e6 / one:>11,.0f}/s   {inside / one:.0%} of the process's rate (at least 40 %); start {took[0] - one * len(texts) / 1e6:.2f} s"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--comments", type=int, default=20_000)
    parser.add_argument("--memory", action="store_true", help="only what memory a process of its own takes")
    options = parser.parse_args()
    if options.memory:
        measure_memory()
        return
    print(about(ROOT))
    measure_made(options.comments, options.rounds)
    measure_real(options.comments, options.rounds)


if __name__ == "__main__":
    main()
