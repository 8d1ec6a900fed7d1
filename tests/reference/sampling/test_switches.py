"""Switches are read from text, refused with their fix, and say what they do."""

from __future__ import annotations

from dataclasses import fields

import pytest

from lvbench.errors import UsageError
from lvbench.reference.sampling.switches import SAMPLING, Switches, switch_help, switches


def test_text_and_switches_are_the_same_thing() -> None:
    for name, preset in SAMPLING.items():
        assert switches(name) == (name, preset)
        assert Switches().changed(preset.text()) == preset


def test_a_preset_is_changed_by_what_follows_it() -> None:
    name, found = switches("seam-demo,overlap=4,cfg=2.5,clamp=false,solver=heun")
    assert name == "seam-demo"
    assert (found.sampler, found.overlap, found.cfg) == ("chunk", 4, 2.5)
    assert (found.clamp, found.solver) == (False, "heun")


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("default,steps=0", "give 1 to 1000"),
        ("default,steps=many", "give a number (int)"),
        ("default,cfg=nan", "give 0 to 20"),
        ("default,solver=magic", "give euler or heun or renoise"),
        ("default,clamp=perhaps", "give true or false"),
        ("default,colour=red", "switches are sampler"),
        ("default,steps", "as NAME=VALUE"),
    ],
)
def test_what_is_no_switch_is_refused(text: str, fix: str) -> None:
    with pytest.raises(UsageError, match="set a switch") as caught:
        switches(text)
    assert fix in caught.value.fix


def test_every_switch_says_what_it_does() -> None:
    assert list(switch_help()) == [field.name for field in fields(Switches)]
    assert all(text.endswith(".") for text in switch_help().values())


def test_a_size_is_sampled_by_default() -> None:
    assert switches("nano,steps=2") == ("nano", Switches(steps=2))
