from __future__ import annotations

import json
from pathlib import Path

import pytest

from lvbench.errors import ConfigError
from lvbench.leaderboard.schema import Row, read_row

ROOT = Path(__file__).resolve().parents[2]


def test_committed_schema_is_the_models_own() -> None:
    committed = json.loads((ROOT / "leaderboards" / "schema.json").read_text("utf-8"))
    assert committed == Row.model_json_schema(by_alias=True)


@pytest.mark.parametrize(
    "changes",
    [{"surprise": 1}, {"verified": None}, {"url": "javascript:alert(1)"}, {"model": ""}],
)
def test_anything_else_is_refused(add_row, changes) -> None:  # type: ignore[no-untyped-def]
    file = add_row("A", {"exposure_drift": 1.0})
    file.write_text(json.dumps(json.loads(file.read_text("utf-8")) | changes), "utf-8")
    with pytest.raises(ConfigError) as caught:
        read_row(file)
    assert caught.value.code == "row_invalid"
