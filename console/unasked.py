"""What is never sent: a question that the daemon at the other end is too old to know, and an act with more words than it takes. Each is
refused here, in the words in which the daemon refuses."""

from __future__ import annotations

from console.words import sentence
from daemon.wire import Refusal, Welcome
from daemon.wire.act import Act
from daemon.wire.acts import AnyAct
from daemon.wire.limits import too_long, words
from daemon.wire.queries import AnyQuery
from daemon.wire.since import for_version


def to_ask(question: AnyAct | AnyQuery, daemon: Welcome | None) -> AnyAct | AnyQuery | Refusal:
    """The question as this daemon takes it, or why it is not asked."""
    if isinstance(question, Act) and (excess := too_long(question)) is not None:
        ja, en = words(excess)
        return Refusal(code="reason", message=ja, message_en=en)
    if daemon is None:
        return question
    if (known := for_version(question, daemon.protocol)) is not None:
        return known
    ja, en = (sentence("cli", "link.older", language).format(version=daemon.version) for language in ("ja", "en"))
    return Refusal(code="protocol", message=ja, message_en=en)
