"""Stored features are thinned by time, whatever the blocks, and requested once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from lvbench.engine.video_pass.feature_store import FeatureStore, kept_by_extractor
from lvbench.engine.video_pass.tools import build_tools
from lvbench.errors import ConfigError
from lvbench.features.base import Features
from lvbench.metrics.common.image_sets import IMAGES
from lvbench.metrics.set_metric import KeptArrays
from lvbench.metrics.sets.diversity import Diversity
from lvbench.metrics.sets.memorisation import Memorisation
from lvbench.protocol.schema import MetricEntry, Protocol


@pytest.mark.parametrize("block", [1, 7, 60])
def test_features_are_thinned_by_time_whatever_the_blocks(block: int) -> None:
    t = np.arange(60) * 1001 / 30000
    keeper = FeatureStore({"e": KeptArrays(("image",), rate=2.0, half=True)})
    for start in range(0, 60, block):
        part = t[start : start + block]
        keeper.take("e", Features(part, {"image": part[:, None].astype("f4"), "more": part}))
        keeper.take("other", Features(part, {"image": part}))
    kept = keeper.arrays()
    assert kept.keys() == {"e.t", "e.image"}
    assert kept["e.t"].tolist() == pytest.approx([0.0, 15 * 1001 / 30000, 1.001, 45 * 1001 / 30000])
    assert kept["e.image"].dtype == np.float16


def test_metrics_say_what_is_kept_and_extractors_otherwise() -> None:
    names = ("diversity", "memorisation", "black_bars", "fvd")
    metrics = [MetricEntry(name=name, version=1) for name in names]
    tools = build_tools(Protocol(name="sets", version=1, segment_seconds=0.5, metrics=metrics))
    tools.metrics.update(diversity=Diversity(), memorisation=Memorisation())
    found = kept_by_extractor(tools)
    assert found["mobilenet_v2"] == IMAGES
    assert found["frame_survey"] == KeptArrays(("hash", "picture"))


def test_two_wishes_for_one_extractor_are_refused() -> None:
    class Other(Diversity):
        kept_arrays = KeptArrays(("image",))

    tools: Any = SimpleNamespace(
        extractors={},
        set_metrics={"a": Diversity(), "b": Other()},
        protocol=SimpleNamespace(name="sets"),
    )
    with pytest.raises(ConfigError) as caught:
        kept_by_extractor(tools)
    assert caught.value.code == "keeping_differs"
