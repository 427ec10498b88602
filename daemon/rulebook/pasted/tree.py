"""From lines to clauses: articles, paragraphs, items and letters as the text numbers them, each with the id and the name by which it is cited.

Every line of the text belongs to exactly one clause or is a heading; nothing is dropped. What leads into items (柱書) is a clause of its
own, and so is a ただし書.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from daemon.rulebook.pasted.lines import Line, logical_lines
from daemon.rulebook.pasted.marks import Mark, mark_of

_RANK = {
    "article": 1, "section": 1, "supplement": 1, "heading": 2, "group": 3, "paragraph": 4, "note": 4, "bullet": 5, "item": 6,
    "circled": 6, "letter": 7,
}  # fmt: skip
_PROVISO = re.compile(r"(?<=。)\n?(?:ただし|但し)、?")
_LEADS_IN = re.compile(r"次の|次に|以下の|下記|各号|とおり")
_BRACES = str.maketrans("{}", "｛｝")
"""A page marks the places of clauses with braces; a text that has some gets those of full width."""
_NO_ID = re.compile(r"[{}\s]")
_FOUNDED = re.compile(r"^\s*(?:制定|改正|施行|[（(]?最終改正)")


@dataclass
class Node:
    """A part of the text: its kind and number, its own lines (each with the length of its mark), and the parts below it. `assumed` where
    the text itself has no heading for it."""

    kind: str
    label: str
    words: str = ""
    lines: list[tuple[Line, int]] = field(default_factory=list)
    below: list[Node] = field(default_factory=list)
    assumed: bool = False


@dataclass(frozen=True)
class Leaf:
    """A clause: its id without the policy's, how it is cited, its words, the line of the file where it begins."""

    id: str
    cite: str
    text: str
    line: int
    assumed: bool = False


@dataclass(frozen=True)
class Tree:
    """The policy as read: its title, its parts, its clauses in order, and the page with `{{id}}` in the places of their words."""

    title: str
    top: Node
    leaves: tuple[Leaf, ...]
    page: tuple[str, ...]
    lines: tuple[Line, ...]


def tree_of(text: str) -> Tree:
    """The tree of a policy's text."""
    lines = logical_lines(text.translate(_BRACES))
    top = _nested(lines)
    _assume_missing(top)
    taking = _Taking()
    taking.take(top, "", "")
    return Tree(_title(top), top, tuple(taking.leaves), tuple(taking.page), tuple(lines))


def _nested(lines: list[Line]) -> Node:
    """The lines hung under each other by their marks."""
    top = Node("top", "")
    path: list[Node] = [top]
    articles = any((mark := mark_of(line.text)) is not None and mark.kind == "article" for line in lines)
    for line in lines:
        mark = _meant(mark_of(line.text), path, articles)
        if mark is None:
            _owner(path, line).lines.append((line, 0))
            continue
        if mark.kind in ("caption", "chapter"):  # they stand above an article, and hold nothing
            while len(path) > 1:
                path.pop()
            top.below.append(Node("caption", "", mark.words, [(line, 0)]))
            continue
        rank = _RANK[mark.kind]
        while len(path) > 1 and not _holds(path[-1], mark.kind, rank):
            path.pop()
        node = Node(mark.kind, mark.label or _counted(path[-1], mark.kind), mark.words, [(line, mark.length)])
        path[-1].below.append(node)
        path.append(node)
    return top


def _meant(mark: Mark | None, path: list[Node], articles: bool) -> Mark | None:
    """The mark as it is meant here: in a text of articles `2 …` is a paragraph however short it is, and before its first article nothing
    is; a caption without an article to come is a line like any other."""
    if mark is None or mark.kind in ("heading", "group") and len(path) == 1 and not path[0].below and not path[0].lines:
        return None  # ○ before the title is no heading
    if mark.kind == "section" and (articles or _inside(path) and not _next(path, mark)):
        return Mark("paragraph", mark.label, mark.length)
    if mark.kind == "caption" and not articles:
        return None
    return mark


def _inside(path: list[Node]) -> bool:
    return any(node.kind == "section" for node in path)


