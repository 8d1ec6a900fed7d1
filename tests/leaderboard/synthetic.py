"""Runs of shipped protocols whose items are drawn from a known model: no video is made."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.engine.aggregation.feature_sets import gathered, set_extractors
from lvbench.engine.aggregation.recompute import counts
from lvbench.engine.video_pass.feature_store import kept_by_extractor
from lvbench.engine.video_pass.tools import Setting, Tools, build_tools
from lvbench.protocol.identity import signature
from lvbench.protocol.load import load_protocol, protocols_folder
from lvbench.protocol.lock import lock_text
from lvbench.results.files import canonical_json
from lvbench.results.journal import write_item
from lvbench.results.real_set_file import read_real_set
from lvbench.results.schema import (
    ItemRecord,
    ItemScore,
    ProtocolRecord,
    RunRecord,
    Series,
    VideoRecord,
)

GATES = ("stillness", "loop", "incoherence")


def tools_for(name: str) -> Tools:
    """Return a shipped protocol's metrics and extractors."""
    protocol = load_protocol(name)
    return build_tools(protocol, Setting(real=protocol.real.sha256 if protocol.real else None))


def make_items(
    tools: Tools, *, videos: int, fault: float = 0.0, seed: int = 0, frozen: float = 0.0
) -> tuple[list[ItemRecord], dict[str, dict[str, np.ndarray]]]:
    """Return item records and features of so many videos.

    Args:
        tools: The protocol's metrics.
        videos: How many; the prompts of all runs are the same.
        fault: What is added to every score in its bad direction, in units of the spread between
            the videos of one prompt.
        seed: Of this run's own noise.
        frozen: Share of every video that stands still.
    """
    own = np.random.default_rng(1000 + seed)
    items, arrays = [], {}
    for number in range(videos):
        prompt = np.random.default_rng(number)
        name = f"clip-{number:03d}-seed0"
        metrics = {
            key: _score(metric, prompt, own, fault, frozen if key == "stillness" else None)
            for key, metric in tools.metrics.items()
        }
        video = VideoRecord(
            id=name, path=f"{name}.mp4", sha256=f"{number:064x}", cluster=f"prompt{number:03d}",
            seed=0, duration=60.0,
        )  # fmt: skip
        kept = {}
        for extractor in set_extractors(tools):
            (array,) = kept_by_extractor(tools)[extractor].arrays
            kept[f"{extractor}.t"] = np.arange(30.0) * 2
            features = own.normal(0.3 * fault, 1.0, (30, 64))
            kept[f"{extractor}.{array}"] = features.astype(np.float32)
        arrays[name] = kept
        items.append(ItemRecord(identity=tools.identity.hash, video=video, metrics=metrics))
    return items, arrays


def _score(metric: Any, prompt: Any, own: Any, fault: float, frozen: float | None) -> ItemScore:
    info = metric.info
    if metric.of_sets:
        return ItemScore(value=30.0)
    if frozen is not None or info.name in GATES:
        return ItemScore(value=frozen or 0.0)
    # The prompt's own level is common to all models: what pairing takes away.
    common, noise = float(prompt.normal(0, 3)), float(own.normal(0, 1))
    size = noise + (-fault if info.headline.higher_is_better else fault)
    value = _within(10 + common + size, info.range)
    components = {
        name: abs(value)
        if what.statistic == "time_to_event"
        else _within(value + 0.1 * i, what.range)
        for i, (name, what) in enumerate(info.components.items(), 1)
    }
    t = (np.arange(40) + 0.5) * 1.5
    series = {}
    if info.series:
        y = 50 + fault * t / 60 + own.normal(0, 0.3, len(t))
        series[next(iter(info.series))] = Series(t=t.tolist(), y=y.tolist())
    if info.name == "cost":
        components = {"length": 60.0, "seconds_per_second": value}
    return ItemScore(value=value, components=components, series=series)


def _within(value: float, limits: tuple[float | None, float | None]) -> float:
    low, high = limits
    if low is not None and high is not None:
        return low + (high - low) * min(1.0, max(0.0, 0.5 + value / 60))
    return abs(value) + low if low is not None else value


def record_of(
    tools: Tools, items: list[ItemRecord], arrays: dict[str, dict[str, np.ndarray]]
) -> RunRecord:
    """Return the record of a complete run of these items."""
    protocol = tools.protocol
    references = {}
    if protocol.real is not None:
        reference = read_real_set(protocols_folder() / protocol.real.file)
        references = {str(reference.provenance["name"]): reference}
    slim = [item.without_curves() for item in items]
    sets = gathered(tools, slim, lambda item: arrays[item.video.id])
    return RunRecord(
        status="complete",
        title="synthetic",
        protocol=ProtocolRecord(
            name=protocol.name, version=protocol.version, draft=protocol.draft,
            hash=tools.identity.hash,
        ),
        signature=signature(protocol, tools.identity, len(items)),
        videos=counts(items),
        scores=aggregate(tools, slim, sets, references),
        environment={},
        timing={},
    )  # fmt: skip


def write_run(folder: Path, protocol: str = "lvb-smoke", **drawn: Any) -> Path:
    """Write a run folder; `drawn` are arguments of `make_items`."""
    tools = tools_for(protocol)
    items, arrays = make_items(tools, **{"videos": 12, **drawn})
    return write_items(folder, tools, items, arrays)


def write_items(
    folder: Path,
    tools: Tools,
    items: list[ItemRecord],
    arrays: dict[str, dict[str, np.ndarray]],
    *,
    released: bool = False,
) -> Path:
    """Write a run folder of these items; `released` has it count as of a released protocol."""
    folder.mkdir(parents=True)
    for item in items:
        write_item(folder, item, arrays[item.video.id] or None)
    record = record_of(tools, items, arrays)
    if released:
        told = record.protocol.model_copy(update={"draft": False})
        record = record.model_copy(update={"protocol": told})
    (folder / "protocol.lock.yaml").write_text(lock_text(tools.identity), "utf-8")
    (folder / "run.json").write_text(canonical_json(record.model_dump()), "utf-8")
    return folder
