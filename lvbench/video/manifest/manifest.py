"""Read and write manifests, which list the videos to evaluate.

A manifest is a JSONL file, one video a line. Names of files are never parsed for meaning: a
prompt, a seed or a rate is in the manifest or nowhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from lvbench.errors import ConfigError, StorageError, VideoDecodeError
from lvbench.reading import jsonl, lines_of, parse_json, read_text
from lvbench.video.manifest.entry import ManifestEntry, Prompt, derive_id
from lvbench.video.manifest.errors import explain
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
        raise _invalid(path, number, *explain(error)) from error
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
