"""The rules of the house, held by tests: who imports whom, one catalogue in two languages, documented commands, a clean wheel."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from console.cli.app import STOPPING, WITH_DAEMON, WITHOUT_DAEMON
from console.words import LANGUAGES, Language, catalogue
from daemon.desk.states import WORDS
from daemon.program import program

ROOT = Path(__file__).resolve().parent.parent
MODULES = sorted(path for top in ("console", "daemon") for path in (ROOT / top).rglob("*.py"))

ROOMS = {
    "wire": set(),
    "gate": {"standing"},
    "standing": {"gate"},
    "letters": {"gate", "standing"},
    "refused": {"rulebook", "wire"},
    "rulebook": set(),
    "store": set(),
    "policies": set(),
    "program": set(),
    "screening": {"rulebook"},
    "intake": {"program", "rulebook"},
    "judge": {"rulebook", "screening"},
    "desk": {"judge", "refused", "rulebook", "store", "wire"},
    "moderation": {"judge", "refused", "rulebook", "store", "wire"},
    "papers": {"rulebook", "wire"},
    "release": {"gate", "program", "rulebook", "standing", "store", "wire"},
    "service": {
        "wire",
        "gate",
        "letters",
        "standing",
        "rulebook",
        "store",
        "screening",
        "intake",
        "judge",
        "desk",
        "moderation",
        "papers",
        "refused",
        "release",
        "policies",
        "program",
    },
}
"""What each room of the daemon may import besides itself."""

CONSOLE_MAY = {"daemon.wire", "daemon.gate", "daemon.letters", "daemon.standing", "daemon.papers", "daemon.program"}
"""What everything in the console may import of the daemon."""

COMMANDS_MAY = {
    "daemon.judge",
    "daemon.moderation.platforms",
    "daemon.rulebook",
    "daemon.intake.encodings",
    "daemon.intake.frontmatter",
    "daemon.intake.kept_folder",
    "daemon.intake.legible",
    "daemon.intake.names",
    "daemon.intake.office_files",
    "daemon.intake.pictures",
    "daemon.intake.sheet_folder",
    "daemon.screening.boundary",
    "daemon.screening.length",
    "daemon.screening.platform",
    "daemon.service.main",
    "daemon.service.spawn",
}
"""What the command line may import besides: what judges without a daemon, and what starts one."""


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """Every module that a file imports, wherever in it the import stands."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides which room it reaches"
            assert node.module is not None
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(module: str, allowed: set[str]) -> bool:
    return any(module == name or module.startswith(f"{name}.") for name in allowed)


def test_every_module_imports_only_what_its_room_may() -> None:
    """All modules in one test: one for each would be a tenth of all tests, and cost more than what they look at."""
    wrong = {name_of(path): beyond for path in MODULES if (beyond := beyond_its_room(path))}
    assert wrong == {}


def beyond_its_room(path: Path) -> list[str]:
    """What a module imports and may not."""
    name = name_of(path)
    ours = [module for module in imports(path) if module.split(".")[0] in ("console", "daemon")]
    if name.startswith("daemon"):
        room = (name.split(".") + [""])[1]
        allowed = {f"daemon.{other}" for other in ROOMS.get(room, set()) | {room}}
    else:
        allowed = {"console", *CONSOLE_MAY, *(COMMANDS_MAY if name.startswith("console.cli") else ())}
    return [module for module in ours if not within(module, allowed)]


def test_the_gate_needs_nothing_but_the_standard_library() -> None:
    for name in ("gate", "standing", "letters"):
        needed = {module.split(".")[0] for module in imports(ROOT / "daemon" / f"{name}.py")}
        assert needed - {"daemon"} <= set(sys.stdlib_module_names), name


STARTS_OTHERS = {"daemon.program", "console.cli.prove", "console.installation.environment", "console.installation.offices"}
"""Who writes the command line of a Python: the one place of our own programs; and what runs another Python, or the tests of a checkout."""


