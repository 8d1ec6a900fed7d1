"""Read untrusted YAML: plain values, no aliases, and within limits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from lvbench.reading import DEEPEST, check_text, read_text

MOST_BYTES = 1 << 20

# The reader in C, where PyYAML has it, is ten times as fast.
_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MAPPING, _SEQUENCE = yaml.MappingStartEvent, yaml.SequenceStartEvent
_NOT_PLAIN = ("binary", "omap", "pairs", "set", "timestamp")
_MOST_BITS = 128
_MOST_EVENTS = 100_000


class _Plain(_Base):  # type: ignore[misc]
    """Make numbers, text, booleans, null, lists and mappings, and nothing else."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | None):
                raise _refused("a key that is a list or a mapping", key_node)
            if key in seen:
                raise _refused(f"the key {str(key)[:80]!r} is given twice", key_node)
            seen.add(key)
        found: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return found

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        value: int = super().construct_yaml_int(node)
        if value.bit_length() > _MOST_BITS:
            raise _refused("an integer of too many digits", node)
        return value


_Plain.yaml_constructors = {
    tag: make
    for tag, make in _Base.yaml_constructors.items()
    if not (tag and tag.endswith(tuple(f":{name}" for name in _NOT_PLAIN)))
} | {
    "tag:yaml.org,2002:int": _Plain.construct_yaml_int,
    # A date stays text.
    "tag:yaml.org,2002:timestamp": _Base.construct_yaml_str,
}


def read_yaml(path: str | Path, most: int = MOST_BYTES) -> Any:
    """Return the content of a YAML file; see `lvbench.reading.open_regular` and `parse_yaml`."""
    return parse_yaml(read_text(path, most), most)


def parse_yaml(text: str, most: int = MOST_BYTES) -> Any:
    """Return the content of one YAML document, bounded in time and memory.

    Dates stay text. `.inf` and `.nan` are read: the schema of each file refuses them by key.

    Raises:
        ValueError: It is longer than `most` characters, no YAML, nested deeper than 64, or
            contains an alias, a key twice in one mapping, a tag of another kind, an integer of
            too many digits, or half of a surrogate pair. The message has line and column.
    """
    if len(text) > most:
        raise ValueError(f"{len(text)} characters, and at most {most} are read")
    try:
        _check_events(text)
        content = yaml.load(text, Loader=_Plain)
    except yaml.YAMLError as error:
        raise ValueError(" ".join(str(error).split())[:400]) from error
    # Errors of PyYAML where a value does not fit its tag (`!!bool 7`).
    except (LookupError, TypeError, AttributeError, ArithmeticError) as error:
        raise ValueError(f"a value that its tag does not fit ({error})") from error
    if "\\u" in text or "\\U" in text:
        check_text(content)
    return content


def _check_events(text: str) -> None:
    depth = 0
    for number, event in enumerate(yaml.parse(text, Loader=_Base)):
        if number > _MOST_EVENTS:
            raise _refused("more values than any file of lvbench has", event)
        if isinstance(event, yaml.AliasEvent):
            raise _refused(f"an alias (*{event.anchor}), which lvbench does not read", event)
        if isinstance(event, _MAPPING | _SEQUENCE):
            depth += 1
            if depth > DEEPEST:
                raise _refused(f"nested deeper than {DEEPEST}", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _refused(found: str, at: Any) -> ValueError:
    mark = at.start_mark
    return ValueError(f"{found}: line {mark.line + 1}, column {mark.column + 1}")
