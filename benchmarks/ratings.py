"""Human ratings of VideoBench and KonViD-1k: what can be computed from them, and what cannot."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.agreement import mean_over
from benchmarks.markdown import heading, row

_MISSING = 0  # ratings are 1 to 5
_PREFIX = "videobench_"

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


def ratings_section(folder: Path) -> str:
    """Return the Markdown of the ratings in a folder."""
    files = sorted(folder.glob(f"{_PREFIX}*.json"))
    tables = {f.stem.removeprefix(_PREFIX): json.loads(f.read_text("utf-8")) for f in files}
    models = sorted({m for entries in tables.values() for m in entries[0]["human_anno"]})
    lines = [
        "### Human ratings\n",
        "VideoBench's raters give each video 1 to 5 (0 is taken as missing). Mean of a model's "
        "videos with its 95 % bootstrap interval; *one rater* is the share of pairs of models of a "
        "prompt that a rater orders as the mean of the others.\n",
        heading(["question", "prompts", "one rater", *models]),
    ]
    for name, entries in tables.items():
        ratings = read_ratings(entries)
        cells = []
        for model in models:
            means = [float(np.mean(r)) for r in ratings.get(model, []) if r]
            value, low, high = mean_over(means) if means else (float("nan"), None, None)
            cells.append(f"{value:.2f} [{low:.2f}, {high:.2f}]" if low is not None else "")
        agreed, pairs = rater_agreement(entries)
        lines.append(row([name, str(len(entries)), f"{agreed:.2f} ({pairs} pairs)", *cells]))
    lines.append(
        "\nNot computed: the agreement of any lvbench score with these ratings. The rated videos "
        "are not at hand, neither VideoBench's nor those of KonViD-1k (mean opinion scores and "
        "the features of another method are). Nor per model: of the rated models, no video was "
        "scored here; FIFO-Diffusion and FreeNoise extend VideoCrafter2, and LaVie+SEINE extends "
        "LaVie, but those are other clips at another length."
    )
    return "\n".join(lines)
