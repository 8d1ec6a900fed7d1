"""Human ratings of VideoBench and KonViD-1k: what can be computed from them, and what cannot."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.agreement import Share, Side, mean_over, share, side
from benchmarks.markdown import heading, row

_MISSING = 0  # ratings are 1 to 5
_PREFIX = "videobench_"

_MODELS = ("cogvideox5b", "gen3", "kling", "videocrafter2", "lavie", "pika", "show1")
_LEADERBOARD = {
    "imaging_quality": (3.87, 4.66, 4.26, 4.08, 3.00, 3.78, 3.30),
    "temporal_consistency": (4.14, 4.74, 4.38, 3.69, 3.00, 3.40, 3.90),
    "motion_effects": (3.55, 3.99, 3.11, 2.81, 2.43, 2.59, 2.90),
    "video-text_consistency": (4.62, 4.38, 4.07, 4.18, 3.71, 3.78, 4.21),
}
"""VideoBench's own scores of the models, from its README (Video-Bench/Video-Bench, 0e4d62a)."""
_VBENCH = {
    "imaging_quality": "MUSIQ 0.363",
    "temporal_consistency": "CLIP 0.260",
    "motion_effects": "RAFT 0.329, AMT 0.329",
    "video-text_consistency": "ViCLIP 0.445",
}
"""Correlation of VBench's formulas with the same ratings, as that README reports it."""

Ratings = Mapping[str, list[list[int]]]


def read_ratings(entries: list[dict[str, Any]]) -> Ratings:
    """Return the ratings of each model's videos, without the missing ones."""
    found: dict[str, list[list[int]]] = {}
    for entry in entries:
        for model, given in entry["human_anno"].items():
            found.setdefault(model, []).append([r for r in given if r != _MISSING])
    return found


def rater_agreement(entries: list[dict[str, Any]]) -> tuple[float, int]:
    """Return how often one rater orders two models of a prompt as the others do, and the pairs.

    Each rater is compared with the mean of the others; a rater without an opinion counts half, and
    pairs that the others rate equally are left out.
    """
    right: list[float] = []
    for entry in entries:
        table = np.array(list(entry["human_anno"].values()), float)
        for rater in range(table.shape[1]):
            own, others = table[:, rater], np.delete(table, rater, axis=1).mean(axis=1)
            known = (table != _MISSING).all(axis=1)
            for a in np.flatnonzero(known):
                for b in np.flatnonzero(known[:a]):
                    if others[a] != others[b]:
                        signs = np.sign(own[a] - own[b]) * np.sign(others[a] - others[b])
                        right.append(0.5 * (1 + float(signs)))
    return float(np.mean(right)), len(right)


def grid_view_agreement(entries: list[dict[str, Any]]) -> Share | None:
    """Return how often the score `grid_view` orders two models of a prompt as their raters do."""
    found = []
    for number, entry in enumerate(entries):
        given = entry.get("grid_view", {})
        means = {
            model: float(np.mean(known))
            for model, ratings in entry["human_anno"].items()
            if (known := [r for r in ratings if r != _MISSING])
        }
        for a, b in combinations(sorted(given.keys() & means.keys()), 2):
            if means[a] != means[b]:
                found.append(Side(str(number), side(given[a] - given[b], means[a] - means[b])))
    return share(found)


def models_alike(means: Mapping[str, float], scores: Mapping[str, float]) -> tuple[float, int]:
    """Return how many pairs of models two lists order alike, ties a half, and the pairs."""
    pairs = list(combinations(sorted(means.keys() & scores.keys()), 2))
    right = [side(scores[a] - scores[b], means[a] - means[b]) for a, b in pairs]
    return sum(right), len(pairs)


def ratings_section(folder: Path) -> str:
    """Return the Markdown of the ratings in a folder."""
    files = sorted(folder.glob(f"{_PREFIX}*.json"))
    tables = {f.stem.removeprefix(_PREFIX): json.loads(f.read_text("utf-8")) for f in files}
    models = sorted({m for entries in tables.values() for m in entries[0]["human_anno"]})
    lines = [
        _ABOUT,
        heading(["question", "prompts", *models]),
        *(row(_means(name, entries, models)) for name, entries in tables.items()),
        _AGREEMENT,
        heading(["question", "one rater", "`grid_view`", "per model", "VBench, as reported"]),
        *(row(_agreements(name, entries)) for name, entries in tables.items()),
        _NOT_COMPUTED,
    ]
    return "\n".join(lines)


_ABOUT = (
    "### Human ratings\n\n"
    "VideoBench's raters give each video 1 to 5 (0 is taken as missing). Mean of a model's videos "
    "with its 95 % bootstrap interval.\n"
)
_AGREEMENT = (
    "\nAgreement with these ratings. *One rater*: share of pairs of models of a prompt that a "
    "rater orders as the mean of the others; *`grid_view`*: that of a number of this name, which "
    "the files give each video for two questions without an explanation, with its interval over "
    "prompts; *per model*: pairs of models that VideoBench's published scores order as the means "
    "of the raters; *VBench*: the correlation per video that VideoBench's README reports for "
    "VBench's formulas, not computed here.\n"
)
_NOT_COMPUTED = (
    "\nNot computed: the agreement of any lvbench score with these ratings. The rated videos are "
    "not at hand, neither VideoBench's nor those of KonViD-1k (mean opinion scores and the "
    "features of another method are). Nor per model: of the rated models, no video was scored "
    "here; FIFO-Diffusion and FreeNoise extend VideoCrafter2, and LaVie+SEINE extends LaVie, but "
    "those are other clips at another length."
)


def _means(name: str, entries: list[dict[str, Any]], models: Sequence[str]) -> list[str]:
    ratings = read_ratings(entries)
    cells = []
    for model in models:
        means = [float(np.mean(r)) for r in ratings.get(model, []) if r]
        value, low, high = mean_over(means) if means else (float("nan"), None, None)
        cells.append(f"{value:.2f} [{low:.2f}, {high:.2f}]" if low is not None else "")
    return [name, str(len(entries)), *cells]


def _agreements(name: str, entries: list[dict[str, Any]]) -> list[str]:
    agreed, pairs = rater_agreement(entries)
    given = grid_view_agreement(entries)
    ratings = {model: [np.mean(r) for r in rated if r]
               for model, rated in read_ratings(entries).items()}  # fmt: skip
    means = {model: float(np.mean(given)) for model, given in ratings.items() if given}
    published = dict(zip(_MODELS, _LEADERBOARD.get(name, ()), strict=False))
    right, of = models_alike(means, published)
    return [
        name,
        f"{agreed:.2f} ({pairs} pairs)",
        "" if given is None
        else f"{given.value:.2f} [{given.low:.2f}, {given.high:.2f}] ({given.pairs} pairs)",
        f"{right:g} of {of}" if of else "",
        _VBENCH.get(name, ""),
    ]  # fmt: skip
