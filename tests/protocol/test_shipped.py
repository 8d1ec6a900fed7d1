"""Every protocol that is shipped resolves, and leaves out by name what has no weights."""

from __future__ import annotations

import pytest

from lvbench.engine.video_pass.tools import build_tools
from lvbench.protocol import DEFAULT_PROTOCOL, PROTOCOL_WITH_PROMPTS
from lvbench.protocol.load import list_protocols, load_protocol, protocol_prose

NAMES = list(list_protocols())


@pytest.mark.parametrize("name", NAMES)
def test_it_resolves_and_says_what_it_is(name: str) -> None:
    protocol = load_protocol(name)
    tools = build_tools(protocol)
    assert len(tools.metrics) + len(tools.unavailable) == len(protocol.metrics)
    assert all(error.fix for _, error in tools.unavailable.values())
    assert protocol_prose(name)["title"]


def test_the_default_needs_no_prompts_and_generators_get_some() -> None:
    assert DEFAULT_PROTOCOL == "lvb-open"
    assert load_protocol(DEFAULT_PROTOCOL).prompts is None
    assert load_protocol(PROTOCOL_WITH_PROMPTS).prompts is not None


def test_lvb_open_runs_without_weights_whatever_needs_none() -> None:
    tools = build_tools(load_protocol("lvb-open"))
    assert {
        "exposure_drift",
        "warp_error",
        "freeze",
        "fie",
        "camera_motion",
    } <= tools.metrics.keys()
    assert {"fvd", "clip_consistency", "identity_drift"} <= tools.unavailable.keys()
