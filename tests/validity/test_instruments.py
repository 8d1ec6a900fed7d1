"""Which metrics are tried, with which parameters."""

from __future__ import annotations

import pytest

from lvbench.engine.video_pass.tools import Setting
from lvbench.errors import RegistryError, UsageError
from lvbench.metrics.registry import METRICS
from lvbench.validity.instruments import FORMULAS, choose

SETTING = Setting(device="cpu")


def test_the_default_is_every_metric_of_a_single_clip() -> None:
    found = choose(setting=SETTING)
    names = {key.partition("@")[0] for key in found.keys}
    groups = {name: METRICS.get(name).info.group for name in METRICS}
    assert {name for name, group in groups.items() if group not in ("paired", "sets", "cost")} <= (
        names | {"world_fvd"}
    )
    assert not any(groups[name] in ("paired", "sets", "cost") for name in names)
    assert set(FORMULAS) <= set(found.keys)
    assert "clip_consistency@mobilenet_v2" in found.keys
    assert set(found.unavailable) | set(found.runnable) == set(found.metrics)


def test_a_derived_metric_brings_its_sources_and_the_protocols_parameters() -> None:
    found = choose(["motion_matched"], with_gates=False, setting=SETTING)
    assert found.keys == ("motion_matched",)
    sources = {"clip_consistency@mobilenet_v2", "motion_magnitude"}
    assert set(found.runnable) == {*sources, "motion_matched"}
    assert found.protocol.extractors["mobilenet_v2"] == {"rate": 2.0}
    only = found.only(["motion_magnitude"])
    assert [entry.name for entry in only.metrics] == ["motion_magnitude"]
    assert set(only.extractors) == {"dis"}


def test_parameters_are_part_of_the_identity() -> None:
    one, other = (
        choose([f"motion_magnitude{extractor}"], with_gates=False, setting=SETTING)
        for extractor in ("", "@raft_small")
    )
    assert set(one.identities.values()).isdisjoint(other.identities.values())
    again = choose(["motion_magnitude"], with_gates=False, setting=SETTING)
    assert again.identities == one.identities


def test_what_cannot_be_tried_is_refused() -> None:
    with pytest.raises(UsageError, match="paired reference"):
        choose(["psnr"], setting=SETTING)
    with pytest.raises(RegistryError):
        choose(["no_such_metric"], setting=SETTING)