def _next(path: list[Node], mark: Mark) -> bool:
    """Whether this is the section after the last one."""
    last = next((node for node in reversed(path[0].below) if node.kind == "section"), None)
    return last is None or (last.label.isdigit() and int(mark.label) in (int(last.label) + 1, int(last.label) + 2))


def _holds(node: Node, kind: str, rank: int) -> bool:
    """Whether a part of this kind may stand under the node: bullets hold items, and everything holds what is of a lower rank."""
    return node.kind == "top" or _RANK[node.kind] < rank


def _owner(path: list[Node], line: Line) -> Node:
    """Whose line one without a mark is: it goes on with what was said last; behind a sentence that has ended and a numbered part, it
    belongs to what holds that part."""
    node = path[-1]
    while (
        len(path) > 1 and node.kind in ("item", "circled", "letter", "bullet", "note") and node.lines[-1][0].text.endswith("。")
    ):
        path.pop()
        node = path[-1]
    if node.below:
        rest = Node("rest", "")
        node.below.append(rest)
        return rest
    return node


def _counted(parent: Node, kind: str) -> str:
    """The number of a part that has none of its own: which of its kind it is."""
    if kind in ("bullet", "note", "heading", "group", "supplement"):
        return str(sum(node.kind == kind for node in parent.below) + 1)
    return ""


def _assume_missing(top: Node) -> None:
    """A heading that the text has lost: where an article is skipped, and the items before the gap are led into by nothing, they are
    that article's."""
    articles = [node for node in top.below if node.kind == "article"]
    for node, after in zip(articles, articles[1:], strict=False):
        if not (node.label.isdigit() and after.label.isdigit() and int(after.label) == int(node.label) + 2):
            continue
        owner = next((each for each in reversed(node.below) if each.kind == "paragraph"), node)
        items = [each for each in owner.below if each.kind == "item"]
        if items and not _LEADS_IN.search(owner.lines[-1][0].text):
            owner.below = [each for each in owner.below if each not in items]
            assumed = Node("article", str(int(node.label) + 1), below=items, assumed=True)
            top.below.insert(top.below.index(node) + 1, assumed)


def _title(top: Node) -> str:
    first = top.lines[0][0].text if top.lines else next((n.words for n in top.below if n.words), "")
    return first.lstrip("○◯〇 　")


