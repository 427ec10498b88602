"""No sentence stands outside the catalogue: not in the console, in either language; and in the daemon, which has no catalogue, none without its
English twin beside it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator
from pathlib import Path

from console.installation.units import Place, files, user_files

ROOT = Path(__file__).resolve().parent.parent
CONSOLE = sorted((ROOT / "console").rglob("*.py"))
DAEMON = sorted((ROOT / "daemon").rglob("*.py"))
JAPANESE = re.compile("[\u3001-\u303f\u3041-\u30ff\u3400-\u9fff\uff01-\uff60]")
KANA = re.compile("[\u3041-\u3096]")

TYPED = "what people type is recognised in either language, and never shown"
SIGNS = "signs and classes of characters, not words"
FILES = "names of files that the daemon writes"
OUTSIDE: dict[str, tuple[str, frozenset[str]]] = {
    "cite.py": (
        "reads the citations of the daemon",
        frozenset({r"office/(?P<rule>[^（]+)（(?:根拠 (?P<basis>.+)|根拠規定なし)）"}),
    ),
    "finding.py": (TYPED, frozenset({"順", "並び", "状態", "判定"})),
    "reasons.py": (TYPED, frozenset({r"[1-9](?:[\s,、・]*[1-9])*"})),
    "cli/asking.py": (TYPED, frozenset({"停止", "停止!", "！", "："})),
    "cli/bench_words.py": (TYPED, frozenset({"、", "・"})),
    "cli/block_files.py": (
        "headings of other programs' files",
        frozenset({"ハンドル", "アカウント名", "ユーザー名", "アカウント", "ユーザーid", "投稿者id"}),
    ),
    "cli/comment_page.py": (SIGNS, frozenset({"・"})),
    "cli/deciding.py": (TYPED, frozenset({"はい"})),
    "cli/drafts.py": ("cuts a name off behind the daemon's words", frozenset({"（"})),
    "cli/fanning.py": (TYPED, frozenset({r"(?:一斉|set)\s*(\d+)"})),
    "cli/judging_comments.py": (TYPED, frozenset({"はい", "いいえ"})),
    "cli/line_mode.py": (TYPED, frozenset({"終了"})),
    "cli/ruler.py": (
        "characters to count columns by, the same in any language",
        frozenset({"広報番広報番広報番広報番広報番|30"}),
    ),
    "tui/calendar.py": (TYPED, frozenset({"[-~〜～–]"})),
    "tui/command_line.py": (TYPED, frozenset({":："})),
    "tui/comment_sheet.py": (SIGNS, frozenset({"(（0123456789"})),
    "tui/compose.py": (TYPED, frozenset({"はい"})),
    "tui/paint.py": ("marks where there is no colour", frozenset({"【", "】"})),
    "tui/pictures.py": ("looks for a file's name in the daemon's words", frozenset({"「", "」"})),
    "tui/record.py": (TYPED, frozenset({"#＃"})),
    "tui/rows.py": ("cuts a name off behind the daemon's words", frozenset({"（"})),
    "tui/stopping.py": (TYPED, frozenset({"、"})),
    "tui/writing.py": (FILES, frozenset({"-_・ー", ".判定.txt", "_広報番.txt", "_引継.txt"})),
}
"""Japanese that is no sentence for a screen: why, and every literal, so that another one is found."""
WHOLE = {
    "text.py": SIGNS,
    "tui/canvas.py": SIGNS,
    "tui/wrap.py": SIGNS,
    "tui/when.py": TYPED,
    "tui/commands.py": "the names that the `:` line knows, in both languages (their words on screens: command.*)",
    "cli/stop.py": "a stop waits for no catalogue: pairs, held by the test below",
    "cli/stop_news.py": "a stop waits for no catalogue: pairs, held by the test below",
    "installation/units.py": "files for a machine that several people read: both languages in one line, held by a test below",
}
"""Modules whose Japanese is looked at elsewhere, or is no words at all."""

SCRIPTS = {"cli/completion.py", "installation/units.py", "tui/ink.py", "tui/commands.py", "cli/stop.py", "cli/stop_news.py"}
"""Modules that write programs' lines (shells, systemd), name colours, or names to type, or are looked at as pairs."""
AS_THEY_ARE = {
    "chmod go-w ", "loginctl enable-linger ", "sudo systemctl start ", "systemctl --user start ",  # command lines that are shown as they are typed
    "core file", ".ad l", "private use",  # a line of /proc, roff, a class of Unicode
    "the thread that reads the keyboard has ended",  # an error for the log
}  # fmt: skip
"""Two words in English that are no sentence for a screen."""
COMMAND_LINE = re.compile(r"kohoban( [a-z-]+)+ ?")

