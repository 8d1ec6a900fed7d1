"""docs/protocols.md says of the protocols what their files say, and its example is one."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
import yaml

from lvbench.protocol.schema import Protocol, _Strict
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "protocols.md").read_text("utf-8")


def test_the_table_of_the_family_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    written = import_module("benchmarks.protocol_family").written
    assert written(PAGE) == PAGE, "python -m benchmarks.protocol_family docs/protocols.md"


def test_the_example_is_a_protocol_that_shows_every_key() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    example = Protocol.model_validate(yaml.safe_load(block))
    assert set(Protocol.model_fields) - example.model_fields_set == {"real"}
    for part in (example.prompts, example.clips, example.interval):
        assert isinstance(part, _Strict)
        assert part.model_fields_set == set(type(part).model_fields)
