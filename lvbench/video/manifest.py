"""Say which videos are to be judged: a manifest, a folder or one file.

A manifest is a JSONL file, one video a line. Names of files are never parsed for meaning: a
prompt, a seed or a rate stands in the manifest or nowhere.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from lvbench.errors import ConfigError, StorageError, UsageError
from lvbench.reading import jsonl, lines_of, parse_json, read_text
from lvbench.video.images import is_image_sequence
from lvbench.video.manifest_entry import ManifestEntry, Prompt, Sound, derive_id

__all__ = [
    "ManifestEntry",
    "Prompt",
    "Sound",
    "derive_id",
    "find_videos",
    "read_manifest",
    "write_manifest",
]

MANIFEST_NAME = "manifest.jsonl"
_LONGEST_LINE = 1 << 20
VIDEO_EXTENSIONS = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".gif", ".ts", ".m2ts", ".mts"}
    | {".mpg", ".mpeg", ".flv", ".ogv", ".wmv", ".3gp"}
)


def read_manifest(path: str | Path) -> list[ManifestEntry]:
    """Return the manifest's videos in its order, paths resolved against its folder.

    A file that a line names need not be there: that is the item's failure, not the manifest's.

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
                # Relative ones are so to the working folder here, to the manifest's when read.
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
            mend="free space or choose another folder",
        ) from error


def find_videos(path: str | Path) -> list[ManifestEntry]:
    """Return the videos below a path, in an order that depends on nothing but their names.

    A `.jsonl` file is read as a manifest, and so is a folder's `manifest.jsonl`. Without one,
    every file with a video's extension counts, at any depth, and every sub-folder that holds
    numbered pictures only. Hidden entries are left out and linked folders not followed.

    Raises:
        UsageError: If the path is not there, cannot be listed, or holds no video.
        ConfigError: Code `manifest_invalid`.
    """
    path = Path(path)
    if not path.exists():
        _refuse(path, "no file or folder of that name", "check the path")
    if path.is_file():
        if path.suffix.lower() == ".jsonl":
            return read_manifest(path)
        return [_named(path, path.name)]
    if (path / MANIFEST_NAME).is_file():
        return read_manifest(path / MANIFEST_NAME)
    if _is_sequence(path):
        return [_named(path, path.absolute().name)]
    relative = sorted(_walk(path))
    if not relative:
        extensions = " ".join(sorted(VIDEO_EXTENSIONS))
        _refuse(path, "no video in it", f"videos end in {extensions}")
    return [_named(path / name, name) for name in relative]


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except UnicodeDecodeError as error:
        raise _invalid(path, 1, "not UTF-8 text", "save it as UTF-8") from error
    except ValueError as error:
        raise _invalid(path, 1, str(error), "give a file of JSON lines") from error
    except OSError as error:
        raise _invalid(path, 1, f"the system says: {error.strerror}", "check the path") from error


def _entry(path: Path, number: int, line: str) -> ManifestEntry:
    try:
        data = parse_json(line, _LONGEST_LINE)
        if isinstance(data, dict) and "id" not in data and isinstance(data.get("path"), str):
            data["id"] = derive_id(Path(data["path"]).as_posix())
        entry = ManifestEntry.model_validate_json(json.dumps(data))
    except ValueError as error:
        if not isinstance(error, ValidationError):
            raise _invalid(path, number, f"not JSON ({error})", "one object a line") from error
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "the line"
        known = ", ".join(ManifestEntry.model_fields)
        raise _invalid(path, number, f"{key}: {first['msg']}", f"keys are {known}") from error
    folder = path.absolute().parent
    reference = None if entry.reference is None else folder / entry.reference
    return entry.model_copy(update={"path": folder / entry.path, "reference": reference})


def _invalid(path: Path, line: int, found: str, mend: str) -> ConfigError:
    return ConfigError(
        "read the manifest",
        found=found,
        where=f"{path}, line {line}",
        mend=mend,
        code="manifest_invalid",
    )


def _walk(root: Path) -> Iterator[str]:
    def refuse(error: OSError) -> NoReturn:
        _refuse(
            Path(error.filename or root), f"the system says: {error.strerror}", "make it readable"
        )

    for folder, folders, files in os.walk(root, onerror=refuse):
        here = Path(folder)
        visible = [name for name in folders if not name.startswith(".")]
        sequences = {name for name in visible if _is_sequence(here / name)}
        folders[:] = [name for name in visible if name not in sequences]
        videos = (
            name
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in VIDEO_EXTENSIONS
        )
        for name in (*sequences, *videos):
            yield (here / name).relative_to(root).as_posix()


def _named(path: Path, relative: str) -> ManifestEntry:
    return ManifestEntry(path=path.absolute(), id=derive_id(relative))


def _is_sequence(folder: Path) -> bool:
    try:
        return is_image_sequence(folder)
    except OSError as error:
        _refuse(folder, f"the system says: {error.strerror}", "make the folder readable")


def _refuse(path: Path, found: str, mend: str) -> NoReturn:
    raise UsageError("find the videos", found=found, where=str(path), mend=mend)