JAPANESE_ONLY = {
    "daemon/intake/notice.py": "the verdict file and the status file on the share: the office's own papers, in Japanese",
    "daemon/papers/decision.py": "the sheet of a decision, an official paper in Japanese",
    "daemon/service/sheet_words.py": "what lies in a decision folder beside those sheets",
    "daemon/rulebook/pasted/marks.py": "patterns of a policy's text",
    "daemon/rulebook/pasted/writing.py": "writes a policy's file, which is Japanese",
    "daemon/rulebook/pasted/suggesting.py": "suggestions within a policy's file, which is Japanese",
    "daemon/screening/blanks.py": "patterns",
    "daemon/screening/boundary.py": "patterns",
}
"""Modules of the daemon whose words are data, or a paper in the language of the office."""
JAPANESE_SENTENCES = {
    "決裁フォルダで差し戻されました（理由の記載はありません）。決裁者に確かめてください。": "a reason in the record, whose language is Japanese",
    "{}のほかに承認できる人がいません": "whom a draft waits for is said in the titles of the register, as the policy has them",
    "{}がいません": "the same",
    " {}人要るところ {}人です": "the same",
    "がいません": "the same",
    "{} はデーモンが作ったままのものではありません": "the error that is its twin speaks English",
    "{}{} を使う下書きがありません。使うなら下書きの前書きの images に名前を書き、使わないなら片付けてください。": "a line of the status file on the share",
    "【削除】この投稿を媒体から削除します。理由: ＿＿＿\n{}\n（この文は投稿しません。）": "the text of a draft",
    "【訂正】先ほどの投稿に誤りがありました。\n誤: ＿＿＿\n正: ＿＿＿\nおわびして訂正します。": "the text of a draft",
}


def docstrings(tree: ast.AST) -> set[int]:
    """The strings that stand alone as a statement: for whoever reads the code."""
    return {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}


