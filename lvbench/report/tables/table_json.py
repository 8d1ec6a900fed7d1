"""Write a table as JSON: what is printed beside the number behind it."""

from __future__ import annotations

from dataclasses import asdict

from lvbench.report.tables.table import Table
from lvbench.results.files import canonical_json


def table_json(table: Table) -> str:
    """Return the table as strict JSON, the same bytes for the same table."""
    return canonical_json(asdict(table), indent=2) + "\n"
