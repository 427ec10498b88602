"""Every key of a recorded detail has its word on the screen, in both languages; and whoever records another one is told here.

What is recorded is read from the daemon's own source: the keywords of `tx.record(…)` and of the functions that hand theirs on to it, and the
keys of what is handed over as a whole (`**detail`), wherever that was put together.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import pytest
from scripted_peer import NOW

from console.tui.record import entry_sheet
from console.words import Language, catalogue
from daemon.wire import HistoryLine

Function = ast.FunctionDef | ast.AsyncFunctionDef
OWN = {"record": {"actor", "act", "draft"}, "record_all": {"actor", "act", "entries"}}
"""The parameters of a recorder that are no details."""
OF_OTHERS = {("rebuilding.py", "said"), ("noting_main.py", "detail")}
"""What is handed over as it was found: details of other entries, which have their words; those of the installer, which are looked at apart."""


class Source:
    """The daemon's source, with what each node stands in."""

    def __init__(self, root: Path) -> None:
        self.functions: dict[str, list[Function]] = {}
        self.calls: dict[str, list[ast.Call]] = {}
        self.around: dict[ast.AST, list[Function]] = {}
        self.file: dict[ast.AST, str] = {}
        for path in sorted((root / "daemon").rglob("*.py")):
            self._walk(ast.parse(path.read_text(encoding="utf-8")), [], path.name)
        self.recorders = {name: set(own) for name, own in OWN.items()}
        while more := self._handing_on():
            self.recorders |= more

    def _walk(self, node: ast.AST, stack: list[Function], file: str) -> None:
        self.around[node], self.file[node] = stack, file
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            self.functions.setdefault(node.name, []).append(node)
            stack = [*stack, node]
        if isinstance(node, ast.Call):
            self.calls.setdefault(called(node), []).append(node)
        for child in ast.iter_child_nodes(node):
            self._walk(child, stack, file)

    def _handing_on(self) -> dict[str, set[str]]:
        """Functions that hand their own keywords on to a recorder, with the names of their other parameters."""
        found = {}
        for name in self.recorders:
            for call in self.calls.get(name, ()):
                for keyword in call.keywords:
                    taken = (
                        {each.id for each in ast.walk(keyword.value) if isinstance(each, ast.Name)} if not keyword.arg else set()
                    )
                    for function in self.around[call]:
                        if function.args.kwarg and function.args.kwarg.arg in taken and function.name not in self.recorders:
                            every = (*function.args.args, *function.args.kwonlyargs, *function.args.posonlyargs)
                            found[function.name] = {each.arg for each in every}
        return found

    def keys(self) -> Iterator[tuple[str, str]]:
        """Every key that may be recorded, and where; raises AssertionError for what cannot be followed."""
        for name, own in self.recorders.items():
            for call in self.calls.get(name, ()):
                where = f"{self.file[call]}:{call.lineno}"
                for keyword in call.keywords:
                    if keyword.arg is None:
                        yield from ((key, where) for key in self.handed(keyword.value, call))
                    elif keyword.arg not in own:
                        yield keyword.arg, where
                if name == "record_all":
                    for each in (inner for argument in call.args for inner in ast.walk(argument) if isinstance(inner, ast.Dict)):
                        yield from ((key, where) for key in self.handed(each, call))

    def handed(self, value: ast.expr, call: ast.AST, depth: int = 0) -> set[str]:
        """The keys of a mapping that is handed over as a whole."""
        assert depth < 12, ast.unparse(value)
        match value:
            case ast.Dict():
                named = {key.value for key in value.keys if isinstance(key, ast.Constant)}
                inner = [each for key, each in zip(value.keys, value.values, strict=True) if key is None]
                return {str(key) for key in named}.union(*(self.handed(each, call, depth + 1) for each in inner))
            case ast.IfExp():
                return self.handed(value.body, call, depth + 1) | self.handed(value.orelse, call, depth + 1)
            case ast.BinOp():
                return self.handed(value.left, call, depth + 1) | self.handed(value.right, call, depth + 1)
            case ast.DictComp():
                return self.handed(value.generators[0].iter, call, depth + 1)
            case ast.Call(func=ast.Attribute(attr="items", value=of)):
                return self.handed(of, call, depth + 1)
            case ast.Call():
                return self.told_by(called(value))
            case ast.Attribute():
                return self.told_by(value.attr)
            case ast.Name():
                return self.named(value, call, depth)
        raise AssertionError(f"{self.file[call]}: cannot tell what is recorded by {ast.unparse(value)}")

    def told_by(self, name: str) -> set[str]:
        """The words in a function that puts details together."""
        assert name in self.functions, f"cannot tell what {name} puts together"
        return {word for function in self.functions[name] for word in words_in(function)}

    def named(self, value: ast.Name, call: ast.AST, depth: int) -> set[str]:
        """What a variable or a parameter holds."""
        if (self.file[call], value.id) in OF_OTHERS:
            return set()
        for function in reversed(self.around[call]):
            if function.args.kwarg and function.args.kwarg.arg == value.id:
                return set()  # looked at where it is called
            found: set[str] = set()
            known = False
            for node in ast.walk(function):
                targets = (
                    node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
                )
                for target in targets:
                    assigned = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
                    if isinstance(target, ast.Name) and target.id == value.id and assigned is not None:
                        known, found = True, found | self.handed(assigned, call, depth + 1)
                    match target:
                        case ast.Subscript(value=ast.Name(id=value.id), slice=ast.Constant(value=key)):
                            found.add(str(key))
            places = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
            if not known and value.id in places:
                for other in self.calls.get(function.name, ()):
                    given = [word.value for word in other.keywords if word.arg == value.id]
                    given += other.args[places.index(value.id) : places.index(value.id) + 1]
                    found = found.union(*(self.handed(each, other, depth + 1) for each in given))
                known = True
            if known:
                return found
        raise AssertionError(f"{self.file[call]}: cannot tell where {value.id} comes from")