def test_a_process_of_our_own_is_started_by_the_words_of_one_place() -> None:
    writes = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.List | ast.Tuple)
        and any(isinstance(word, ast.Constant) and word.value in ("-m", "-c") for word in node.elts)
        and any(ast.unparse(word) in ("sys.executable", "python", "str(python)") for word in node.elts)
    }
    assert writes == STARTS_OTHERS


def test_a_file_in_the_current_folder_named_like_a_module_is_never_imported(tmp_path: Path) -> None:
    for name in ("sqlite3", "msgspec", "argparse", "daemon"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the current folder')\n")

    def ended(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*words, "--help"], cwd=tmp_path, capture_output=True, text=True, check=False)

    asked = program("daemon.store.verify_main")
    assert "taken from" in ended(*(word for word in asked if word != "-P")).stderr, "what would be imported without it"
    for module in ("daemon.store.verify_main", "daemon.service.keeping_main", "daemon.service.main"):
        assert ended(*program(module)).returncode == 0, module


def test_every_room_is_in_the_table() -> None:
    rooms = {
        path.stem if path.is_file() else path.name
        for path in (ROOT / "daemon").iterdir()
        if not path.name.startswith(("_", "py"))
    }
    assert rooms == set(ROOMS)


def test_every_module_says_what_it_is_and_stays_readable_at_once() -> None:
    texts = {name_of(path): path.read_text(encoding="utf-8") for path in MODULES}
    mute = [name for name, text in texts.items() if not ast.get_docstring(ast.parse(text))]
    assert mute == [], "the first line of a module says what it is for"
    assert {name: lines for name, text in texts.items() if (lines := text.count("\n")) > 400} == {}


PARTS = sorted(path.stem for path in (ROOT / "console" / "words" / "ja").glob("*.toml"))
PLACE = re.compile(r"(?<!\{)\{[a-z_]*\}")
JAPANESE = re.compile("[\u3041-\u30ff\u4e00-\u9fff]")


@pytest.mark.parametrize("part", PARTS)
def test_both_catalogues_say_the_same_things_with_the_same_places(part: str) -> None:
    ja, en = catalogue(part, "ja"), catalogue(part, "en")
    assert ja.keys() == en.keys()
    assert {key for key in ja if sorted(PLACE.findall(ja[key])) != sorted(PLACE.findall(en[key]))} == set()


@pytest.mark.parametrize("part", PARTS)
def test_no_sentence_is_left_in_the_other_language(part: str) -> None:
    english = {key for key, said in catalogue(part, "en").items() if JAPANESE.search(said.replace("広報番", ""))}
    assert english == set()
    left = {
        key
        for key, said in catalogue(part, "ja").items()
        if re.search("[a-z]{4,}", PLACE.sub("", said)) and not JAPANESE.search(said) and not key.startswith(("key.", "platform."))
    }
    assert left == set()


def test_there_is_an_english_part_for_every_japanese_one() -> None:
    assert sorted(path.stem for path in (ROOT / "console" / "words" / "en").glob("*.toml")) == PARTS


