"""Every kind is listed, one line per name, and no column is cut."""

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
def test_json_and_table_contain_every_cell(kind: str) -> None:
    rows = json.loads(CliRunner().invoke(list_command, [kind, "--json"]).output)
    assert [row["name"] for row in rows] == NAMES[kind]()
    assert all(row["what"] for row in rows)
    table = CliRunner().invoke(list_command, [kind], env={"COLUMNS": "80"}).output
    head, *lines = table.splitlines()
    columns = head.split()
    assert set(columns) == {key for row in rows for key in row}
    starts = [head.index(column) for column in columns]
    ends = [*starts[1:], None]
    for row, line in zip(rows, lines, strict=True):
        cells = [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]
        assert cells == [row.get(column, "") for column in columns]


def test_a_terminal_wraps_long_cells_and_cuts_none() -> None:
    output = (
        CliRunner()
        .invoke(
            list_command, ["metrics"], env={"FORCE_COLOR": "1", "NO_COLOR": "1", "COLUMNS": "80"}
        )
        .output
    )
    assert "…" not in output
    assert max(map(len, output.splitlines())) <= 110


def test_no_shipped_thing_is_listed_as_broken() -> None:
    for kind in KINDS:
        assert "cannot be used" not in CliRunner().invoke(list_command, [kind]).output


def test_an_unknown_kind_is_refused_with_the_known_kinds() -> None:
    found = CliRunner().invoke(list_command, ["videos"])
    assert found.exit_code == 2
    assert "'metrics', 'protocols', 'extractors', 'generators'" in found.output
