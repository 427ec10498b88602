"""A platform's official OpenAPI document as a contract: which operation a request asks for, and what of it or of its answer breaks the document.

Read at run time from where it lies, compiled one operation at a time as it is needed. Nothing of it is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote
from uuid import UUID

import jsonschema_rs
import yaml

METHODS = ("get", "put", "post", "delete", "patch")


class Said(NamedTuple):
    """What a request says, once it is found to keep to the document."""

    path: dict[str, str]
    query: dict[str, Any]
    body: Any
    in_form: bool = False
    """That the body came as a form: a file in it is its bytes, each as the character of its number."""


@dataclass(frozen=True)
class Request:
    """A request as it came over the line."""

    method: str
    path: str
    """The path, percent-encoded as it came."""
    query: list[tuple[str, str]]
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes = b""

    @property
    def content_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


@dataclass
class Broken(Exception):
    """A request that breaks the document: where, and how."""

    where: str
    how: str

    def __str__(self) -> str:
        return f"{self.where}: {self.how}"


@dataclass
class Operation:
    """One operation of the document."""

    document: Document
    method: str
    template: str
    about: dict[str, Any]
    _compiled: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return str(self.about["operationId"])

    @property
    def security(self) -> list[dict[str, list[str]]]:
        return list(self.about.get("security", self.document.whole.get("security", [])))

    @cached_property
    def parameters(self) -> list[dict[str, Any]]:
        listed = [*self.document.whole["paths"][self.template].get("parameters", []), *self.about.get("parameters", [])]
        return [self.document.resolved(parameter) for parameter in listed]

    @cached_property
    def _path(self) -> re.Pattern[str]:
        return _pattern(self.template)

    def read(self, request: Request) -> Said:
        """What the request says. Raises Broken at the first thing in it that the document does not allow."""
        matched = self._path.fullmatch(request.path)
        assert matched
        path = {name: unquote(value) for name, value in matched.groupdict().items()}
        for one in self.parameters:
            if one["in"] == "path":
                self._hold(f"path {one['name']}", one["schema"], path[one["name"]])
            elif one["in"] == "header" and (given := request.headers.get(one["name"].lower())) is not None:
                self._hold(f"header {one['name']}", one["schema"], given)
        return Said(path, self._query(request.query), self._body(request), request.content_type == "multipart/form-data")

    def _query(self, pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
        known = {one["name"]: one for one in self.parameters if one["in"] == "query"}
        given: dict[str, Any] = {}
        for name, raw in pairs:
            if name not in known:
                raise Broken(f"query {name}", "the document knows no such parameter here")
            if name in given:
                raise Broken(f"query {name}", "given twice")
            schema = self.document.resolved(known[name]["schema"])
            given[name] = _value(raw, schema, self.document)
            self._hold(f"query {name}", schema, given[name])
        for name, one in known.items():
            if one.get("required") and name not in given:
                raise Broken(f"query {name}", "is required")
        return given

    def _body(self, request: Request) -> Any:
        wanted = self.about.get("requestBody")
        if wanted is None:
            if request.body:
                raise Broken("body", "the document has none here")
            return None
        contents = wanted["content"]
        if request.content_type not in contents:
            raise Broken("body", f"content type {request.content_type or 'none'} instead of {' or '.join(contents)}")
        schema = contents[request.content_type]["schema"]
        if request.content_type == "multipart/form-data":
            body: Any = form(request, self.document.resolved(schema), self.document)
        else:
            body = from_json(request.body)
        self._hold("body", schema, body)
        return body

    def answer_breaks(self, status: int, content_type: str, answer: bytes) -> str | None:
        """What an answer of ours breaks of the document, or None. An answer with an error status that the document lists nowhere breaks it."""
        responses = self.about["responses"]
        wanted = responses.get(str(status)) or (responses.get("default") if status >= 300 else None)
        if wanted is None:
            return f"status {status} is not in the document"
        contents = wanted.get("content")
        if not contents:
            return None
        kind = content_type.partition(";")[0]
        if kind not in contents:
            return f"content type {kind} is not in the document"
        try:
            self._hold(f"answer {status}", contents[kind]["schema"], from_json(answer))
        except Broken as broken:
            return str(broken)
        return None

    def _hold(self, where: str, schema: Any, value: Any) -> None:
        validator = self._compiled.get(where)
        if validator is None:
            validator = self._compiled[where] = self.document.compiled(schema)
        try:
            found = next(validator.iter_errors(value), None)
        except (ValueError, OverflowError, UnicodeError) as odd:
            raise Broken(where, str(odd)) from None
        if found is not None:
            raise Broken(f"{where} {found.instance_path}", found.message)


class Document:
    """An OpenAPI 3.0 document."""

    def __init__(self, whole: dict[str, Any]) -> None:
        self.whole = whole
        self.operations = [
            Operation(self, method.upper(), template, about)
            for template, item in whole["paths"].items()
            for method, about in item.items()
            if method in METHODS
        ]
        # What is written out goes before what is left open: /2/users/me is no user's id.
        ranked = sorted(self.operations, key=lambda operation: operation.template.count("{"))
        self._paths = [(_pattern(operation.template), operation) for operation in ranked]
        self._by_name = {operation.name: operation for operation in self.operations}

    @classmethod
    @lru_cache(maxsize=4)
    def at(cls, path: Path) -> Document:
        """The document that lies there, read once in a process."""
        if path.suffix == ".json":
            return cls(json.loads(path.read_bytes()))
        return cls(yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))

    def named(self, name: str) -> Operation:
        return self._by_name[name]

    def asked_for(self, method: str, path: str) -> tuple[Operation | None, list[str]]:
        """The operation, and the methods that its path knows: none, where the document has no such path."""
        there = [operation for pattern, operation in self._paths if pattern.fullmatch(path)]
        there = [operation for operation in there if operation.template == there[0].template]
        return next((one for one in there if one.method == method), None), sorted(one.method for one in there)

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in part:
            found: Any = self.whole
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step]
            part = found
        return part

    @cached_property
    def _components(self) -> dict[str, Any]:
        schemas = self.whole["components"]["schemas"]
        kinds = self._kinds
        made = {name: _as_schema(schema, kinds) for name, schema in schemas.items()}
        for name, mapping in kinds.items():
            made[f"{name}-of-its-type"] = {"anyOf": [_of_type(name, schemas[name], value, ref) for value, ref in mapping.items()]}
        return {"schemas": made}

    @cached_property
    def _kinds(self) -> dict[str, Any]:
        """The base schemas, and which other one holds for which type."""
        schemas = self.whole["components"]["schemas"]
        return {name: schema["discriminator"]["mapping"] for name, schema in schemas.items() if _is_base(schema)}

    def spelled_out(self) -> dict[str, Any]:
        """The document with each base schema as the choice that it stands for, for those who read no discriminators."""
        return {
            **self.whole,
            "paths": _as_schema(self.whole["paths"], self._kinds),
            "components": {**self.whole["components"], **self._components},
        }

    def compiled(self, schema: Any) -> Any:
        whole = {"allOf": [_as_schema(schema, self._kinds)], "components": self._components}
        return jsonschema_rs.Draft4Validator(whole, formats=FORMATS, validate_formats=True, offline=True)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower()
    except ValueError:
        return False


FORMATS: dict[str, Callable[[str], bool]] = {"uuid": _is_uuid}


def _pattern(template: str) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", template)
    return re.compile("".join(f"(?P<{part}>[^/]+)" if at % 2 else re.escape(part) for at, part in enumerate(parts)))


def _is_base(schema: dict[str, Any]) -> bool:
    """A schema that only names which other one holds, as the document of LINE writes them."""
    return bool(schema.get("discriminator", {}).get("mapping")) and not ({"oneOf", "anyOf"} & schema.keys())


def _of_type(base: str, schema: dict[str, Any], value: str, ref: str) -> dict[str, Any]:
    name = schema["discriminator"]["propertyName"]
    return {"allOf": [{"required": [name], "properties": {name: {"enum": [value]}}}, {"$ref": ref}]}


def _as_schema(part: Any, kinds: Mapping[str, Any], inherited: bool = False) -> Any:
    """OpenAPI 3.0's dialect as JSON Schema: null where it is allowed; a base schema is the one that its type names."""
    if isinstance(part, list):
        return [_as_schema(one, kinds, inherited) for one in part]
    if not isinstance(part, dict):
        return part
    if isinstance(ref := part.get("$ref"), str):
        base = ref.rpartition("/")[2]
        return {"$ref": f"{ref}-of-its-type" if base in kinds and not inherited else ref}
    made = {key: _as_schema(value, kinds, key == "allOf") for key, value in part.items()}
    if part.get("nullable") is True:
        made.pop("nullable")
        return {"anyOf": [made, {"enum": [None]}]}
    return made


