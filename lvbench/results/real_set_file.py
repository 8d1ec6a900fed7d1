"""Read and write files of real-set statistics, with provenance, in one .npz."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, ValidationError

from lvbench.errors import ConfigError
from lvbench.features.feature_set import FeatureMoments, FeatureSet, RealSetStatistics
from lvbench.reading import parse_json, read_bytes
from lvbench.results.files import canonical_json, write_atomic
from lvbench.results.schema import Record
from lvbench.results.unpacking import MOST_BYTES, unpack_arrays
from lvbench.stats.frechet import moments

_ABOUT = "about"
_MOMENTS = {"mean": "float64", "covariance": "float64"}
_FEATURES = {"features": "float32", "t": "float64", "windows": "int64"}


class _About(Record):
    """The metadata of the arrays."""

    format: Literal["lvbench-reference"] = "lvbench-reference"
    schema_number: Literal[1] = Field(default=1, alias="schema")
    name: str
    extractor: str
    provenance: dict[str, Any]
    facts: dict[str, Any]
    n: int
    videos: list[str] | None
    clusters: list[str] | None
    sha256: str


def real_set_from(found: FeatureSet, name: str, facts: Mapping[str, Any]) -> RealSetStatistics:
    """Return the statistics of a real set, with its features.

    Args:
        found: Windows' features of its videos.
        name: Name of the set, for reports.
        facts: Data set, sizes, rates, choice of clips. The numbers of videos and windows are
            added.

    Raises:
        ConfigError: There are fewer than 2 windows, or values that are not finite.
    """
    try:
        mean, covariance = moments(found.stacked() if found.features else np.empty((0, 1)))
    except ValueError as error:
        raise ConfigError(
            "compute the statistics of a real set",
            found=str(error),
            where=name,
            fix="give more and longer videos",
            code="reference_invalid",
        ) from error
    windows = sum(len(features) for features in found.features)
    videos = sum(len(features) > 0 for features in found.features)
    known = {**facts, "videos": videos, "windows": windows}
    return RealSetStatistics(
        name, found.provenance, known, FeatureMoments(mean, covariance, windows), found
    )


def write_real_set(path: Path, reference: RealSetStatistics, features: bool = True) -> None:
    """Write a file of statistics atomically; the same statistics give the same bytes.

    Args:
        path: The file, usually `NAME.npz`.
        reference: The statistics.
        features: Store the windows' features; without them the file has moments alone, which
            are enough for `fvd` and `fvd_over_time` only.

    Raises:
        StorageError: It cannot be written.
        ValueError: Provenance or facts are no plain JSON, or contain NaN.
    """
    kept = reference.set if features else None
    arrays: dict[str, NDArray[Any]] = {
        "mean": np.asarray(reference.moments.mean, np.float64),
        "covariance": np.asarray(reference.moments.covariance, np.float64),
    }
    if kept is not None:
        arrays["features"] = np.concatenate(kept.features).astype(np.float32)
        arrays["t"] = np.concatenate(kept.t).astype(np.float64)
        arrays["windows"] = np.array([len(f) for f in kept.features], np.int64)
    about = {
        "format": "lvbench-reference",
        "schema": 1,
        "name": reference.name,
        "extractor": str(reference.provenance.get("name", kept.extractor if kept else "")),
        "provenance": dict(reference.provenance),
        "facts": dict(reference.facts),
        "n": reference.moments.n,
        "videos": list(kept.videos) if kept else None,
        "clusters": list(kept.clusters) if kept else None,
        "sha256": _checksum(arrays),
    }
    content = io.BytesIO()
    members: dict[str, Any] = {_ABOUT: np.frombuffer(canonical_json(about).encode(), np.uint8)}
    np.savez(content, **members | arrays)
    write_atomic(path, content.getvalue())


def read_real_set(path: Path) -> RealSetStatistics:
    """Return the statistics in a file.

    Raises:
        ConfigError: There is no such file (`reference_missing`), it is damaged
            (`reference_damaged`), or it is no such file of this schema
            (`reference_invalid`).
    """
    if not path.is_file():
        raise _refused(path, "there is no such file", "reference_missing")
    arrays = _arrays(path)
    if _ABOUT not in arrays or arrays[_ABOUT].dtype != np.uint8:
        raise _refused(path, "an .npz of something else", "reference_invalid")
    try:
        about = _About.model_validate(parse_json(arrays.pop(_ABOUT).tobytes().decode()))
    except (ValidationError, ValueError) as error:
        raise _refused(path, f"invalid metadata: {error}", "reference_invalid") from error
    wanted = _MOMENTS if about.videos is None else {**_MOMENTS, **_FEATURES}
    if {name: str(array.dtype) for name, array in arrays.items()} != wanted:
        found = {name: f"{array.dtype} {array.shape}" for name, array in arrays.items()}
        raise _refused(path, f"arrays {found}", "reference_invalid")
    if _checksum(arrays) != about.sha256:
        raise _refused(path, "its arrays do not have the checksum it states", "reference_damaged")
    fault = _fault(arrays, about)
    if fault is not None:
        raise _refused(path, fault, "reference_invalid")
    known = FeatureMoments(arrays["mean"], arrays["covariance"], about.n)
    kept = _set(arrays, about) if about.videos is not None else None
    return RealSetStatistics(about.name, about.provenance, about.facts, known, kept)


def _arrays(path: Path) -> dict[str, NDArray[Any]]:
    try:
        content = read_bytes(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise _refused(path, str(error), "reference_invalid") from error
    if not content.startswith(b"PK"):
        raise _refused(path, "no .npz file", "reference_invalid")
    try:
        return unpack_arrays(content)
    except ValueError as error:
        raise _refused(path, f"damaged: {error}", "reference_damaged") from error


def _fault(arrays: Mapping[str, NDArray[Any]], about: _About) -> str | None:
    """Return the fault of arrays whose checksum is right; None for valid arrays."""
    d = arrays["mean"].size
    if arrays["mean"].shape != (d,) or arrays["covariance"].shape != (d, d) or d == 0:
        return f"a mean {arrays['mean'].shape} with a covariance {arrays['covariance'].shape}"
    if not all(np.isfinite(array).all() for array in arrays.values()):
        return "values that are not finite"
    if about.videos is None:
        return None
    sizes, n = arrays["windows"], about.n
    shapes = arrays["features"].shape, arrays["t"].shape, sizes.shape
    if shapes != ((n, d), (n,), (len(about.videos),)) or sizes.sum() != n or (sizes < 0).any():
        return f"{n} windows of {len(about.videos)} videos with arrays of shapes {shapes}"
    if about.clusters is None or len(about.clusters) != len(about.videos):
        return "not one cluster for each video"
    return None


def _set(arrays: Mapping[str, NDArray[Any]], about: _About) -> FeatureSet:
    ends = np.cumsum(arrays["windows"])[:-1]
    return FeatureSet(
        about.extractor,
        about.provenance,
        tuple(about.videos or ()),
        tuple(about.clusters or ()),
        tuple(np.split(arrays["t"], ends)),
        tuple(np.split(arrays["features"], ends)),
    )


def _checksum(arrays: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name in sorted(arrays):
        digest.update(f"{name}{arrays[name].shape}".encode())
        digest.update(np.ascontiguousarray(arrays[name]).tobytes())
    return digest.hexdigest()


def _refused(path: Path, found: str, code: str) -> ConfigError:
    return ConfigError(
        "read the statistics of a real set",
        found=found,
        where=str(path),
        fix="build it again: lvbench stats build DIR",
        code=code,
    )