def called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def words_in(function: Function) -> Iterator[str]:
    """The strings in a function that could be keys, without its own docstring."""
    docs = {ast.get_docstring(function, clean=False)}
    for node in ast.walk(function):
        word = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if word not in docs and word.isidentifier() and word.islower():
            yield word


@cache
def recorded(root: Path) -> Mapping[str, str]:
    """Every key of a recorded detail, and a place where it is recorded."""
    return dict(Source(root).keys())


def installers(root: Path) -> set[str]:
    """The keys of the entry that the installer has written after a rollback."""
    tree = ast.parse((root / "console" / "installation" / "going_back.py").read_text(encoding="utf-8"))
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)]
    dumped = [call.args[0] for call in ast.walk(tree) if isinstance(call, ast.Call) and called(call) == "dumps"]
    names = {each.id for each in dumped if isinstance(each, ast.Name)}
    kept = [node.value for node in assigned if names & {getattr(each, "id", "") for each in node.targets}]
    dicts = [each for each in (*dumped, *kept) if isinstance(each, ast.Dict)]
    assert dicts
    return {str(key.value) for each in dicts for key in each.keys if isinstance(key, ast.Constant)}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_key_of_a_recorded_detail_has_its_word(root: Path, language: Language) -> None:
    keys = {**recorded(root), **dict.fromkeys(installers(root), "going_back.py")}
    words = catalogue("tui", language)
    assert {key: place for key, place in keys.items() if f"entry.{key}" not in words} == {}


def test_what_is_known_to_be_recorded_is_found_whatever_way_it_is_handed_over(root: Path) -> None:
    keys = recorded(root)
    assert {"latched_us", "meanwhile", "stopped_by"} <= keys.keys(), "a keyword of the record itself"
    assert {"step", "decided_by", "deputy_basis", "countersigned_by", "cite", "asked"} <= keys.keys(), "handed over as a whole"
    assert {"to", "condition", "undone"} & keys.keys() == {"to", "undone"}, (
        "a keyword that is handed on; a parameter is no detail"
    )


def shown(act: str, **detail: object) -> str:
    """An entry of the record in full, as the screen has it."""
    entry = HistoryLine(seq=7, at=NOW, actor="urano", act=act, detail=json.dumps({"detail": detail}), hash="sha256:0")
    return "".join(part.text.plain for part in entry_sheet(entry))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("ja", ("許可が消えるまで（マイクロ秒） 812", "押す前に始まった発信 3", "止まるまでに始まった発信 0")),
        ("en", ("press to latched, microseconds 812", "begun before the press 3", "begun meanwhile 0")),
    ],
)
def test_a_drill_says_in_words_what_it_has_measured(speaks: Callable[[str], None], lang: str, said: tuple[str, ...]) -> None:
    speaks(lang)
    text = " ".join(shown("drill", latched_us=812, before=3, meanwhile=0, outcome="passed").split())
    for words in said:
        assert words in text
    assert "_us" not in text and "meanwhile " not in text.replace("begun meanwhile ", "")


def test_what_is_so_or_not_and_several_things_are_said_in_words(speaks: Callable[[str], None]) -> None:
    speaks("ja")
    text = " ".join(shown("approve", alone=True, titles=["課長", "部長"], state="approved", x_new={"a": 1}).split())
    assert "単独で はい" in text and "決めた人の職 課長、部長" in text and "状態 承認済" in text
    assert 'x_new {"a": 1}' in text, "what a later version records stands as it was written"
