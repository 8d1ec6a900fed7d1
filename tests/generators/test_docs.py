"""The examples of docs/generators.md are valid, and its plugin keeps the contract."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lvbench.generators.baselines.planted import FAULTS
from lvbench.generators.command.config import CommandConfig
from lvbench.generators.contract.config import Strict, read_config
from lvbench.generators.contract.conformance import check
from lvbench.generators.diffusers.config import DiffusionConfig
from lvbench.generators.diffusers.facts import FACTS
from lvbench.generators.hosted.config import HostedConfig
from lvbench.generators.registry import GENERATORS

TEXT = (Path(__file__).parents[2] / "docs" / "generators.md").read_text()
KINDS: dict[str, type[Strict]] = {
    "command": CommandConfig,
    "http": HostedConfig,
    "diffusers": DiffusionConfig,
}


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_configurations_are_valid(tmp_path: Path, block: str) -> None:
    named = re.match(r"# (\w+): (\S+)\n", block)
    assert named is not None
    (tmp_path / named[2]).write_text(block)
    assert read_config(tmp_path / named[2], KINDS[named[1]])


def test_the_plugin_keeps_the_contract() -> None:
    [code] = blocks("python")
    space: dict[str, type] = {}
    exec(compile(code, "docs/generators.md", "exec"), space)
    assert not [finding for finding in check(space["Mine"]()) if finding.status == "fail"]


def test_every_generator_fault_and_class_is_told() -> None:
    for name in (*GENERATORS, *FAULTS):
        assert f"`{name}" in TEXT, name
    told = TEXT.replace("their `...ImageToVideoPipeline`", "")
    missing = [name for name in FACTS if f"`{name}`" not in told]
    # These are named by the rest of their names.
    assert set(missing) == {
        "HunyuanVideoImageToVideoPipeline",
        "HunyuanVideo15ImageToVideoPipeline",
        "SkyReelsV2DiffusionForcingImageToVideoPipeline",
    }
