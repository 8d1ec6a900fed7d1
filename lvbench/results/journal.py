"""Write and read the journal of a run: one file per video, written when the video is done."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.reading import read_bytes
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.run import read_item
from lvbench.results.schema import ItemRecord
from lvbench.results.unpacking import MOST_BYTES, unpack_arrays

_LONGEST_STEM = 180


def file_stem(video: str) -> str:
    """Return the file stem of a video id; one that is too long is cut and hashed."""
    if len(video) <= _LONGEST_STEM:
        return video
    return f"{video[:_LONGEST_STEM]}-{hashlib.sha256(video.encode()).hexdigest()[:16]}"


def item_path(folder: Path, video: str) -> Path:
    """Return the path of a video's item record."""
    return folder / "items" / f"{file_stem(video)}.json"


def features_path(folder: Path, video: str) -> Path:
    """Return the path of a video's stored features."""
    return folder / "items" / f"{file_stem(video)}.npz"


def write_item(
    folder: Path, record: ItemRecord, features: Mapping[str, NDArray[Any]] | None = None
) -> None:
    """Write an item record atomically; the same record gives the same bytes.

    Args:
        folder: The run folder.
        record: The record.
        features: Arrays to store, written first: a record never names a missing file.
    """
    if features:
        content_bytes = _packed(features)
        write_atomic(features_path(folder, record.video.id), content_bytes)
        checksum = hashlib.sha256(content_bytes).hexdigest()
        record = record.model_copy(update={"features_sha256": checksum})
    content = canonical_json(record.model_dump(), indent=1)
    write_atomic(item_path(folder, record.video.id), content + "\n")


def read_features(folder: Path, record: ItemRecord) -> dict[str, NDArray[Any]]:
    """Return the arrays stored with a record, by name; empty where it names none.

    Raises:
        ConfigError: The file is missing, or has another checksum than the record states
            (`features_invalid`).
    """
    if record.features_sha256 is None:
        return {}
    path = features_path(folder, record.video.id)
    try:
        content = read_bytes(path, MOST_BYTES)
        if hashlib.sha256(content).hexdigest() != record.features_sha256:
            raise ValueError("its checksum is not that of the record")
        return unpack_arrays(content)
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"read the features of {record.video.id}",
            found=str(error),
            where=str(path),
            fix="run the evaluation again: it computes what is missing",
            code="features_invalid",
        ) from error


def _packed(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Return arrays as the bytes of an `.npz` file, without a time of writing."""
    packed = io.BytesIO()
    np.savez(packed, **{name: arrays[name] for name in sorted(arrays)})  # type: ignore[arg-type]
    return packed.getvalue()


def finished_item(
    folder: Path,
    video: str,
    identity: str,
    sha256: str,
    metrics: Iterable[str] = (),
    reference_sha256: str | None = None,
    manifest_sha256: str | None = None,
) -> ItemRecord | None:
    """Return the record of a video that need not be scored again, or None.

    A record counts if its identity, the bytes of the video (and of its original) and the line of
    the manifest are the same, it has all of `metrics`, and nothing in it failed: a failure is
    tried again, since its cause may be fixed. The features that it names must exist.
    """
    path = item_path(folder, video)
    if not path.is_file():
        return None
    try:
        record = read_item(path)
    except ConfigError:
        return None
    about = record.video
    given = about.sha256, about.reference_sha256, about.manifest_sha256
    wanted = sha256, reference_sha256, manifest_sha256
    same = record.identity == identity and given == wanted
    succeeded = record.video.status == "ok" and all(
        score.status != "failed" for score in record.metrics.values()
    )
    if not (same and succeeded and set(metrics) <= record.metrics.keys()):
        return None
    try:
        read_features(folder, record)
    except ConfigError:
        return None
    return record
