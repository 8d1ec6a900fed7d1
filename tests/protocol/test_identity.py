"""The identity moves with everything that can move a number, and with nothing else."""

from __future__ import annotations

import copy
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from lvbench import __version__
from lvbench.engine.video_pass.tools import build_tools
from lvbench.errors import ConfigError
from lvbench.features.registry import EXTRACTORS
from lvbench.features.registry import build as build_extractor
from lvbench.metrics.registry import METRICS
from lvbench.metrics.registry import build as build_metric
from lvbench.protocol.identity import Identity, protocol_identity, signature
from lvbench.protocol.load import load_protocol
from lvbench.protocol.schema import Protocol
from lvbench.results.files import canonical_json

CONTENT: dict[str, Any] = {
    "name": "mine",
    "version": 1,
    "draft": False,
    "segment_seconds": 0.5,
    "extractors": {"dis": {"long_side": 256}},
    "metrics": [
        {"name": "exposure_drift", "version": 1},
        {"name": "colour_drift", "version": 1, "parameters": {"minimum_chroma": 2.0}},
    ],
    "gates": [{"metric": "colour_drift", "value": 0.05, "share": 0.1}],
    "interval": {"method": "boot-t", "resamples": 1000, "seed": 0},
    "prompts": {
        "file": "prompts.jsonl",
        "sha256": "abc",
        "seconds": 8.0,
        "fps": 24.0,
        "width": 320,
        "height": 192,
        "seeds": [0, 1],
    },
    "real": {"file": "real.npz", "sha256": "abc"},
}
METRIC_PARTS = {
    "exposure_drift": {"version": 1, "parameters": {}},
    "colour_drift": {"version": 1, "parameters": {"minimum_chroma": 2.0}},
}
EXTRACTOR_PARTS = {
    "luma_statistics": build_extractor("luma_statistics").spec.identity(),
    "lab_statistics": build_extractor("lab_statistics").spec.identity(),
}


def identity(content: dict[str, Any], **parts: Any) -> Identity:
    given: dict[str, Any] = {
        "metrics": METRIC_PARTS,
        "extractors": EXTRACTOR_PARTS,
        "decoder": "pyav-1",
    }
    return protocol_identity(Protocol.model_validate(content), **given | parts)


BASE = identity(CONTENT).hash

MUTATIONS: dict[str, Callable[[dict[str, Any]], object]] = {
    "name": lambda c: c.update(name="other"),
    "version": lambda c: c.update(version=2),
    "segment": lambda c: c.update(segment_seconds=0.25),
    "extractor parameter": lambda c: c["extractors"]["dis"].update(long_side=128),
    "extractor gone": lambda c: c.update(extractors={}),
    "metric gone": lambda c: c["metrics"].pop(0),
    "order of metrics": lambda c: c["metrics"].reverse(),
    "metric parameter": lambda c: c["metrics"][1]["parameters"].update(minimum_chroma=3.0),
    "gate gone": lambda c: c.update(gates=[]),
    "gate metric": lambda c: c["gates"][0].update(metric="exposure_drift"),
    "gate value": lambda c: c["gates"][0].update(value=0.06),
    "gate share": lambda c: c["gates"][0].update(share=0.2),
    "resamples": lambda c: c["interval"].update(resamples=2000),
    "seed": lambda c: c["interval"].update(seed=1),
    "no prompts": lambda c: c.update(prompts=None),
    "prompt file": lambda c: c["prompts"].update(file="other.jsonl"),
    "prompt sha256": lambda c: c["prompts"].update(sha256="abd"),
    "prompt seconds": lambda c: c["prompts"].update(seconds=9.0),
    "prompt fps": lambda c: c["prompts"].update(fps=25.0),
    "prompt width": lambda c: c["prompts"].update(width=336),
    "prompt height": lambda c: c["prompts"].update(height=208),
    "prompt seeds": lambda c: c["prompts"].update(seeds=[1, 0]),
    "no real set": lambda c: c.update(real=None),
    "real set's file": lambda c: c["real"].update(file="other.npz"),
    "real set's sha256": lambda c: c["real"].update(sha256="abd"),
}


@pytest.mark.parametrize("name", MUTATIONS)
def test_every_knob_of_a_protocol_moves_the_hash(name: str) -> None:
    content = copy.deepcopy(CONTENT)
    MUTATIONS[name](content)
    assert identity(content).hash != BASE


def test_a_protocol_that_ships_no_real_set_says_nothing_of_one() -> None:
    silent = {key: value for key, value in CONTENT.items() if key != "real"}
    assert "real" not in identity(silent).protocol
    assert identity(silent).hash == identity(silent | {"real": None}).hash != BASE


