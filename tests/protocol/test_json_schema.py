"""The JSON Schema that ships is that of the protocols here, and refuses unknown keys."""

from __future__ import annotations

import json
from typing import Any

from lvbench.protocol.json_schema import SCHEMA_FILE, schema_text
from lvbench.protocol.load import list_protocols, load_protocol, protocols_folder
from lvbench.protocol.schema import Protocol


def test_the_file_is_up_to_date() -> None:
    held = (protocols_folder() / SCHEMA_FILE).read_text("utf-8")
    assert held == schema_text(), "write it again: lvbench show --schema >protocols/schema.json"


def objects(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [schema, *schema["$defs"].values()]


def test_every_object_refuses_unknown_keys_and_says_what_it_is() -> None:
    for part in objects(json.loads(schema_text())):
        assert part["additionalProperties"] is False
        assert part["description"]


def test_it_names_every_key_of_the_shipped_protocols() -> None:
    schema = json.loads(schema_text())
    assert schema["properties"].keys() == Protocol.model_fields.keys()
    for name in list_protocols():
        assert load_protocol(name).model_dump().keys() <= schema["properties"].keys()
