"""Gather the stored features of videos into sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.engine.video_pass.feature_store import kept_by_extractor
from lvbench.engine.video_pass.tools import Tools
from lvbench.features.base import ExtractorSpec
from lvbench.features.feature_set import FeatureSet
from lvbench.metrics.set_metric import KeptArrays
from lvbench.results.journal import read_features
from lvbench.results.schema import ItemRecord
from lvbench.video.decoding.decode import DECODER_ID

Read = Callable[[ItemRecord], Mapping[str, NDArray[Any]]]


def provenance(spec: ExtractorSpec, kept_arrays: KeptArrays) -> dict[str, Any]:
    """Return how frames became features; two sets are compared only where it is equal."""
    thinned = {"kept": {"rate": kept_arrays.rate, "half": kept_arrays.half}}
    made = {**spec.identity(), "products": asdict(spec.products), "decoder": DECODER_ID}
    return made if kept_arrays == KeptArrays(spec.keeps) else made | thinned


def set_extractors(tools: Tools) -> list[str]:
    """Return the names of the extractors that set metrics read."""
    return sorted({m.needs[0] for m in tools.set_metrics.values()})


def feature_sets(
    tools: Tools, folder: Path, items: Sequence[ItemRecord]
) -> Mapping[str, FeatureSet]:
    """Return the features of a run's videos by extractor; a video without windows is left out.

    Args:
        tools: The metrics and extractors of the run.
        folder: The run folder.
        items: Its item records, in order of video ids.

    Raises:
        ConfigError: A file of features is missing or was changed (`features_invalid`).
    """
    return gathered(tools, items, lambda item: read_features(folder, item))


def gathered(tools: Tools, items: Sequence[ItemRecord], read: Read) -> Mapping[str, FeatureSet]:
    """Return the features of a run's videos by extractor, from any store.

    Args:
        tools: The metrics and extractors of the run.
        items: Its item records, in order of video ids.
        read: Returns the stored arrays of a video, by `extractor.array`.
    """
    kept = kept_by_extractor(tools)
    return {
        name: _feature_set(name, tools.extractors[name].spec, kept[name], items, read)
        for name in set_extractors(tools)
    }


def _feature_set(
    name: str, spec: ExtractorSpec, kept_arrays: KeptArrays, items: Sequence[ItemRecord], read: Read
) -> FeatureSet:
    (array,) = kept_arrays.arrays
    videos, clusters, times, features = [], [], [], []
    for item in items:
        kept = read(item)
        if item.video.status != "ok" or f"{name}.{array}" not in kept:
            continue
        videos.append(item.video.id)
        clusters.append(item.video.cluster)
        times.append(kept[f"{name}.t"].astype(np.float64))
        features.append(kept[f"{name}.{array}"].astype(np.float32))
    return FeatureSet(
        name,
        provenance(spec, kept_arrays),
        tuple(videos),
        tuple(clusters),
        tuple(times),
        tuple(features),
    )