@pytest.mark.parametrize("name", list(METRIC_PARTS))
@pytest.mark.parametrize("change", [{"parameters": {"minimum_chroma": 2.5}}])
def test_a_metrics_parameter_moves_the_hash(name: str, change: dict[str, Any]) -> None:
    parts = METRIC_PARTS | {name: METRIC_PARTS[name] | change}
    assert identity(CONTENT, metrics=parts).hash != BASE


@pytest.mark.parametrize("key", list(EXTRACTOR_PARTS["lab_statistics"]))
def test_every_part_of_an_extractors_spec_moves_the_hash(key: str) -> None:
    changed = EXTRACTOR_PARTS["lab_statistics"] | {key: "other"}
    parts = EXTRACTOR_PARTS | {"lab_statistics": changed}
    assert identity(CONTENT, extractors=parts).hash != BASE


def test_the_decoder_moves_the_hash() -> None:
    assert identity(CONTENT, decoder="pyav-2").hash != BASE


def test_the_draft_mark_does_not_move_the_hash() -> None:
    assert identity(CONTENT | {"draft": True}).hash == BASE


def test_the_order_in_which_parts_are_given_does_not_move_the_hash() -> None:
    assert identity(dict(reversed(CONTENT.items()))).hash == BASE
    backwards = dict(reversed(EXTRACTOR_PARTS.items()))
    assert identity(CONTENT, extractors=backwards).hash == BASE


def test_a_pinned_version_that_is_not_here_is_refused() -> None:
    parts = METRIC_PARTS | {"colour_drift": {"version": 2, "parameters": {}}}
    with pytest.raises(
        ConfigError, match="pins colour_drift version 1, this lvbench has version 2"
    ):
        identity(CONTENT, metrics=parts)


def _other(value: Any) -> Any:
    return f"{value}x" if isinstance(value, str) else value + 1


@pytest.mark.parametrize("name", METRICS.names())
def test_every_parameter_of_every_metric_is_in_what_is_hashed(name: str) -> None:
    defaults = build_metric(name).parameters()
    canonical_json(defaults)
    for key, value in defaults.items():
        # Names of other metrics and extractors are checked: a made-up one is refused.
        if isinstance(value, int | float):
            other, changed = _accepted(name, key, value)
            assert changed == defaults | {key: other}


def _accepted(name: str, key: str, value: float) -> tuple[float, dict[str, Any]]:
    """Return a value near the default that the metric takes, and its parameters then."""
    for other in (value + 1, value - 1, value / 2, type(value)(value * 2)):
        try:
            return other, build_metric(name, {key: other}).parameters()
        except ConfigError:
            continue
    pytest.fail(f"{name} takes no other {key} than {value}")


@pytest.mark.parametrize("name", EXTRACTORS.names())
def test_every_parameter_of_every_extractor_is_in_what_is_hashed(name: str) -> None:
    import inspect

    spec = build_extractor(name).spec
    assert spec.name == name
    declared = set(inspect.signature(EXTRACTORS.get(name)).parameters)
    assert declared == set(spec.parameters)
    for key, value in spec.parameters.items():
        if isinstance(value, str):
            continue
        changed = build_extractor(name, {key: _other(value)}).spec.identity()
        assert canonical_json(changed) != canonical_json(spec.identity())


def test_the_identity_of_the_shipped_protocol_is_the_same_in_every_process() -> None:
    program = (
        "from lvbench.engine.video_pass.tools import build_tools\n"
        "from lvbench.protocol.load import load_protocol\n"
        "from lvbench.results.files import canonical_json\n"
        "print(canonical_json(build_tools(load_protocol('lvb-smoke@1')).identity.content()))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    here = canonical_json(build_tools(load_protocol("lvb-smoke@1")).identity.content())
    assert printed == {f"{here}\n".encode()}


def test_the_signature_is_one_line_of_this_form() -> None:
    tools = build_tools(load_protocol("lvb-smoke@1"))
    line = signature(tools.protocol, tools.identity, 9)
    assert re.fullmatch(
        r"lvb-smoke\|v:1(-draft)?\|n:9\|fps:24\|pre:[0-9a-f]{8}\|metrics:[0-9a-f]{8}\|weights:[0-9a-f]{8}"
        rf"\|ci:boot-t1000\|seed:0\|id:{tools.identity.hash[:12]}\|lvbench:{re.escape(__version__)}",
        line,
    )


def test_the_signature_has_the_released_protocol_and_its_weights() -> None:
    protocol = Protocol.model_validate(CONTENT)
    parts = {"clip": EXTRACTOR_PARTS["lab_statistics"] | {"weights": "f" * 64}}
    line = signature(protocol, identity(CONTENT, extractors=parts), 3)
    assert "|v:1|n:3|fps:24|" in line
    assert re.search(r"\|weights:[0-9a-f]{8}\|", line)


def test_the_signature_states_that_no_rate_is_requested() -> None:
    anything = CONTENT | {"prompts": None}
    line = signature(Protocol.model_validate(anything), identity(anything), 3)
    assert "|n:3|fps:any|" in line
