"""Since which version of the protocol a question can be asked: a daemon of an earlier one knows it as little as a word of another language, and
that of release 0.1.0 hangs up.

Whoever adds an act, a query or a field of one after a release names it here, under the version of the protocol that the release to come speaks
(a test holds this against what release 0.1.0 took). So a console that is newer than its daemon asks nothing that would cost it the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from msgspec import structs

from daemon.wire.act import Act
from daemon.wire.query import Query


class Added(NamedTuple):
    """What a version has added: acts and queries by their names, and fields of older ones. What only says how an answer is wanted can be
    left `out` for a daemon that does not know it; all else changes what is asked."""

    acts: frozenset[str]
    queries: frozenset[str]
    fields: Mapping[str, frozenset[str]]
    out: frozenset[str]


ADDED: Mapping[int, Added] = {
    2: Added(
        acts=frozenset({"confirm_blocks", "keep_screen", "save_filter", "send_measure", "step_away"}),
        queries=frozenset(
            {
                "check_credentials",
                "compare_blocks",
                "count_view",
                "credentials",
                "find_in_record",
                "my_filters",
                "picture_of",
                "rules_now",
                "try",
                "why_not",
            }
        ),
        fields={"open_view": frozenset({"due", "mine", "clauses", "without", "around", "sort", "soon"})},
        out=frozenset({"around", "soon"}),
    ),
}
"""By version of the protocol. Release 0.1.0 speaks the first."""

Q = TypeVar("Q", bound=Act | Query)


def behind(version: int) -> bool:
    """Whether a daemon that speaks this version lacks anything that can be asked by now."""
    return bool(_lacking(version))


def for_version(question: Q, version: int) -> Q | None:
    """The question as a daemon that speaks this version takes it; None where it does not know it."""
    config = question.__struct_config__
    name, is_act = str(config.tag), isinstance(question, Act)
    for added in _lacking(version):
        if name in (added.acts if is_act else added.queries):
            return None
        if not is_act and (fields := added.fields.get(name)):
            plain = {field.name: field.default for field in structs.fields(question) if field.name in fields}
            given = {key for key, default in plain.items() if getattr(question, key) != default}
            if given - added.out:
                return None
            question = structs.replace(question, **{key: plain[key] for key in given})
    return question


def _lacking(version: int) -> list[Added]:
    """What such a daemon does not know."""
    return [added for since, added in sorted(ADDED.items()) if since > version]
