"""How fast drafts are read beside textlint with textlint-rule-prh, the tool that editors of Japanese texts use for lists of words.

    .venv/bin/python -m benchmarks.textlint [--drafts 1000] [--rounds 9]

1,000 drafts of 230 characters and a list of 1,000 terms, made here from a seed; one draft in four holds a term. Kohoban judges by the rules
of 港 (every detector, every pattern) and the list; textlint parses Markdown and looks for the list. Each process has run once before: byte code, and what Kohoban keeps of the policy (decision
0028), are there. npm installs exact versions
into a folder that goes away afterwards; without node, npm or the network that is said, and only our own figures are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.comments import made_comments, made_terms
from benchmarks.machine import about
from daemon.judge import Situation, judge
from daemon.rulebook.item import Item
from daemon.rulebook.load import BUNDLED, bare_rulebook, load_policy
from daemon.rulebook.model import Account

KOHOBAN = Path(sys.executable).with_name("kohoban")
PEER = ("textlint@15.8.0", "textlint-rule-prh@6.1.0")
INSTALLED_WITHIN = 300
"""Seconds that npm gets."""
SLICES = 5
"""Parts in which the drafts are measured, after one to warm up."""
LENGTH = 230
AS_USED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

_RULE = """
[[rule]]
id = "benchmark"
check = "words"
clause = "{clause}"
level = "warn"
lists = ["benchmark"]
message = "一覧の語です。"
message_en = "A word of the list."
"""

_DRIVER = """
const { TextlintKernel } = require("@textlint/kernel");
const own = (module) => module.default || module;
const plugin = own(require("@textlint/textlint-plugin-markdown"));
const rule = own(require("textlint-rule-prh"));
const { drafts, slices } = JSON.parse(require("fs").readFileSync("drafts.json", "utf8"));
const options = {
  ext: ".md", filePath: "draft.md",
  plugins: [{ pluginId: "markdown", plugin }],
  rules: [{ ruleId: "prh", rule, options: { rulePaths: ["prh.yml"] } }],
};
(async () => {
  const kernel = new TextlintKernel();
  const size = Math.ceil(drafts.length / slices);
  for (const text of drafts.slice(0, size)) await kernel.lintText(text, options);
  const took = [];
  let found = 0;
  for (let at = 0; at < drafts.length; at += size) {
    const part = drafts.slice(at, at + size), before = process.cpuUsage();
    for (const text of part) found += (await kernel.lintText(text, options)).messages.length > 0;
    const { user, system } = process.cpuUsage(before);
    took.push((user + system) / 1e6 / part.length);
  }
  console.log(JSON.stringify({ took, found }));
})();
"""


def made_drafts(count: int, terms: Sequence[str]) -> list[str]:
    """Drafts of 230 characters: sentences as in the benchmark of comments, one draft in four with a term."""
    chance, plain = random.Random(4), made_comments(count * 8, [""], seed=5)
    drafts = []
    for number in range(count):
        sentences = plain[number * 8 : number * 8 + 8]
        if number % 4 == 0:
            sentences.insert(chance.randrange(6), chance.choice(terms) + "。")
        drafts.append("\n".join(sentences)[:LENGTH])
    return drafts


def lay_out(folder: Path, terms: Sequence[str], drafts: Sequence[str]) -> Path:
    """The list for both, the drafts, one draft alone; the path of our policy comes back."""
    policy = folder / "minato.toml"
    own = (BUNDLED / policy.name).read_text(encoding="utf-8")
    policy.write_text(own + _RULE.format(clause=load_policy(BUNDLED / policy.name).rules[0].clause), encoding="utf-8")
    (folder / "words").mkdir()
    (folder / "words/benchmark.txt").write_text("\n".join(terms), encoding="utf-8")
    rules = "".join(f'  - expected: "■"\n    pattern: "{term}"\n' for term in terms)
    (folder / "prh.yml").write_text(f"version: 1\nrules:\n{rules}", encoding="utf-8")
    (folder / ".textlintrc.json").write_text(json.dumps({"rules": {"prh": {"rulePaths": ["prh.yml"]}}}), encoding="utf-8")
    (folder / "drafts.json").write_text(json.dumps({"drafts": drafts, "slices": SLICES}), encoding="utf-8")
    (folder / "driver.js").write_text(_DRIVER, encoding="utf-8")
    (folder / "draft.md").write_text(drafts[1], encoding="utf-8")
    return policy


def ours(path: Path, drafts: Sequence[str]) -> tuple[list[float], int]:
    """CPU seconds a draft, part by part, and in how many drafts the list was found."""
    policy = load_policy(path)
    # Facebook: on X 230 characters are too long, and every draft would have a finding.
    account = Account(id="page", platform="facebook", handle="page", policy=policy.id, name="広報", unit="広報課")
    book, situation = bare_rulebook(policy), Situation(content_only=True, account=account)
    size = -(-len(drafts) // SLICES)
    for text in drafts[:size]:
        judge(Item(text=text), situation, book, policy=policy)
    took, found = [], 0
    for at in range(0, len(drafts), size):
        part, start = drafts[at : at + size], time.process_time()
        judged = [judge(Item(text=text), situation, book, policy=policy) for text in part]
        took.append((time.process_time() - start) / len(part))
        found += sum(any(finding.rule == "benchmark" for finding in each.findings) for each in judged)
    return took, found


def installed(folder: Path) -> bool:
    """Whether textlint could be installed here; says why not."""
    if not shutil.which("node") or not (npm := shutil.which("npm")):
        print("textlint: no node or npm on this machine: only our own figures")
        return False
    words = [npm, "install", "--no-audit", "--no-fund", "--loglevel=error", "--save-exact", "--prefix", str(folder), *PEER]
    try:
        ended = subprocess.run(words, capture_output=True, text=True, check=False, cwd=folder, timeout=INSTALLED_WITHIN)
    except subprocess.TimeoutExpired:
        print(f"textlint: npm did not end within {INSTALLED_WITHIN} s: only our own figures")
        return False
    if ended.returncode:
        print(f"textlint: npm could not install {' '.join(PEER)}: only our own figures")
    return ended.returncode == 0


def once(words: Sequence[str], folder: Path) -> tuple[float, float]:
    """Seconds of one process with one draft: on the wall, and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    ended = subprocess.run(words, capture_output=True, check=False, env=AS_USED, cwd=folder)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert ended.returncode in (0, 1), ended.stderr.decode()
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def show_rate(name: str, took: Sequence[float], found: int) -> float:
    middle = statistics.median(took)
    spread = f"median {middle * 1e6:9.1f} µs   min {min(took) * 1e6:9.1f}   max {max(took) * 1e6:9.1f}   n {len(took)}"
    print(f"{name:<36} {1 / middle:>9,.0f} drafts/s   {spread}   the list found in {found} drafts")
    return middle


