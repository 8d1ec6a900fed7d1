"""A table reaches a metric once per video, and a broken file is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lvbench.errors import WeightsError
from lvbench.features.base import Features
from lvbench.features.quality.tables import VbenchLongSubjectMap
from lvbench.features.registry import build
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames


def written(folder: Path, text: str) -> dict[str, Path]:
    path = folder / "table.yaml"
    path.write_text(text, "utf-8")
    return {"vbench_long_subject_map": path}


def test_it_comes_once_and_in_order(tmp_path: Path) -> None:
    extractor = VbenchLongSubjectMap()
    extractor._network = extractor.load(written(tmp_path, "0.5: 0.9\n0.0: 0.0\n1.0: 1\n"), "cpu")
    seen: list[Features] = []
    stream = FeatureStream({"map": extractor}, 8.0, lambda _, features: seen.append(features))
    for start in range(0, 40, 8):
        pts = (start + np.arange(8)) / 8
        stream.push(Frames(pts, rgb=np.zeros((8, 4, 4, 3), np.uint8)))
    stream.finish()
    assert len(seen) == 1
    assert seen[0].t.tolist() == [0.0]
    assert seen[0]["map"].tolist() == [[[0.0, 0.0], [0.5, 0.9], [1.0, 1.0]]]


@pytest.mark.parametrize("text", ["", "just words", "- 1\n- 2\n", "a: b\n", "0.1: .nan\n", "{"])
def test_what_is_no_table_of_numbers_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WeightsError) as error:
        VbenchLongSubjectMap().load(written(tmp_path, text), "cpu")
    assert error.value.code == "weights_unreadable"
    assert "ships with lvbench" in error.value.fix


@pytest.mark.parametrize("name", ["vbench_long_subject_map", "vbench_long_background_map"])
def test_it_asks_for_no_picture(name: str) -> None:
    spec = build(name).spec
    assert (spec.products.luma, spec.products.small, spec.products.rgb) == (False, None, False)
