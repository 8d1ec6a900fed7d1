"""Every kind of thing is listed, a line each, with names that are never cut."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from lvbench.cli.list import KINDS, list_command
from lvbench.features.registry import EXTRACTORS
from lvbench.generators.registry import GENERATORS
from lvbench.metrics.registry import METRICS
from lvbench.protocol.load import list_protocols

NAMES = {
    "metrics": METRICS.names,
    "extractors": EXTRACTORS.names,
    "generators": GENERATORS.names,
    "protocols": lambda: list(list_protocols()),
}


@pytest.mark.parametrize("kind", KINDS)
def test_json_and_table_hold_every_name(kind: str) -> None:
    rows = json.loads(CliRunner().invoke(list_command, [kind, "--json"]).output)
    assert [row["name"] for row in rows] == NAMES[kind]()
    assert all(row["what"] for row in rows)
    table = CliRunner().invoke(list_command, [kind]).output
    for row in rows:
        assert any(line.startswith(row["name"]) for line in table.splitlines())


def test_no_shipped_thing_is_listed_as_broken() -> None:
    for kind in KINDS:
        assert "cannot be used" not in CliRunner().invoke(list_command, [kind]).output


def test_an_unknown_kind_is_refused_with_those_there_are() -> None:
    found = CliRunner().invoke(list_command, ["videos"])
    assert found.exit_code == 2
    assert "'metrics', 'protocols', 'extractors', 'generators'" in found.output
