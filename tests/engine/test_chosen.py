"""A protocol whose gates guard nothing is refused before anything is scored."""

from __future__ import annotations

from pathlib import Path

import pytest

from lvbench.engine.chosen import chosen_protocol
from lvbench.errors import ConfigError
from lvbench.protocol.load import list_protocols

IDLE = """
name: mine
version: 1
draft: true
segment_seconds: 0.5
metrics:
  - {name: freeze, version: 1}
  - {name: loop, version: 1}
  - {name: incoherence, version: 1}
gates:
  - {metric: loop, value: 0.05, share: 0.1}
  - {metric: freeze, value: 0.05, share: 0.1}
"""


@pytest.mark.parametrize("name", list_protocols())
def test_no_gate_of_a_shipped_protocol_is_idle(name: str) -> None:
    chosen_protocol(name)


def test_a_gate_that_guards_no_metric_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(IDLE, "utf-8")
    with pytest.raises(ConfigError, match="gates that guard none of its metrics: freeze") as caught:
        chosen_protocol(str(file))
    assert str(file) in caught.value.where
    assert "remove the gate" in caught.value.fix


def test_one_without_idle_gates_is_returned(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(IDLE.rpartition("  - {metric: freeze")[0], "utf-8")
    assert [gate.metric for gate in chosen_protocol(str(file)).gates] == ["loop"]
    assert chosen_protocol(protocol := chosen_protocol("lvb-smoke")) is protocol
