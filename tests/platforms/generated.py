"""Requests made up by schemathesis from an official document, good and bad, sent to a fake of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import requests
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


def operation_of(schema: Any, name: str) -> Any:
    return next(found.ok() for found in schema.get_all_operations() if found.ok().definition.raw["operationId"] == name)


def asked_for(
    operation: Any,
    url: str,
    token: str,
    examples: int,
    path: Mapping[str, str] | None = None,
    beside: Callable[[requests.Response], bool] = lambda _: False,
) -> tuple[int, set[int]]:
    """Sends requests to one operation, half of them good and half of them not: how many, and with which statuses they were answered.

    Raises what schemathesis finds. `path`: what the good ones ask for, so that it is there. `beside`: answers that are known to be beside the document, which are held only to be no server's error.
    """
    count = 0
    statuses: set[int] = set()
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        there = mode is GenerationMode.POSITIVE and path
        strategy = operation.as_strategy(mode, **({"path_parameters": dict(path)} if path and there else {}))

        @settings(
            max_examples=examples,
            database=None,
            deadline=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=strategy)
        def ask(case: Any) -> None:
            nonlocal count
            answer = case.call(base_url=url, session=session, headers={"Authorization": f"Bearer {token}"})
            count += 1
            statuses.add(answer.status_code)
            case.validate_response(answer, checks=[not_a_server_error] if beside(answer) else CHECKS)

        with requests.Session() as session:
            ask()
    return count, statuses
