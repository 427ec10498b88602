"""The lists that a rule names, read into it: words (`words/<name>.txt`) and patterns (`words/<name>.re2`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from daemon.rulebook.lazy import lazy_pattern
from daemon.rulebook.model import Pattern, Problem, Words
from daemon.rulebook.pattern_lists import SUFFIX, patterns_of
from daemon.rulebook.shape import Shaper
from daemon.rulebook.source import Reader, Unreadable

_LIST_NAME = lazy_pattern(r"[\w-]+")


def with_lists(
    reader: Reader, shaper: Shaper, index: int, rule: Words | Pattern, word_folders: tuple[Path, ...], used: list[Path]
) -> Words | Pattern:
    """The rule with what its lists hold after its own, each once: words or patterns, and the contexts that excuse them."""

    def of(key: str, names: Iterable[str], suffix: str, read: Callable[[Path], tuple[str, ...]]) -> Iterator[str]:
        for name in names:
            try:
                path = _list_path(reader, name, suffix, word_folders)
                held = read(path)
            except Unreadable as unreadable:
                _report(shaper, index, rule, key, name, unreadable.problem)
            else:
                used.append(path)
                yield from held

    def patterns(path: Path) -> tuple[str, ...]:
        return patterns_of(reader, path)

    unless = _once(rule.unless, of("contexts", rule.contexts, SUFFIX, patterns))
    if isinstance(rule, Words):
        terms = _once(rule.terms, of("lists", rule.lists, ".txt", reader.terms_of))
        return msgspec.structs.replace(rule, terms=terms, unless=unless)
    return msgspec.structs.replace(rule, any=_once(rule.any, of("lists", rule.lists, SUFFIX, patterns)), unless=unless)


def _once(own: tuple[str, ...], more: Iterator[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*own, *more)))


def _report(shaper: Shaper, index: int, rule: Words | Pattern, key: str, name: str, why: Problem) -> None:
    shaper.problems.append(
        shaper.source.problem(
            shaper.source.line("rule", index, key),
            f"規則 {rule.id}: 一覧「{name}」を使えません（{why.file}:{why.line}）: {why.message}",
            f"Rule {rule.id}: list '{name}' cannot be used ({why.file}:{why.line}): {why.message_en}",
        )
    )


def _list_path(reader: Reader, name: str, suffix: str, word_folders: tuple[Path, ...]) -> Path:
    """Where the list of that name is: in the first folder that has it. Raises Unreadable for a name that is no file's stem, so that
    no list leads out of its folder."""
    if not _LIST_NAME.fullmatch(name):
        raise Unreadable(
            Problem(
                str(word_folders[0]),
                1,
                f"一覧の名前は、拡張子 {suffix} を除いたファイル名です（英数字、かな漢字、_ と -）。",
                f"The name of a list is its file name without {suffix} (letters, digits, _ and -).",
            )
        )
    paths = [folder / f"{name}{suffix}" for folder in word_folders]
    return next((path for path in paths if reader.exists(path)), paths[0])
