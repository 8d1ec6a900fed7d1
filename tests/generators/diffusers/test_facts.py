"""What is said of diffusers' pipelines is true of those that are installed."""

from __future__ import annotations

import inspect

import pytest

from lvbench.features.torchvision_shim import import_torchvision
from lvbench.generators.diffusers.facts import FACTS


@pytest.mark.parametrize("name", FACTS)
def test_the_class_is_there_and_has_these_arguments(name: str) -> None:
    import_torchvision()
    import diffusers

    arguments = inspect.signature(getattr(diffusers, name).__call__).parameters
    facts = FACTS[name]
    assert "num_frames" in arguments
    assert set(facts.own or ()) <= set(arguments)
    assert (facts.image != "no") == ("image" in arguments)
    assert facts.fps is not None or "frame_rate" in arguments
    if facts.continues in ("image", "video"):
        assert facts.continues in arguments
    default = arguments["num_frames"].default
    if facts.continues != "itself" and default is not None:
        limits = facts.limits
        assert default % limits.frames_multiple == limits.frames_plus % limits.frames_multiple
        assert default <= (limits.most_frames or default)