def show_once(name: str, rounds: Sequence[tuple[float, float]]) -> tuple[float, float]:
    wall, cpu = ([pair[n] for pair in rounds] for n in (0, 1))
    print(
        f"{name:<36} wall p50 {statistics.median(wall):.3f} s   min {min(wall):.3f}   max {max(wall):.3f}   "
        f"cpu p50 {statistics.median(cpu):.3f}   min {min(cpu):.3f}   max {max(cpu):.3f}   n {len(rounds)}"
    )
    return statistics.median(wall), statistics.median(cpu)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drafts", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    terms = made_terms(1_000)
    drafts = made_drafts(options.drafts, terms)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        print(about(folder))
        policy = lay_out(folder, terms, drafts)
        there = installed(folder)
        fast = show_rate("in process, Kohoban", *ours(policy, drafts))
        if there:
            driven = subprocess.run(["node", "driver.js"], capture_output=True, check=True, text=True, cwd=folder)
            said = json.loads(driven.stdout)
            slow = show_rate("in process, textlint with prh", said["took"], said["found"])
            print(f"{'':<36} {slow / fast:.0f} times as fast (at least 50)")
        commands = {"one draft, kohoban check": [str(KOHOBAN), "check", "--policy", str(policy), "draft.md"]}
        if there:
            commands["one draft, textlint"] = [str(folder / "node_modules/.bin/textlint"), "draft.md"]
        for words in commands.values():
            once(words, folder)
        rounds = [{name: once(words, folder) for name, words in commands.items()} for _ in range(options.rounds)]
        medians = [show_once(name, [each[name] for each in rounds]) for name in commands]
        if there:
            (wall, cpu), (their_wall, their_cpu) = medians
            print(
                f"{'':<36} {their_wall / wall:.1f} times as fast on the wall, {their_cpu / cpu:.1f} by the processor (at least 4)"
            )


if __name__ == "__main__":
    main()
