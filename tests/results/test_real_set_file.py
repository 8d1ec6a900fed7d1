from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import ConfigError
from lvbench.features.feature_set import FeatureSet
from lvbench.results.real_set_file import read_real_set, real_set_from, write_real_set
from lvbench.stats.frechet import moments

PROVENANCE = {"name": "i3d", "windows": {"length": 16, "every": None}, "weights": "ab" * 32}


def feature_set(windows: tuple[int, ...] = (2, 0, 3)) -> FeatureSet:
    rng = np.random.default_rng(0)
    return FeatureSet(
        "i3d",
        PROVENANCE,
        tuple(f"v{i}" for i in range(len(windows))),
        tuple(f"c{i // 2}" for i in range(len(windows))),
        tuple(np.arange(n) * 0.5 for n in windows),
        tuple(rng.normal(size=(n, 4)).astype(np.float32) for n in windows),
    )


def test_a_reference_has_the_moments_of_all_windows() -> None:
    found = feature_set()
    reference = real_set_from(found, "mine", {"fps": 24.0})
    mean, covariance = moments(found.stacked())
    assert np.array_equal(reference.moments.mean, mean)
    assert np.array_equal(reference.moments.covariance, covariance)
    assert reference.moments.n == 5
    assert reference.facts == {"fps": 24.0, "videos": 2, "windows": 5}
    assert reference.moments.mean.dtype == np.float64


@pytest.mark.parametrize("windows", [(0, 0), (1,), ()])
def test_too_few_windows_make_no_reference(windows: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        real_set_from(feature_set(windows), "mine", {})
    assert caught.value.code == "reference_invalid"


def test_what_was_written_is_read(tmp_path: Path) -> None:
    reference = real_set_from(feature_set(), "mine", {"fps": 24.0})
    path = tmp_path / "mine.npz"
    write_real_set(path, reference)
    again = read_real_set(path)
    assert (again.name, again.provenance, again.facts) == ("mine", PROVENANCE, reference.facts)
    assert np.array_equal(again.moments.covariance, reference.moments.covariance)
    assert again.set is not None
    assert reference.set is not None
    assert (again.set.videos, again.set.clusters) == (("v0", "v1", "v2"), ("c0", "c0", "c1"))
    for ours, theirs in zip(again.set.features, reference.set.features, strict=True):
        assert ours.dtype == np.float32
        assert np.array_equal(ours, theirs)
    assert [len(t) for t in again.set.t] == [2, 0, 3]


def test_moments_alone_are_small_and_carry_no_features(tmp_path: Path) -> None:
    reference = real_set_from(feature_set(), "mine", {})
    write_real_set(tmp_path / "m.npz", reference, features=False)
    again = read_real_set(tmp_path / "m.npz")
    assert again.set is None
    assert again.facts["videos"] == 2
    assert np.array_equal(again.moments.mean, reference.moments.mean)


def test_the_same_reference_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.npz", "b.npz"):
        write_real_set(tmp_path / name, real_set_from(feature_set(), "mine", {}))
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()


def written(tmp_path: Path) -> Path:
    path = tmp_path / "mine.npz"
    write_real_set(path, real_set_from(feature_set(), "mine", {}))
    return path


def code_of(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read_real_set(path)
    assert str(path) in str(caught.value)
    return caught.value.code


def test_a_damaged_file_is_distinguished_from_a_foreign_one(tmp_path: Path) -> None:
    path = written(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert code_of(path) == "reference_damaged"
    middle = whole.index(b"covariance.npy") + 200
    path.write_bytes(whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :])
    assert code_of(path) == "reference_damaged"
    path.write_bytes(b"")
    assert code_of(path) == "reference_invalid"
    path.write_bytes(b"no reference at all")
    assert code_of(path) == "reference_invalid"
    np.save(tmp_path / "one.npy", np.zeros(3))
    assert code_of(tmp_path / "one.npy") == "reference_invalid"
    np.savez(path, mean=np.zeros(4), cov=np.eye(4))
    assert code_of(path) == "reference_invalid"
    assert code_of(tmp_path / "none.npz") == "reference_missing"
    assert code_of(tmp_path) == "reference_missing"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("schema", 2),
        ("format", "other"),
        ("n", 4),
        ("surprise", 1),
        ("videos", ["v0"]),
        ("videos", None),
        ("sha256", "0" * 64),
    ],
)
def test_text_that_does_not_fit_is_refused(tmp_path: Path, key: str, value: object) -> None:
    path = written(tmp_path)
    with np.load(path) as file:
        arrays = {name: file[name] for name in file.files}
    about = json.loads(arrays.pop("about").tobytes())
    about[key] = value
    text = np.frombuffer(json.dumps(about).encode(), np.uint8)
    np.savez(path, about=text, **arrays)
    assert code_of(path) in ("reference_invalid", "reference_damaged")


def test_what_is_no_json_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_real_set(
            tmp_path / "x.npz", real_set_from(feature_set(), "mine", {"fps": float("nan")})
        )
    assert not list(tmp_path.iterdir())