@pytest.mark.parametrize("part", ["cli", "tui"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_command_line_console_and_desk_call_a_state_by_the_same_word(part: str, lang: Language) -> None:
    words = {f"state.{state}": said[LANGUAGES.index(lang)] for state, said in WORDS.items()}
    said = catalogue(part, lang)
    assert {key: said[key] for key in words} == words


def test_both_call_a_verdict_by_the_same_japanese_word() -> None:
    cli, tui = catalogue("cli", "ja"), catalogue("tui", "ja")
    for key in (key for key in tui if key.startswith("verdict.")):
        assert cli[key].split()[0] == tui[key]


def test_every_sentence_of_the_command_line_is_used_and_none_is_missing() -> None:
    sources = "\n".join(
        path.read_text(encoding="utf-8") for path in [*(ROOT / "console" / "cli").glob("*.py"), ROOT / "console" / "launch.py"]
    )
    keys = set(catalogue("cli", "ja"))
    named = set(re.findall(r'(?:say\("cli", |text\()"([a-z_]+\.[a-z_0-9]+)"', sources))
    assert named - keys == set()
    made = set(re.findall(r'f"([a-z_]+)\.[a-z_]*\{', sources)) | {"help", "option"}
    assert {key for key in keys if f'"{key}"' not in sources and key.split(".")[0] not in made} == set()


WALK = """
import click, json, sys
from console.cli.app import root
from console.cli.command import about
from console.launch import QUICK, run
tree = root()
context = click.Context(tree, info_name="kohoban")
def walk(command, path):
    yield path, command.help, {max(p.opts, key=len): p.help for p in command.params if isinstance(p, click.Option)}
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                yield from walk(inner, f"{path} {name}".strip())
print(json.dumps(list(walk(tree, ""))))
"""


def help_in(lang: str) -> dict[str, tuple[str, dict[str, str]]]:
    env = {**os.environ, "KOHOBAN_LANG": lang}
    ended = subprocess.run([sys.executable, "-c", WALK], env=env, text=True, capture_output=True, check=True)
    return {path: (words, options) for path, words, options in json.loads(ended.stdout)}


def test_every_command_and_option_is_described_in_both_languages() -> None:
    ja, en = help_in("ja"), help_in("en")
    assert ja.keys() == en.keys()
    assert len(ja) > 20
    for path, (words, options) in ja.items():
        assert JAPANESE.search(words), path
        assert not JAPANESE.search(en[path][0]), path
        for option, about in options.items():
            assert JAPANESE.search(about), (path, option)
            assert not JAPANESE.search(en[path][1][option]), (path, option)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_command_shows_an_example_of_itself(lang: Language) -> None:
    said = catalogue("cli", lang)
    for path in help_in(lang):
        name = path.replace(" ", "_") or "root"
        assert f"kohoban {path}".strip() in said[f"example.{name}"]
    for quick in ("check", "length", "hours"):
        assert said[f"help.{quick}"].count(f"kohoban {quick} ") > 1


@pytest.mark.parametrize("command", ["check", "length", "hours"])
def test_the_quick_commands_describe_every_option_that_they_take(command: str) -> None:
    from importlib import import_module

    options = import_module(f"console.cli.{command}").OPTIONS
    for lang in ("ja", "en"):
        words = catalogue("cli", "ja" if lang == "ja" else "en")[f"help.{command}"]
        assert [option.name for option in options if option.name not in words] == []


def test_no_command_is_listed_twice() -> None:
    names = [*WITHOUT_DAEMON, *WITH_DAEMON, *STOPPING]
    assert sorted(set(names)) == sorted(names)


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name for name in (*WITHOUT_DAEMON, *WITH_DAEMON, *STOPPING) if f"kohoban {name}" not in readme]
    assert missing == []


def test_the_training_office_that_comes_with_the_program_is_the_one_in_the_checkout() -> None:
    with_program = (ROOT / "console" / "training" / "rules.toml").read_bytes()
    assert with_program == (ROOT / "rules.toml").read_bytes()


def test_no_committed_file_names_a_place_of_one_machine() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("this is no git checkout")
    here = str(ROOT.parent).encode() + b"/"
    found = []
    for name in listed.stdout.split(b"\0"):
        path = ROOT / os.fsdecode(name)
        if name and path.is_file() and here in path.read_bytes():
            found.append(os.fsdecode(name))
    assert found == []


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_the_wheel_holds_the_two_packages_with_their_data_and_nothing_else(tmp_path: Path) -> None:
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--disable-pip-version-check",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    assert {name.split("/")[0] for name in inside} == {"console", "daemon", f"{wheel.name.rsplit('-', 3)[0]}.dist-info"}
    listed = subprocess.run(["git", "ls-files", "-z", "console", "daemon"], cwd=ROOT, capture_output=True, check=True)
    committed = {os.fsdecode(name) for name in listed.stdout.split(b"\0") if name}
    assert committed - inside == set()
    assert {"console/words/ja/cli.toml", "daemon/policies/saitama.toml", "console/training/rules.toml"} <= inside
    for name in (name for name in inside if name.endswith(".toml")):
        tomllib.loads(zipfile.ZipFile(wheel).read(name).decode("utf-8"))
