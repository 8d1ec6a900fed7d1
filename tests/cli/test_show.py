"""Showing a name prints what it resolves to, whatever kind of thing it is."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from lvbench.cli.main import exit_code
from lvbench.cli.show import show
from lvbench.engine.video_pass.tools import build_tools
from lvbench.errors import RegistryError, UsageError
from lvbench.features.registry import build
from lvbench.protocol.json_schema import schema_text
from lvbench.protocol.load import load_protocol, protocols_folder


@pytest.mark.parametrize("name", ["lvb-smoke", "lvb-smoke@1", "file"])
def test_a_protocol_is_shown_resolved(name: str) -> None:
    asked = str(protocols_folder() / "lvb-smoke-v1.yaml") if name == "file" else name
    output = CliRunner().invoke(show, [asked]).output
    protocol = load_protocol("lvb-smoke@1")
    identity = build_tools(protocol).identity
    state = " (draft: its numbers may still change)" if protocol.draft else ""
    assert output.startswith(f"# lvb-smoke v1{state}: ")
    assert yaml.safe_load(output) == {"hash": identity.hash, **identity.content()}


def test_an_extractor_is_shown_with_its_spec() -> None:
    output = CliRunner().invoke(show, ["luma_statistics"]).output
    words, _, spec = output.rpartition("\n\n")
    assert "lightness: Mean CIELAB L*" in words
    assert yaml.safe_load(spec) == build("luma_statistics").spec.identity()


def test_generators_and_metrics_are_shown() -> None:
    assert "{prompt}" in CliRunner().invoke(show, ["command"]).output
    assert CliRunner().invoke(show, ["freeze"]).output.startswith("freeze version")


def test_a_generator_with_its_argument_is_shown_with_what_it_is() -> None:
    output = CliRunner().invoke(show, ["degraded-oracle:seam=4@2"]).output
    words, _, facts = output.rpartition("\n\n")
    assert "exposure: relative gain at the end" in words
    assert yaml.safe_load(facts)["name"] == "degraded-oracle:seam=4@2"
    assert yaml.safe_load(facts)["schedule"] == "native"


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("exposure_drif", "exposure_drift"),
        ("lvb-smok", "lvb-smoke"),
        ("luma_stat", "luma_statistics"),
    ],
)
def test_an_unknown_name_gets_the_three_nearest_of_all_kinds(name: str, near: str) -> None:
    error = CliRunner().invoke(show, [name]).exception
    assert isinstance(error, RegistryError)
    nearest = error.found.partition("nearest: ")[2].split(", ")
    assert len(nearest) == 3
    assert near in nearest
    assert exit_code(error) == 2


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    error = CliRunner().invoke(show, [str(tmp_path / "none.yaml")]).exception
    assert isinstance(error, UsageError)


def test_a_protocols_lock_pins_its_prompts_and_its_real_set() -> None:
    lock = yaml.safe_load(CliRunner().invoke(show, ["lvb-return"]).output)
    prompts = lock["protocol"]["prompts"]
    assert len(prompts["sha256"]) == 64
    assert (prompts["revision"], prompts["categories"]) == (1, ["return"])
    assert lock["protocol"]["clips"]["minimum"] == 36
    world = yaml.safe_load(CliRunner().invoke(show, ["lvb-world"]).output)
    assert len(world["protocol"]["real"]["sha256"]) == 64


def test_the_schema_of_protocols_is_printed() -> None:
    assert CliRunner().invoke(show, ["--schema"]).output == schema_text()
    for wrong in ([], ["lvb-smoke", "--schema"]):
        assert CliRunner().invoke(show, wrong).exit_code == 2
