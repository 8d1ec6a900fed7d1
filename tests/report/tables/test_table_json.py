from __future__ import annotations

import json
from pathlib import Path

from lvbench.report.tables.table import score_table
from lvbench.report.tables.table_json import table_json
from lvbench.results.run import load_run


def test_json_holds_display_value_and_bounds_and_is_stable(run_folder: Path) -> None:
    text = table_json(score_table(load_run(run_folder)))
    assert text == table_json(score_table(load_run(run_folder)))
    row = next(row for row in json.loads(text)["rows"] if row["key"] == "exposure_drift")
    cell = row["cells"][0]
    score = load_run(run_folder).scores["exposure_drift"]
    assert (cell["value"], cell["low"], cell["high"]) == (
        score.value, score.ci_low, score.ci_high,
    )  # fmt: skip
    assert "±" in cell["display"]
