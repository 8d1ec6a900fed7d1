"""Copies are found among many files without comparing all, by hash and by features."""

from __future__ import annotations

import numpy as np

from lvbench.audit.duplicates import Arrays, Finder, compare


def kept(seed: int, n: int = 16, hashes: bool = True, images: bool = True) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    found: dict[str, np.ndarray] = {}
    if hashes:
        found["frame_survey.t"] = np.arange(n) / 2
        found["frame_survey.hash"] = rng.integers(0, 256, (n, 8), np.uint8)
    if images:
        found["mobilenet_v2.t"] = np.arange(n) / 1.0
        found["mobilenet_v2.image"] = (rng.normal(size=64) + 0.1 * rng.normal(size=(n, 64))).astype(
            np.float16
        )
    return found


def coded_again(of: Arrays, first: int, bits: int, seed: int = 0) -> dict[str, np.ndarray]:
    """A part of a file, a few bits of every hash flipped."""
    rng = np.random.default_rng(seed)
    flat = np.unpackbits(of["frame_survey.hash"][first:], axis=1)
    for row in flat:
        row[rng.choice(64, bits, replace=False)] ^= 1
    hashes = np.packbits(flat, axis=1)
    return {"frame_survey.t": np.arange(len(hashes)) / 2, "frame_survey.hash": hashes}


def pairs(files: list[dict[str, np.ndarray]]) -> list[tuple[str, str, float, str]]:
    finder = Finder()
    names = [f"f{i:03d}" for i in range(len(files))]
    for name, file in zip(names, files, strict=True):
        finder.add(name, file)
    found = finder.duplicates(lambda name: files[names.index(name)])
    return [(d.first, d.second, d.first_start - d.second_start, d.by) for d in found]


def test_a_copy_among_many_is_found_with_its_lag() -> None:
    files = [kept(seed, images=False) for seed in range(60)]
    files.append(coded_again(files[17], 6, bits=4))
    assert pairs(files) == [("f017", "f060", 3.0, "frame_survey")]


def test_unrelated_files_share_nothing() -> None:
    assert pairs([kept(seed) for seed in range(40)]) == []


def test_features_find_what_hashes_do_not() -> None:
    one, other = kept(0, hashes=False), kept(1, hashes=False)
    cropped = {**one, "mobilenet_v2.image": one["mobilenet_v2.image"][4:]}
    cropped["mobilenet_v2.t"] = np.arange(12) / 1.0
    found = compare("a", one, "b", cropped)
    assert found is not None
    assert (found.by, found.share) == ("mobilenet_v2", 1.0)
    assert pairs([one, other, cropped])[0][:2] == ("f000", "f002")


def test_pictures_without_structure_are_like_nothing() -> None:
    dark = {"frame_survey.t": np.arange(9) / 2, "frame_survey.hash": np.zeros((9, 8), np.uint8)}
    assert pairs([dark, dark]) == []
    assert compare("a", dark, "b", dark) is None


def test_a_title_card_that_all_files_share_costs_nothing() -> None:
    card = np.random.default_rng(99).integers(0, 256, (1, 8), np.uint8)
    files = [kept(seed, images=False) for seed in range(50)]
    for file in files:
        file["frame_survey.hash"][:1] = card
    assert pairs(files) == []
