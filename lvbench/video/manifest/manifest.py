"""Read and write manifests, which list the videos to evaluate.

A manifest is a JSONL file, one video a line. Names of files are never parsed for meaning: a
prompt, a seed or a rate is in the manifest or nowhere.
"""

from __future__ import annotations

import difflib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lvbench.errors import ConfigError, StorageError, VideoDecodeError
from lvbench.reading import jsonl, lines_of, parse_json, read_text
from lvbench.video.manifest.entry import Failure, ManifestEntry, Prompt, SoundEvent, derive_id
from lvbench.video.problems import require_regular

__all__ = [
    "ManifestEntry",
    "Prompt",
    "derive_id",
    "read_manifest",
    "write_manifest",
]

MANIFEST_NAME = "manifest.jsonl"
_LONGEST_LINE = 1 << 20
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


def read_manifest(path: str | Path) -> list[ManifestEntry]:
    """Return the manifest's videos in its order, paths resolved against its folder.

    A file that a line names may be missing: then the item fails, not the manifest.

    Raises:
        ConfigError: Code `manifest_invalid`, naming the file and the line.
    """
    path = Path(path)
    entries: list[ManifestEntry] = []
    lines: dict[str, int] = {}
    for number, line in enumerate(lines_of(_text(path)), start=1):
        if not line.strip():
            continue
        entry = _entry(path, number, line)
        if entry.id in lines:
            found = f"the id {entry.id!r} of line {lines[entry.id]} again"
            raise _invalid(path, number, found, "give each video an id of its own")
        lines[entry.id] = number
        entries.append(entry)
    if not entries:
        raise _invalid(path, 1, "no video", "write one JSON object a line")
    return entries


def write_manifest(path: str | Path, entries: Iterable[ManifestEntry]) -> None:
    """Write a manifest, atomically; paths below its folder become relative to it.

    Raises:
        StorageError: If the file cannot be written.
    """
    path = Path(path)
    folder = path.absolute().parent
    rows = []
    for entry in entries:
        row = entry.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
        for key in ("path", "reference"):
            if key in row:
                # Relative to the working folder here, to the manifest's folder when read.
                whole = Path(row[key]).absolute()
                below = whole.is_relative_to(folder)
                row[key] = (whole.relative_to(folder) if below else whole).as_posix()
        rows.append(row)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        with partial.open("w", encoding="utf-8") as file:
            file.write(jsonl(rows))
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise StorageError(
            "write the manifest",
            found=str(error.strerror),
            where=str(path),
            fix="free space or choose another folder",
        ) from error


def _text(path: Path) -> str:
    try:
        require_regular(path)
        return read_text(path)
    except UnicodeDecodeError as error:
        raise _invalid(path, 1, "not UTF-8 text", "save it as UTF-8") from error
    except VideoDecodeError as error:
        raise _invalid(path, 1, error.found, error.fix) from error
    except ValueError as error:
        raise _invalid(path, 1, str(error), "give a file of JSON lines") from error
    except OSError as error:
        raise _invalid(
            path, 1, f"the system reports: {error.strerror}", "check the path"
        ) from error


def _entry(path: Path, number: int, line: str) -> ManifestEntry:
    try:
        data = parse_json(line, _LONGEST_LINE)
    except ValueError as error:
        raise _invalid(path, number, f"not JSON ({error})", "one object a line") from error
    if isinstance(data, dict) and "id" not in data and isinstance(data.get("path"), str):
        data["id"] = derive_id(Path(data["path"]).as_posix())
    try:
        entry = ManifestEntry.model_validate_json(json.dumps(data))
    except ValidationError as error:
        raise _invalid(path, number, *_explain(error)) from error
    folder = path.absolute().parent
    reference = None if entry.reference is None else folder / entry.reference
    entry = entry.model_copy(update={"path": folder / entry.path, "reference": reference})
    if entry.fps is not None and not _has_sequence(entry):
        found = f"fps {entry.fps:g} for the video file {entry.path.name}, which has its own times"
        fix = "remove fps: it is read for folders of pictures alone"
        raise _invalid(path, number, found, fix)
    return entry


def _has_sequence(entry: ManifestEntry) -> bool:
    """Return whether a rate applies: to a folder of pictures, or to a missing file."""
    named = [path for path in (entry.path, entry.reference) if path is not None]
    return any(not path.is_file() for path in named)


def _invalid(path: Path, line: int, found: str, fix: str) -> ConfigError:
    return ConfigError(
        "read the manifest",
        found=found,
        where=f"{path}, line {line}",
        fix=fix,
        code="manifest_invalid",
    )


def _explain(error: ValidationError) -> tuple[str, str]:
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
