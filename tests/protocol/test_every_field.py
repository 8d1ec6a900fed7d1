"""Whatever field of whatever shipped protocol is changed, the hash is another; the draft mark not.

The fields are found by walking the schema, so that one that is added later is tried too.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import pytest
from pydantic import BaseModel, ValidationError

from lvbench.protocol.identity import Identity
from lvbench.protocol.load import list_protocols, load_protocol
from lvbench.protocol.schema import Protocol

SHIPPED = [f"{name}@{v}" for name, versions in list_protocols().items() for v in versions]
# One value only is allowed for these.
FIXED = {"Protocol.decoder", "IntervalEntry.method", "ClipsEntry.fps", "ClipsEntry.size"}
Change = tuple[str, Any]


def changes(annotation: Any, value: Any, where: str) -> Iterator[Change]:
    """Yield the field that is changed, and the value with that one change; nothing else differs."""
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from changes(args[0], value, where)
    elif origin in (Union, types.UnionType):
        for kind in args:
            if kind is type(None):
                yield where, None
            elif fits(kind, value):
                yield from changes(kind, value, where)
            else:
                yield from ((where, example) for example in examples(kind))
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            inner = f"{annotation.__name__}.{name}"
            for key, other in changes(field.annotation, value[name], inner):
                yield from ((field, value | {name: other}) for field in {key, inner})
    elif origin is list:
        yield where, value[:-1]
        yield where, value[::-1]
        yield from ((where, [*value, example]) for example in examples(args[0]))
        for at, one in enumerate(value):
            for key, other in changes(args[0], one, where):
                yield key, [*value[:at], other, *value[at + 1 :]]
    elif origin is dict:
        yield from ((where, value | {"another": example}) for example in examples(args[1]))
        for name, one in value.items():
            yield where, {key: kept for key, kept in value.items() if key != name}
            for key, other in changes(args[1], one, where):
                yield key, value | {name: other}
    else:
        yield from ((where, example) for example in near(annotation, value))


def fits(kind: Any, value: Any) -> bool:
    """Return whether a value is of a member of a union."""
    while get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return isinstance(value, dict)
    return isinstance(value, get_origin(kind) or kind)


def near(kind: Any, value: Any) -> Iterator[Any]:
    """Yield other values of a plain kind, near to one that is there."""
    if get_origin(kind) is Literal:
        yield from (other for other in get_args(kind) if other != value)
    elif kind is bool:
        yield not value
    elif kind is str:
        # What names a metric must name one that runs.
        yield from (f"{value}x", "exposure_drift", "psnr")
    else:
        yield from (value + 1, value - 1, *([value / 2, value - 0.25] if kind is float else []))


def examples(kind: Any) -> Iterator[Any]:
    """Yield values of a kind from nothing."""
    origin, args = get_origin(kind), get_args(kind)
    if origin is Annotated:
        yield from examples(args[0])
    elif origin is Literal:
        yield from args
    elif origin in (Union, types.UnionType):
        yield from (example for one in args for example in examples(one))
    elif origin is list:
        for one in examples(args[0]):
            yield [one]
            if isinstance(one, float):
                yield [one, one + 1]
    elif origin is dict:
        yield {"another": next(examples(args[1]))}
    elif isinstance(kind, type) and issubclass(kind, BaseModel):
        rows = {n: list(examples(f.annotation)) for n, f in kind.model_fields.items()}
        # What names a metric must name one that runs; best and worst differ.
        for metric in ("freeze", "psnr"):
            named = {"score": metric, "metric": metric, "worst": 0.0}
            yield {name: named.get(name, values[0]) for name, values in rows.items()}
    else:
        yield {bool: True, int: 2000, float: 1.0, str: "another", type(None): None}[kind]


def digest(protocol: Protocol) -> str:
    return Identity(protocol.content(), {}, {}, "pyav").hash


def models(annotation: Any) -> set[type[BaseModel]]:
    """Return the models that a schema is made of."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        inner = [models(field.annotation) for field in annotation.model_fields.values()]
        return {annotation}.union(*inner)
    return set[type[BaseModel]]().union(*(models(part) for part in get_args(annotation)))


def tried(content: dict[str, Any]) -> set[str]:
    """Change every field once; return those that could be, having looked at each hash."""
    base = Protocol.model_validate(content)
    reached = set()
    for field, changed in changes(Protocol, content, "Protocol"):
        try:
            other = Protocol.model_validate(changed)
        except ValidationError:
            continue
        if other == base:
            continue
        assert (digest(other) == digest(base)) == (field == "Protocol.draft"), field
        reached.add(field)
    return reached


@pytest.mark.parametrize("reference", SHIPPED)
def test_every_field_of_a_shipped_protocol_moves_its_hash(reference: str) -> None:
    content = load_protocol(reference).model_dump()
    expected = {f"Protocol.{name}" for name in Protocol.model_fields} - FIXED
    assert expected - tried(content) == set()


def test_a_protocol_that_uses_every_key_has_every_field_of_the_schema_tried() -> None:
    content = load_protocol("lvb-world").model_dump()
    full = {
        "categories": ["return", "one_subject"],
        "revision": 1,
        "seconds": [8.0, 16.0],
        "samples": 2,
    }
    summary = [{"score": "freeze", "weight": 1.0, "worst": 0.0, "best": 1.0}]
    content |= {"prompts": content["prompts"] | full, "summary": summary}
    everything = {
        f"{model.__name__}.{name}" for model in models(Protocol) for name in model.model_fields
    }
    assert everything - FIXED - tried(content) == set()


def test_the_walk_finds_the_models() -> None:
    assert {model.__name__ for model in models(Protocol)} == {
        "Protocol",
        "MetricEntry",
        "GateEntry",
        "IntervalEntry",
        "PromptEntry",
        "RealEntry",
        "ClipsEntry",
        "SummaryPart",
    }