def literals(tree: ast.AST) -> Iterator[ast.Constant]:
    told = docstrings(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def console_name(path: Path) -> str:
    return path.relative_to(ROOT / "console").as_posix()


# -- the console ---------------------------------------------------------------------------------------------------------------------------


def test_no_japanese_of_the_console_stands_outside_the_catalogue() -> None:
    found: dict[str, set[str]] = {}
    for path in CONSOLE:
        if (name := console_name(path)) not in WHOLE:
            found[name] = {str(node.value) for node in literals(tree_of(path)) if JAPANESE.search(str(node.value))}
    assert {name: said for name, said in found.items() if said} == {name: said for name, (_, said) in OUTSIDE.items()}


def test_every_exception_is_of_a_module_that_is_there_and_has_japanese() -> None:
    names = {console_name(path) for path in CONSOLE}
    assert {*OUTSIDE, *WHOLE, *SCRIPTS} - names == set()
    assert {*JAPANESE_ONLY} - {path.relative_to(ROOT).as_posix() for path in DAEMON} == set()
    for name in WHOLE:
        found = [node for node in literals(tree_of(ROOT / "console" / name)) if JAPANESE.search(str(node.value))]
        assert found, name


ENGLISH = re.compile(r"[A-Za-z][a-z']+[,;:.]? +[A-Za-z]?[a-z']+")
"""Two words, one behind the other."""


def test_no_english_sentence_of_the_console_stands_outside_the_catalogue() -> None:
    """A sentence of two words or more. What a programming error says goes to the log; style sheets and shell scripts are no sentences."""
    found = {name: english_in(tree_of(path)) for path in CONSOLE if (name := console_name(path)) not in SCRIPTS}
    assert {name: said for name, said in found.items() if said} == {}


def english_in(tree: ast.Module) -> list[str]:
    left_out = {id(each) for node in ast.walk(tree) if not_for_screens(node) for each in ast.walk(node)}
    found = [str(node.value) for node in literals(tree) if id(node) not in left_out and ENGLISH.search(str(node.value))]
    return [said for said in found if said not in AS_THEY_ARE and not COMMAND_LINE.fullmatch(said)]


def not_for_screens(node: ast.AST) -> bool:
    """A raise of the language's own errors, the path of a command, a style sheet, a kind of character as Unicode calls it."""
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return issubclass(getattr(builtins, getattr(node.exc.func, "id", ""), object), BaseException)
    if isinstance(node, ast.Call):
        return getattr(node.func, "id", "") in ("command", "listing")
    if isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        return getattr(target, "id", "") in ("CSS", "DEFAULT_CSS")
    return False


SHOWN = {"DisplayText", "of", "Part", "out", "err", "write"}
"""What takes a text to a screen; a `Part`'s further arguments are its ink."""
PLAIN = {"kohoban ", "sha256 ", "sha256:", "drafts/", "Space"}
"""The same in every language."""


def test_nothing_goes_to_a_screen_that_is_written_in_the_code() -> None:
    """One word is enough here: the text that is handed to what shows it, at once or within an f-string."""
    found = {console_name(path): shown_in(tree_of(path)) for path in CONSOLE}
    assert {name: said for name, said in found.items() if said} == {}


def shown_in(tree: ast.Module) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and node.args:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            pieces = first.values if isinstance(first, ast.JoinedStr) else [first]
            if called in SHOWN:
                found += [str(each.value) for each in pieces if isinstance(each, ast.Constant)]
    return [said for said in found if re.search(r"[A-Za-z]{2,}", said) and said not in PLAIN]


# -- the daemon, and the stop, which waits for no catalogue -----------------------------------------------------------------------------------

SAID = re.compile(r"(。|です|ます|ません|ました|ください)[」）。]*$")
"""How a Japanese sentence ends."""
IN_ENGLISH = re.compile(r"[A-Za-z]{2,}[,;:]? ([A-Za-z]+|\{\})|[A-Z][a-z]+\.$|\{\}[^ ]* [a-z]{2,}")
"""Two words, a word that is a sentence, or a name with a word behind it."""


def written(node: ast.AST | None) -> str | None:
    """What an expression of strings comes to, with {} for each place; None for anything else."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.JoinedStr):
        return "".join(str(each.value) if isinstance(each, ast.Constant) else "{}" for each in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = written(node.left), written(node.right)
        return None if left is None and right is None else (left or "{}") + (right or "{}")
    return None


def alone(tree: ast.Module) -> Iterator[str]:
    """Every Japanese sentence that has no English words beside it: in the same pair, call or table of both, or in a statement next to its own."""
    told = docstrings(tree)
    above = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for node in ast.walk(tree):
        said = written(node)
        up = above.get(node)
        whole = said is not None and id(node) not in told and written(up) is None and not isinstance(up, ast.JoinedStr)
        if whole and said and KANA.search(said) and SAID.search(said) and not _has_twin(node, above):
            yield said


def _has_twin(node: ast.AST, above: dict[ast.AST, ast.AST]) -> bool:
    own = {id(each) for each in ast.walk(node)}
    child, up = node, above.get(node)
    while up is not None and not isinstance(up, ast.stmt):
        pair = isinstance(up, ast.Call | ast.Tuple | ast.List) or (
            isinstance(up, ast.Dict) and any(str(written(key)).endswith("_en") for key in up.keys)
        )
        if isinstance(up, ast.Call) and getattr(up.func, "id", "") == "t" and len(up.args) == 2:
            return bool(written(up.args[1]))  # the papers' own: t(Japanese, English)
        if pair and any(_english(each) for each in ast.walk(up) if id(each) not in own):
            return True
        child, up = up, above.get(up)
    statement = up if isinstance(up, ast.stmt) else child
    for block in ("body", "orelse", "finalbody"):
        beside = getattr(above.get(statement), block, None)
        if isinstance(beside, list) and statement in beside:
            at = beside.index(statement)
            near = [each for each in beside[max(0, at - 2) : at + 4] if each is not statement and not hasattr(each, "body")]
            return any(_english(part) for each in near for part in ast.walk(each))
    return False


def _english(node: ast.AST) -> bool:
    """Two words of English; they may name a thing by its Japanese name. (A word alone is no twin: it is the name of a state.)"""
    said = written(node)
    return said is not None and not SAID.search(said) and IN_ENGLISH.search(said) is not None


PAIRED = [*DAEMON, ROOT / "console" / "cli" / "stop.py", ROOT / "console" / "cli" / "stop_news.py"]


def test_no_japanese_sentence_of_the_daemon_is_without_its_english_twin() -> None:
    paths = {name: path for path in PAIRED if (name := path.relative_to(ROOT).as_posix()) not in JAPANESE_ONLY}
    found = {name: [said for said in alone(tree_of(path)) if said not in JAPANESE_SENTENCES] for name, path in paths.items()}
    assert {name: said for name, said in found.items() if said} == {}


def test_a_sentence_without_its_twin_would_be_found() -> None:
    tree = ast.parse('def f(x):\n    raise Refused("state", f"{x} は読めません。", "")\n')
    assert list(alone(tree)) == ["{} は読めません。"]
    assert list(alone(ast.parse('def f(x):\n    raise Refused("state", f"{x} は読めません。", f"{x} cannot be read.")\n'))) == []
    assert list(alone(ast.parse('def f(x):\n    ja = "読めません。"\n    return ja\n'))) == ["読めません。"]


def test_the_units_of_a_machine_are_written_in_both_languages() -> None:
    notices = ("/usr/sbin/sendmail", "-t")
    place = Place(
        name="kohoban", office=Path("/srv/kohoban"), bin=Path("/opt/b"), title="広報課", releaser="out", notices=notices
    )
    made = "\n".join([*files(place).values(), *user_files(place, Path("/home/kohoban")).values()])
    japanese = [line for line in made.splitlines() if JAPANESE.search(line)]
    assert len(japanese) > 8
    assert [line for line in japanese if not re.search(r" / [A-Z]", line)] == []
