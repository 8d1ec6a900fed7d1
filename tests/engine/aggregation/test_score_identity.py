"""A score's identity moves with all that can move its number, and with nothing else."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from lvbench.engine.aggregation.score_identity import ScoreIdentities, differing_scores
from lvbench.engine.video_pass.tools import Setting, build_tools
from lvbench.metrics.registry import METRICS
from lvbench.metrics.sets.diversity import Diversity
from lvbench.metrics.sets.self_repetition import SelfRepetition
from lvbench.protocol.identity import Identity
from lvbench.protocol.load import load_protocol
from lvbench.protocol.lock import lock_text
from lvbench.protocol.locked import parse_lock
from lvbench.protocol.schema import Protocol, metric_key
from tests.metrics.feature_sets import reference
from tests.metrics.image_features import image_set, video

ROOT = Path(__file__).resolve().parents[3]
SHA = "ab" * 32
Edit = Callable[[dict[str, Any]], None]


@cache
def shipped() -> Protocol:
    return load_protocol("lvb-60s")


def identity(edit: Edit | None = None, **parts: Any) -> Identity:
    """Return the identity of lvb-60s, its networks with weights, after an edit of the protocol."""
    content = shipped().model_dump()
    if edit is not None:
        edit(content)
    tools = build_tools(Protocol.model_validate(content), Setting())
    extractors = {
        name: spec | {"weights": SHA}
        if getattr(tools.extractors.get(name), "weights", True)
        else spec
        for name, spec in tools.identity.extractors.items()
    }
    return replace(tools.identity, **{"extractors": extractors, **parts})


@cache
def base() -> Identity:
    return identity()


@cache
def keys() -> tuple[str, ...]:
    """Return every score of lvb-60s."""
    tools = build_tools(shipped(), Setting())
    metrics = [*tools.metrics.values(), *(metric for metric, _ in tools.unavailable.values())]
    return tuple(
        metric.suffixed(name)
        for metric in metrics
        for name in (
            metric.info.name,
            *(f"{metric.info.name}.{part}" for part in metric.info.components),
        )
    )


def moved(other: Identity) -> dict[str, str]:
    return differing_scores(base(), other, keys())


def test_a_real_set_moves_the_scores_that_read_one_and_no_others() -> None:
    found = moved(identity(real=SHA))
    assert set(found.values()) == {"other real set"}
    metrics = {metric_key(key) for key in found}
    assert {"fvd", "fvd_inf", "kvd", "precision_recall", "memorisation"} <= metrics
    assert {"diversity.real", "self_repetition.real"} <= found.keys()
    assert not {"diversity", "self_repetition", "diversity.share", "exposure_drift"} & found.keys()
    one, two = identity(real=SHA), identity(real="cd" * 32)
    assert differing_scores(one, two, keys()).keys() == found.keys()


def test_a_missing_network_moves_the_scores_that_read_it_and_what_is_derived_from_them() -> None:
    extractors = {k: dict(v) for k, v in base().extractors.items()}
    extractors["mobilenet_v2"]["weights"] = None
    found = moved(replace(base(), extractors=extractors))
    assert found["diversity"] == "weights of mobilenet_v2 missing in one run"
    source = "clip_consistency@mobilenet_v2"
    assert found["motion_matched"].startswith(f"{source}: weights of mobilenet_v2")
    assert {source, "clip_consistency.end_level@mobilenet_v2", "memorisation"} <= found.keys()
    assert not {"clip_consistency", "vde", "fvd", "exposure_drift"} & found.keys()
    extractors["mobilenet_v2"]["weights"] = "cd" * 32
    assert moved(replace(base(), extractors=extractors))["diversity"] == (
        "other weights of mobilenet_v2"
    )


def test_the_length_of_a_segment_moves_the_scores_that_have_segments() -> None:
    found = moved(identity(lambda p: p.update(segment_seconds=0.5)))
    assert found["exposure_drift"] == "other segment length"
    assert found["vde"] == "sharpness_drift: other segment length"
    assert not {"fvd", "diversity", "cost", "av_sync", "sound_events"} & found.keys()


def test_a_parameter_of_one_metric_moves_it_and_what_is_derived_from_it() -> None:
    def edit(protocol: dict[str, Any]) -> None:
        (own,) = (m for m in protocol["metrics"] if m["name"] == "sharpness_drift")
        own["parameters"] = {"floor": 0.02}

    found = moved(identity(edit))
    assert found["sharpness_drift"] == "other parameter floor"
    assert {metric_key(key) for key in found} == {"sharpness_drift", "vde", "delta_drift"}


def _version(name: str) -> Identity:
    metrics = {k: dict(v) for k, v in base().metrics.items()}
    metrics[name]["version"] += 1
    return replace(base(), metrics=metrics)


def test_the_version_of_a_metric_moves_a_components_score_by_its_source_alone() -> None:
    found = moved(_version("temporal_flicker"))
    assert {metric_key(key) for key in found} == {"temporal_flicker", "vde", "delta_drift"}
    assert {key for key in found if key.startswith(("vde", "delta_drift"))} == {
        "vde.temporal_flicker",
        "delta_drift.temporal_flicker",
    }
    assert found["temporal_flicker"] == "other version of the metric"


def test_a_gate_moves_the_scores_that_it_guards() -> None:
    found = moved(identity(lambda p: p["gates"][0].update(share=0.5)))
    gated = {
        k for k in keys() if "stillness" in METRICS.get(metric_key(k).split("@")[0]).info.gates
    }
    assert found.keys() == gated
    assert set(found.values()) == {"other gate stillness"}
    # What changes the gate's own number changes what it lets pass.
    assert "stillness" in moved(_version("stillness"))
    assert moved(_version("stillness")).keys() >= gated


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (lambda: replace(base(), decoder="another"), "other decoder"),
        (lambda: identity(lambda p: p["interval"].update(resamples=500)), "other interval"),
        (lambda: identity(lambda p: p["prompts"].update(sha256=SHA)), "other prompts (sha256)"),
        (lambda: identity(lambda p: p["prompts"].update(seconds=30.0)), "other prompts (seconds)"),
        (lambda: identity(lambda p: p["prompts"].update(seeds=[1])), "other prompts (seeds)"),
    ],
)
def test_what_reaches_every_score_moves_all(other: Callable[[], Identity], reason: str) -> None:
    found = moved(other())
    assert found.keys() == set(keys())
    assert all(reason in why for why in found.values())


@pytest.mark.parametrize(
    "edit",
    [
        lambda p: p.update(name="another"),
        lambda p: p.update(version=2),
        lambda p: p.update(draft=False),
        lambda p: p["clips"].update(minimum=1),
        lambda p: p["prompts"].update(file="another.jsonl"),
        lambda p: p["prompts"].update(revision=9),
        lambda p: p.update(
            summary=[{"score": "exposure_drift", "weight": 1.0, "worst": 9.0, "best": 0.0}]
        ),
    ],
)
def test_what_moves_no_number_moves_no_score(edit: Edit) -> None:
    assert moved(identity(edit)) == {}


def test_the_lock_gives_the_same_identities_as_the_run() -> None:
    locked = parse_lock(lock_text(base())).identity
    ours, theirs = ScoreIdentities(base()), ScoreIdentities(locked)
    assert [ours.short(key) for key in keys()] == [theirs.short(key) for key in keys()]
    assert len({ours.short(key) for key in keys()}) == len(keys())
    assert all(re.fullmatch(r"[0-9a-f]{12}", ours.short(key)) for key in keys())


def test_of_a_metric_that_is_not_installed_everything_counts() -> None:
    other = replace(base(), real=SHA)
    assert differing_scores(base(), other, ["strange", "strange.part"]).keys() == {
        "strange",
        "strange.part",
    }


CONTRACTS = {"base", "functional", "set_functional", "column_metric"}


def modules_behind(module: str, seen: set[str]) -> Iterator[str]:
    """Yield the source of a metric's module and of the modules of metrics/ that it imports."""
    if module in seen or module.removeprefix("lvbench.metrics.") in CONTRACTS:
        return
    seen.add(module)
    source = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py").read_text("utf-8")
    yield source
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("lvbench.metrics."):
            yield from modules_behind(str(node.module), seen)


@pytest.mark.parametrize("name", sorted(METRICS))
def test_a_metric_without_segments_never_asks_for_their_length(name: str) -> None:
    metric = METRICS.get(name)
    if not metric.reads_segments and not metric.info.needs_metrics:
        sources = list(modules_behind(metric.__module__, set()))
        assert not any(".segment_seconds" in source for source in sources)


@pytest.mark.parametrize("metric", [Diversity(), SelfRepetition()])
def test_of_a_metric_that_judges_a_set_by_itself_only_what_reads_the_real_set_moves(
    metric: Diversity | SelfRepetition,
) -> None:
    fake = image_set([video(i) for i in range(4)], [f"p{i // 2}" for i in range(4)])
    options = {"failed": 0, "resamples": 100, "seed": 0}
    alone = metric.aggregate_sets(fake, None, **options)
    for first in (100, 200):
        real = reference(image_set([video(first + i) for i in range(6)]))
        both = metric.aggregate_sets(fake, real, **options)
        assert {k for k in alone if alone[k] != both[k]} == {
            k for k in alone if metric.reads_real(k)
        }
