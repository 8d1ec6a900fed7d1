"""Describe the fault in a line of a manifest."""

from __future__ import annotations

import difflib
import json
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lvbench.video.manifest.entry import Failure, ManifestEntry, Prompt, SoundEvent

_SHOWN = 60  # characters of a wrong value
_KEYS = {
    "prompts": Prompt.model_fields,
    "sounds": SoundEvent.model_fields,
    "failure": Failure.model_fields,
}
_WANTED = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number of fewer digits",
    "float_type": "a number",
    "float_parsing": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "path_type": "the path of a file",
    "string_too_short": "a text that is not empty",
    "string_too_long": "a text of at most 200 characters",
}
_PATTERNS = {
    "id": "a name of letters, digits, '.', '_' and '-' that does not begin with '.'",
    "code": "a name of small letters, digits and '_'",
}


def explain(error: ValidationError) -> tuple[str, str]:
    """Return the first error of a line, and how to correct it."""
    first = error.errors()[0]
    place = [part for part in first["loc"] if part not in ("float", "str")]
    key = _key(place)
    kind, context = first["type"], first.get("ctx", {})
    if kind == "extra_forbidden":
        return _unknown(place)
    if kind == "missing":
        return f"there is no {key}", f"add {key}"
    if kind == "value_error":
        return f"{key}: {context['error']}; found {_shown(first['input'])}", f"correct {key}"
    wanted = _wanted(first, place)
    return f"{key} must be {wanted}, found {_shown(first['input'])}", f"write {key} as {wanted}"


def _key(place: list[int | str]) -> str:
    """Return the name of a place in a line: `prompts[0].start`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".") or "the line"


def _wanted(error: ErrorDetails, place: list[int | str]) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "greater_than":
        return f"a number above {context['gt']:g}"
    if kind == "greater_than_equal":
        return f"a number of at least {context['ge']:g}"
    if kind == "literal_error":
        return f"one of {context['expected']}"
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(str(place[-1]), f"a text of the form {context['pattern']}")
    return _WANTED.get(kind, error["msg"])


def _unknown(place: list[int | str]) -> tuple[str, str]:
    known = list(_KEYS.get(str(place[0]), {}) if len(place) > 1 else ManifestEntry.model_fields)
    near = difflib.get_close_matches(str(place[-1]), known, n=1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"the unknown key {_key(place)}", f"{hint}keys are {', '.join(known)}"


def _shown(value: Any) -> str:
    """Return a JSON value with its kind in words, not longer than a line."""
    kinds = {str: "the text ", bool: "", dict: "the object ", list: "the list "}
    text = json.dumps(value, ensure_ascii=False, default=str)
    if len(text) > _SHOWN:
        text = text[:_SHOWN] + " ..."
    return f"{kinds.get(type(value), 'the number ' if value is not None else '')}{text}"