def _value(raw: str, schema: dict[str, Any], document: Document) -> Any:
    """A parameter's text as the value that the schema speaks of; the text itself where it is none."""
    kind = schema.get("type")
    if kind == "array":
        items = document.resolved(schema["items"])
        return [_value(one, items, document) for one in raw.split(",")]
    if kind == "integer" and re.fullmatch("-?[0-9]{1,18}", raw):
        return int(raw)
    if kind == "boolean" and raw in ("true", "false"):
        return raw == "true"
    return raw


def from_json(body: bytes) -> Any:
    """The value that a body says. Raises Broken for what is no JSON, and for text that no UTF-8 can carry."""
    try:
        value = json.loads(body.decode("utf-8"), parse_constant=_no_number)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as odd:
        raise Broken("body", f"no JSON: {odd}") from None
    return value


def _no_number(said: str) -> Any:
    raise ValueError(f"{said} is no number")


def form(request: Request, schema: dict[str, Any], document: Document) -> dict[str, Any]:
    """The fields of a multipart form; of a file its bytes, each as the character of its number."""
    found = re.search(r'boundary="?([^";,]+)"?', request.headers.get("content-type", ""))
    if not found:
        raise Broken("body", "a form without a boundary")
    parts = (b"\r\n" + request.body).split(b"\r\n--" + found[1].encode("latin-1"))
    if len(parts) < 2 or not parts[-1].startswith(b"--"):
        raise Broken("body", "a form without its end")
    fields: dict[str, Any] = {}
    for part in parts[1:-1]:
        head, gap, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'(?i)\r\ncontent-disposition:[^\r]*[;\s]name="([^"]*)"', head)
        if not gap or not name:
            raise Broken("body", "a part of the form without a name")
        key = name[1].decode("utf-8", "replace")
        if key in fields:
            raise Broken(f"body {key}", "given twice")
        about = document.resolved(schema.get("properties", {}).get(key, {}))
        binary = b"filename=" in head or "anyOf" in about
        fields[key] = content.decode("latin-1") if binary else _value(content.decode("utf-8", "replace"), about, document)
    return fields
