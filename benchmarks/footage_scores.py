"""Score clips once, and again only by metrics whose code, parameters or weights changed."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lvbench.engine.evaluate import evaluate
from lvbench.engine.video_pass.tools import Setting
from lvbench.report.tables.describe import component_key
from lvbench.results.run import read_items
from lvbench.results.schema import ItemScore
from lvbench.validity.instruments import Instruments, choose

_KEPT = "kept.json"


@dataclass(frozen=True, slots=True)
class Values:
    """One score of every clip.

    Attributes:
        key: Key of the score.
        higher_is_better: Its direction; None without one.
        statistic: How videos become one number.
        by_clip: Value by id of the clip, where it has one.
    """

    key: str
    higher_is_better: bool | None
    statistic: str
    by_clip: dict[str, float]


def instruments_of(names: Sequence[str], left_out: Sequence[str], setting: Setting) -> Instruments:
    """Return the metrics of these names in all variants that a protocol has.

    Args:
        names: Names of metrics, without extractor.
        left_out: Extractors whose metrics are left out.
        setting: Where weights are and networks run.
    """
    every = choose(with_gates=False, setting=setting)
    keys = [
        key
        for key in every.keys
        if key.partition("@")[0] in names and not _reads(key, every) & set(left_out)
    ]
    return choose(keys, with_gates=False, setting=setting)


def _reads(key: str, every: Instruments) -> set[str]:
    """Return the extractors that a metric, or one that it is derived from, reads."""
    metric = every.metrics[key]
    sources = [_reads(source, every) for source in metric.sources if source in every.metrics]
    return set(metric.needs).union(*sources)


def scored(
    lines: Sequence[dict[str, Any]],
    instruments: Instruments,
    out: Path,
    setting: Setting,
    workers: int,
) -> dict[str, dict[str, ItemScore]]:
    """Return what each metric gives each clip, by key and id; earlier results are kept.

    Args:
        lines: The manifest.
        instruments: The metrics.
        out: Folder of the results; a second call resumes.
        setting: Where weights are and networks run.
        workers: Processes.
    """  # fmt: skip
    text = "".join(json.dumps(line) + "\n" for line in lines)
    folder = out / _digest(text)
    folder.mkdir(parents=True, exist_ok=True)
    manifest, file = folder / "manifest.jsonl", folder / _KEPT
    manifest.write_text(text, "utf-8")
    kept: dict[str, list[str]] = json.loads(file.read_text("utf-8")) if file.exists() else {}
    identities = instruments.identities
    stale = [k for k in instruments.runnable if kept.get(k, [""])[0] != identities[k]]
    if stale:
        protocol = instruments.only(stale)
        run = _digest(json.dumps([identities[k] for k in stale]))
        evaluate(manifest, out=folder / run, protocol=protocol, workers=workers,
                 weights=setting.weights, device=setting.device)  # fmt: skip
        kept |= {k: [identities[k], run] for k in stale}
        file.write_text(json.dumps(kept, indent=1), "utf-8")
        for old in folder.iterdir():
            if old.is_dir() and old.name not in {run for _, run in kept.values()}:
                shutil.rmtree(old)
    runs = {run: read_items(folder / run) for _, run in kept.values()}
    return {
        key: {item.video.id: item.metrics[key] for item in runs[kept[key][1]]
              if key in item.metrics}
        for key in instruments.runnable
    }  # fmt: skip


def values_of(
    instruments: Instruments, found: dict[str, dict[str, ItemScore]], component: str = ""
) -> list[Values]:
    """Return the headline of every metric, or a component of those that have it."""
    values = []
    for key in instruments.keys:
        info = instruments.metrics[key].info
        about = info.components.get(component) if component else info.headline
        by_clip = {
            clip: value
            for clip, score in found.get(key, {}).items()
            if (value := score.components.get(component) if component else score.value) is not None
        }
        if about is not None and by_clip:
            name = component_key(key, component) if component else key
            values.append(Values(name, about.higher_is_better, about.statistic, by_clip))
    return values


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]
