"""Make the JSON Schema of protocol files, for editors and other readers."""

from __future__ import annotations

import inspect
import json

from lvbench.protocol.schema import Protocol

SCHEMA_FILE = "schema.json"


def schema_text() -> str:
    """Return the JSON Schema of protocol files, as in protocols/schema.json."""
    made = Protocol.model_json_schema()
    for part in (made, *made["$defs"].values()):
        part["description"] = inspect.cleandoc(part["description"])
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}
    return json.dumps(schema, indent=1) + "\n"