class _Taking:
    """Walks the tree once and takes the clauses down, with the page beside them."""

    def __init__(self) -> None:
        self.leaves: list[Leaf] = []
        self.page: list[str] = []
        self._ids: set[str] = set()

    def take(self, node: Node, prefix: str, cite: str) -> None:
        """The clauses of a part and of what stands below it."""
        if node.kind == "top":
            self._front(node)
            self._supplements_last(node)
            return
        if node.kind == "caption":
            self.page.append(node.lines[0][0].text)
            return
        own, named = self._named(node, prefix, cite)
        paragraphs = any(each.kind == "paragraph" for each in node.below)
        if node.assumed:
            self._assumed(node, own, named)
            return
        self._own(node, own, named, paragraphs)
        for each in node.below:
            self.take(each, own, named)

    def _front(self, top: Node) -> None:
        """What stands before the first article: the title, and when it was made and changed."""
        rows = [line for line, _ in top.lines]
        founded = [line for line in rows if _FOUNDED.match(line.text)]
        if founded:
            self.page += [line.text for line in rows if line not in founded and line.number < founded[0].number]
            self._clause("制定改正", "制定・改正", "\n".join(line.text for line in founded), founded[0].number, "")
            self.page += [line.text for line in rows if line not in founded and line.number > founded[0].number]
        elif len(rows) > 1:
            self._clause("題名", "題名等", "\n".join(line.text for line in rows), rows[0].number, "")
        else:
            self.page += [line.text for line in rows]

    def _supplements_last(self, top: Node) -> None:
        for node in top.below:
            if node.kind != "supplement":
                self.take(node, "", "")
        supplements = [node for node in top.below if node.kind == "supplement"]
        if supplements:
            text = "\n".join(line.text for node in supplements for line in _every(node))
            self._clause("付則", supplements[0].lines[0][0].text[:2], text, supplements[0].lines[0][0].number, "")

    def _assumed(self, node: Node, own: str, named: str) -> None:
        text = "\n".join(line.text for each in node.below for line in _every(each))
        self._clause(own, f"{named}（推定）", text, next(_every(node.below[0])).number, "", assumed=True)

    def _named(self, node: Node, prefix: str, cite: str) -> tuple[str, str]:
        """The id and the citation of a part, below those of what holds it."""
        label = node.label
        if node.kind == "article":
            return label, f"第{label}条" if "の" not in label else f"第{label.replace('の', '条の', 1)}"
        if node.kind == "section":
            return label, f"{label} {node.words}"
        if node.kind in ("heading", "group"):
            words = _NO_ID.sub("", node.words)
            return f"{prefix}.{words}" if prefix else words, f"{cite} {node.words}".strip()
        if node.kind == "paragraph":
            return f"{prefix}-{label}", f"{cite}第{label}項" if cite.startswith("第") else f"{cite} 第{label}項"
        if node.kind == "letter":
            return f"{prefix}{label}", f"{cite}{label}"
        if node.kind == "note":
            return f"{prefix}.※", f"{cite} ※"
        if node.kind == "rest":
            return f"{prefix}.後文", f"{cite} 後文"
        return f"{prefix}({label})", f"{cite}第{label}号" if cite.startswith("第") else f"{cite} ({label})"

    def _own(self, node: Node, own: str, named: str, paragraphs: bool) -> None:
        """The words of the part itself: its clause, or the lead into what follows."""
        first, length = node.lines[0]
        before, words = first.text[:length], first.text[length:].strip()
        if node.words:  # a heading: its words are its name
            self.page.append(first.text)
            more = [line for line, _ in node.lines[1:]]
            if more:
                self._lead(node, own, named, "\n".join(line.text for line in more), more[0].number, "", paragraphs)
            return
        rows = [words, *(line.text for line, _ in node.lines[1:])]
        text = "\n".join(row for row in rows if row)
        if text:
            self._lead(node, own, named, text, first.number, before, paragraphs)
        else:
            self.page.append(first.text)

    def _lead(self, node: Node, own: str, named: str, text: str, line: int, before: str, paragraphs: bool) -> None:
        if paragraphs:
            own, named = f"{own}-1", f"{named}第1項" if named.startswith("第") else f"{named} 第1項"
        elif any(each.kind not in ("note", "rest") for each in node.below):
            own, named = f"{own}.柱書", f"{named} 柱書"
        parts = _PROVISO.search(text)
        if parts is None:
            self._clause(own, named, text, line, before)
            return
        self._clause(own, named, text[: parts.start()].rstrip("\n"), line, before)
        dot = "." if own[-1] in "0123456789)" else ""
        proviso = text[parts.start() :]
        goes_on = not proviso.startswith("\n")
        self._clause(f"{own}{dot}ただし書", f"{named} ただし書", proviso.strip("\n"), line, "", goes_on=goes_on)

    def _clause(
        self, own: str, cite: str, text: str, line: int, before: str, *, assumed: bool = False, goes_on: bool = False
    ) -> None:
        """Take a clause down under an id that no other has, and put its place on the page."""
        if own.endswith(".※") and own in self._ids:  # the notes of one place are one clause
            last = next(leaf for leaf in reversed(self.leaves) if leaf.id == own)
            self.leaves[self.leaves.index(last)] = Leaf(own, last.cite, f"{last.text}\n{before}{text}", last.line)
            return
        unique, more = own, 2
        while unique in self._ids:
            unique, more = f"{own}～{more}", more + 1
        self._ids.add(unique)
        if own.endswith(".※"):
            dash = before[: before.index("※")]
            text, before = f"{before.removeprefix(dash)}{text}", dash
        self.leaves.append(Leaf(unique, cite, text, line, assumed))
        place = f"{{{unique}}}"
        if goes_on:
            self.page[-1] += place
        else:
            self.page.append(f"{before}{place}")


def _every(node: Node) -> Iterator[Line]:
    """All lines of a part and of what stands below it, in order."""
    yield from (line for line, _ in node.lines)
    for each in node.below:
        yield from _every(each)
