"""`kohoban policy import`: a pasted policy becomes a policy file, everything in it unmapped, its defects pointed out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from console.cli.command import Session, argument, command, option, text
from console.cli.outcome import FINE, WRONG, Failure, system_words
from console.cli.papering import PUBLIC, new_file
from console.cli.terminal import SCHEMA, clean, err, name_of, out_json, write_bytes
from console.words import choose
from daemon.rulebook.pasted import Defect, Tree, Unreadable, defects, policy_file, text_of, tree_of
from daemon.rulebook.pasted.reading import LARGEST

_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")


@command(
    "policy import",
    argument("FILE"),
    option("--id", "policy_id", key="import_id", metavar="ID"),
    option("--out", "target", key="paper_out", metavar="FILE"),
)
def import_policy(session: Session, file: str, policy_id: str | None, target: str | None) -> int:
    """The clause tree of a pasted text, as TOML."""
    path = Path(file)
    name = policy_id or Path(target or file).stem.lower()
    if not _ID.fullmatch(name):
        raise Failure(WRONG, text("import.id", id=name))
    tree = tree_of(_read(path))
    found = defects(tree)
    made = policy_file(tree, name, found)
    if target:
        new_file(Path(target), made.encode(), PUBLIC)
    if session.json:
        out_json(_said(name, tree, found, target))
    elif not target:
        write_bytes(made.encode())
    for line in [] if session.json else _told(file, tree, found, target):
        err(line)
    return FINE


def _read(path: Path) -> str:
    try:
        with path.open("rb") as source:
            return text_of(source.read(LARGEST + 1))
    except OSError as error:
        raise Failure(WRONG, text("import.cannot", file=name_of(str(path)), why=system_words(error))) from None
    except Unreadable as why:
        raise Failure(WRONG, text("import.cannot", file=name_of(str(path)), why=choose(why.message, why.message_en))) from None


def _told(file: str, tree: Tree, found: Iterable[Defect], target: str | None) -> Iterable[str]:
    yield text("import.done", clauses=len(tree.leaves), title=clean(tree.title))
    for defect in found:
        where = f"{name_of(file)}:{defect.line}: {defect.clause}".rstrip(": ")
        yield f"{where}: {clean(choose(defect.message, defect.message_en))}"
    yield text("import.next", file=name_of(target)) if target else text("import.unwritten")


def _said(name: str, tree: Tree, found: Iterable[Defect], target: str | None) -> dict[str, object]:
    clauses = [{"id": f"{name}/{leaf.id}", "cite": leaf.cite, "text": leaf.text, "line": leaf.line} for leaf in tree.leaves]
    told = [
        {"line": d.line, "clause": f"{name}/{d.clause}" if d.clause else "", "message": d.message, "message_en": d.message_en}
        for d in found
    ]
    return {"schema": SCHEMA, "id": name, "title": tree.title, "clauses": clauses, "defects": told, "file": target}
