"""Explaining a metric prints its facts and its card."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from click.testing import CliRunner

from lvbench.cli.explain import explain
from lvbench.cli.main import exit_code
from lvbench.errors import RegistryError
from lvbench.metrics.registry import METRICS


@pytest.mark.parametrize("name", METRICS.names())
def test_facts_and_the_whole_card_are_printed(name: str) -> None:
    output = CliRunner().invoke(explain, [name]).output
    info = METRICS.get(name).info
    assert output.startswith(f"{name} version {info.version}: {info.headline.title}\n")
    for part in info.components:
        assert f"  {name}.{part}: " in output
    card = Path(inspect.getfile(METRICS.get(name))).with_suffix(".md")
    assert card.read_text("utf-8").rstrip() in output


def test_a_component_is_explained_by_its_metric() -> None:
    whole = CliRunner().invoke(explain, ["exposure_drift"]).output
    assert CliRunner().invoke(explain, ["exposure_drift.onset"]).output == whole


def test_an_unknown_metric_gets_the_three_nearest() -> None:
    error = CliRunner().invoke(explain, ["exposure_drif"]).exception
    assert isinstance(error, RegistryError)
    assert error.found.endswith("nearest: exposure_drift, noise_drift, colour_drift")
    assert exit_code(error) == 2
