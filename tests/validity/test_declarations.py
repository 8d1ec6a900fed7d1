"""The declarations of all cards are well formed, and name faults and components that exist."""

from __future__ import annotations

import pytest

from lvbench.metrics.registry import METRICS
from lvbench.validity.declarations import Declaration, Reaction, read_declaration
from lvbench.validity.faults.catalogue import FAULTS
from lvbench.validity.instruments import declaration_of

CARD = """# blur

## Declared reactions
- `blur_ramp`: falls
- `noise_ramp`: `noise` rises, in levels

## Declared to ignore
- `dark_ramp`, up to the first clipped pixel
"""


def test_a_card_is_read() -> None:
    reactions = (Reaction("blur_ramp", "", "falls"), Reaction("noise_ramp", "noise", "rises"))
    assert read_declaration(CARD) == Declaration(reactions, ("dark_ramp",))
    assert read_declaration("# blur\n") == Declaration()


@pytest.mark.parametrize("line", ["- `blur_ramp` falls", "- `blur_ramp`: worsens", "- blur: falls"])
def test_another_form_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not"):
        read_declaration(f"## Declared reactions\n{line}\n")


@pytest.mark.parametrize("name", METRICS.names())
def test_cards_declare_what_exists(name: str) -> None:
    metric = METRICS.get(name)
    declaration = declaration_of(metric)
    own = {reaction.fault for reaction in declaration.reactions if not reaction.component}
    assert {reaction.fault for reaction in declaration.reactions} <= FAULTS.keys()
    assert set(declaration.ignored) <= FAULTS.keys()
    assert {reaction.component for reaction in declaration.reactions} <= {
        "",
        *metric.info.components,
    }
    assert not own & set(declaration.ignored)
    assert len(set(declaration.ignored)) == len(declaration.ignored)
