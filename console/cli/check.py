"""`kohoban check`: judge drafts without a daemon. One item in, one answer out, in order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from console.cli import formats, human
from console.cli.answers import Trouble
from console.cli.argv import Given, Option, parse
from console.cli.bench import lay
from console.cli.formats import Result
from console.cli.judging import code_of, judge_source
from console.cli.outcome import FINE, WRONG, Failure
from console.cli.place import moment
from console.cli.sources import Source, from_paths, from_stdin
from console.cli.stream import stream_comments, stream_drafts
from console.cli.terminal import err, out, out_json, set_plain
from console.words import say

OPTIONS = (
    Option("--as", choices=("draft", "comment")),
    Option("--policy"),
    Option("--account"),
    Option("--at"),
    Option("--only", choices=("content",)),
    Option("--jsonl"),
    Option("--own-posts"),
    Option("--stdin", value=False),
    Option("--stdin-filename"),
    Option("--fix", value=False),
    Option("--diff", value=False),
    Option("--unsafe", value=False),
    Option("--explain", value=False),
    Option("--format", choices=("human", "json", "sarif", "textlint-json")),
)


def main(argv: Sequence[str]) -> int:
    """Run the command. Exit code 1 where anything holds a draft up, 2 where something could not be judged at all."""
    given = parse(argv, OPTIONS, "check")
    if "--help" in given.flags:
        out(say("cli", "help.check"))
        return FINE
    if "--plain" in given.flags:
        set_plain(True)
    form = given.get("--format") or ("json" if "--json" in given.flags else "human")
    _refuse_odd_pairs(given)
    bench = lay(
        office=given.get("--office"),
        policy=given.get("--policy"),
        account=given.get("--account"),
        at=moment(given.values["--at"]) if "--at" in given.values else None,
        content_only=given.get("--only") == "content",
        on="comment" if _of_comments(given) else "draft",
    )
    if (posts := given.get("--own-posts")) is not None:
        from console.cli.own_posts import read_own_posts  # few ask

        bench = bench._replace(own_posts=read_own_posts(posts))
    if not bench.has_rules():
        err(say("cli", "check.no_comment_rules"))
    if (stream := given.get("--jsonl")) is not None:
        return stream_comments(bench, stream) if bench.on == "comment" else stream_drafts(bench, stream)
    if "--explain" in given.flags:
        from console.cli.explaining import explain_all

        return explain_all(bench, _inputs(given), json=form == "json")
    if given.flags & {"--fix", "--diff"}:
        from console.cli.mend import mend

        return mend(bench, list(_inputs(given)), write="--diff" not in given.flags, unsafe="--unsafe" in given.flags)
    return _answer_all(form, (judge_source(bench, source) for source in _inputs(given)))


def _refuse_odd_pairs(given: Given) -> None:
    """Say what cannot go together, and that something to judge is needed. Raises Failure (usage)."""
    from_stream, from_stdin_ = "--jsonl" in given.values, _wants_stdin(given)
    if from_stream + from_stdin_ + bool([path for path in given.rest if path != "-"]) != 1:
        raise Failure(WRONG, say("cli", "check.one_input"))
    if from_stream and (given.flags & {"--fix", "--diff"} or "--format" in given.values):
        raise Failure(WRONG, say("cli", "check.stream_alone"))
    if "--explain" in given.flags and (
        from_stream or given.flags & {"--fix", "--diff"} or given.get("--format") not in (None, "human", "json")
    ):
        raise Failure(WRONG, say("cli", "check.explain_alone"))
    if _of_comments(given) and given.flags & {"--fix", "--diff"}:
        raise Failure(WRONG, say("cli", "check.comments_stay"))
    if "--own-posts" in given.values and not _of_comments(given):
        raise Failure(WRONG, say("cli", "check.own_posts_of_comments"))
    if _of_comments(given) and not (given.get("--policy") or given.get("--account")):
        raise Failure(WRONG, say("cli", "check.comments_need_policy"))
    if from_stream and not (given.get("--policy") or given.get("--account")):
        raise Failure(WRONG, say("cli", "check.stream_needs_policy"))


def _of_comments(given: Given) -> bool:
    return given.get("--as") == "comment"


def _wants_stdin(given: Given) -> bool:
    return "--stdin" in given.flags or "--stdin-filename" in given.values or "-" in given.rest


def _inputs(given: Given) -> Iterator[Source | Trouble]:
    if _wants_stdin(given):
        yield from_stdin(given.get("--stdin-filename"))
    else:
        yield from from_paths(given.rest)


def _answer_all(form: str, results: Iterable[Result]) -> int:
    """Write every answer in the chosen form; the human one item by item, the others as one document."""
    if form == "human":
        return code_of(list(_shown(results)))
    all_results = list(results)
    if form == "json":
        out_json(formats.as_json(all_results))
    elif form == "textlint-json":
        out_json(formats.as_textlint(all_results))
    else:
        from importlib.metadata import version

        out_json(formats.as_sarif(all_results, version("kohoban")))
    return code_of(all_results)


def _shown(results: Iterable[Result]) -> Iterator[Result]:
    for result in results:
        if isinstance(result, Trouble):
            err(result.error)
        else:
            for line in human.judged_lines(result):
                out(line)
        yield result
