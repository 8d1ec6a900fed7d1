"""Build a run folder from the schema's models: what the engine writes, without running it."""

from __future__ import annotations

import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from lvbench.metrics import cost
from lvbench.metrics.generation.cost import Cost
from lvbench.results.files import canonical_json
from lvbench.results.schema import (
    Event,
    Gate,
    ItemRecord,
    ItemScore,
    ProtocolRecord,
    RunRecord,
    Score,
    Series,
    VideoRecord,
)

HASH = "0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0"
SIGNATURE = (
    "lvb-smoke|v:1|n:6|fps:24|pre:a1b2c3d4|metrics:5e6f7a8b|weights:none|ci:boott1000|seed:0"
    "|id:0f1e2d3c4b5a|lvbench:0.1.0"
)
SEGMENT = 0.5
DRIFTS = {
    "exposure_drift": ("lightness", "L*", False, 9.0),
    "colour_drift": ("chroma", "C*", False, 4.0),
    "sharpness_drift": ("sharpness", "dB", True, -6.0),
}
PLAIN = {
    "temporal_flicker": ("flicker", "levels", False),
    "flow_smoothness": ("acceleration", "1/s", False),
    "motion_magnitude": ("magnitude", "diagonals/s", None),
}


def make_run(
    folder: Path,
    *,
    videos: int = 6,
    seconds: float = 30.0,
    shift: float = 0.0,
    names: list[str] | None = None,
    failed: bool = True,
    title: str = "six clips",
    protocol_hash: str = HASH,
    status: str = "complete",
    thumbnails: bool = True,
) -> Path:
    """Write a run of so many videos; `shift` worsens every drift by that factor of its size."""
    names = names or [f"clip_{i}" for i in range(videos)]
    items = [_item(i, name, seconds - 4 * (i % 3), shift) for i, name in enumerate(names)]
    if failed:
        items[-1] = _failed(items[-1])
    (folder / "items").mkdir(parents=True, exist_ok=True)
    for item in items:
        path = folder / "items" / f"{item.video.id}.json"
        path.write_text(canonical_json(item.model_dump(), indent=1), "utf-8")
    if thumbnails:
        for item in items:
            if item.video.status == "ok":
                _filmstrip(folder / "thumbnails", item.video.id, item.video.duration or 1.0)
    record = RunRecord(
        status=status,
        reasons=[] if status == "complete" else ["--limit 6 of 12 videos"],
        title=title,
        protocol=ProtocolRecord(name="lvb-smoke", version=1, draft=False, hash=protocol_hash),
        signature=SIGNATURE if status == "complete" else None,
        videos={"expected": len(items), "failed": int(failed), "with_failed_metrics": 0},
        scores=_scores(items),
        environment={"python": "3.11.2", "packages": {"numpy": "2.0"}, "cores": 2},
        timing={"seconds": 12.5},
    )
    content = canonical_json(record.model_dump(), indent=1)
    (folder / "run.json").write_text(content, "utf-8")
    return folder


def change_score(folder: Path, key: str, **changes: Any) -> None:
    """Rewrite one score of run.json."""
    file = folder / "run.json"
    content = json.loads(file.read_text("utf-8"))
    content["scores"][key].update(changes)
    file.write_text(json.dumps(content), "utf-8")


def add_score(folder: Path, key: str, **fields: Any) -> None:
    """Add a score to run.json that no item stands behind."""
    file = folder / "run.json"
    content = json.loads(file.read_text("utf-8"))
    content["scores"][key] = Score(**fields).model_dump()
    file.write_text(json.dumps(content), "utf-8")


def add_cost(folder: Path, seconds_per_second: list[float], lengths: list[float]) -> None:
    """Add to a run what its videos took, by the metric's own code; failed videos have none."""
    metric = Cost()
    items = []
    for file, value, length in zip(
        sorted((folder / "items").glob("*.json")), seconds_per_second, lengths, strict=True
    ):
        item = ItemRecord.model_validate_json(file.read_text("utf-8"))
        if item.video.status == "ok":
            told = {"seconds": value * length, "generated_seconds": length, "peak_bytes": 3e8}
            metrics = {**item.metrics, "cost": cost(told)}
            item = item.model_copy(update={"metrics": metrics})
            file.write_text(canonical_json(item.model_dump(), indent=1), "utf-8")
        items.append(item)
    content = json.loads((folder / "run.json").read_text("utf-8"))
    found = metric.aggregate(items, resamples=200, seed=0)
    content["scores"] |= {key: score.model_dump() for key, score in found.items()}
    (folder / "run.json").write_text(json.dumps(content), "utf-8")


def _item(number: int, name: str, seconds: float, shift: float) -> ItemRecord:
    random = np.random.default_rng(number)
    t = (np.arange(int(seconds / SEGMENT)) + 0.5) * SEGMENT
    metrics: dict[str, ItemScore] = {}
    for metric, (series, _, _, size) in DRIFTS.items():
        rise = size * (1 + shift) * (1 + 0.1 * number)
        y = 50 + np.clip((t - 12) / 10, 0, 1) * rise + random.normal(0, 0.4, len(t))
        prefix = "chroma_" if metric == "colour_drift" else ""
        parts = {f"{prefix}end_level": rise, f"{prefix}slope_per_minute": 2 * rise} | (
            {f"{prefix}onset": 12.0 + number} if number != 1 else {}
        )
        metrics[metric] = ItemScore(value=rise, components=parts, series={series: _series(t, y)})
    for metric, (series, _, _) in PLAIN.items():
        y = 1 + 0.2 * np.sin(t) + random.normal(0, 0.05, len(t))
        metrics[metric] = ItemScore(value=float(y.mean()), series={series: _series(t, y)})
    if number == 2:
        metrics["flow_smoothness"] = ItemScore(
            status="not_applicable", code="no_motion", detail="98 % of the video is frozen"
        )
    frozen = [Event(kind="freeze", start=5.0, end=8.0)] if number == 2 else []
    metrics["freeze"] = ItemScore(value=len(frozen) * 3.0 / seconds, events=frozen)
    looped = [Event(kind="loop", start=10.0, end=20.0, details={"period": 2.5})]
    metrics["loop"] = ItemScore(value=0.3 if number == 3 else 0.0, events=looped * (number == 3))
    cuts = [Event(kind="cut", start=9.0, end=9.0)] if number == 1 else []
    metrics["shot_cuts"] = ItemScore(value=float(len(cuts)), events=cuts)
    seams = [Event(kind="seam", start=s, end=s, details={"contrast": 3.1}) for s in (6.0, 12.0)]
    metrics["seam"] = ItemScore(value=3.1 + shift, events=seams)
    video = VideoRecord(
        id=name, path=f"{name}.mp4", sha256="ab" * 32, width=1280, height=720, fps=24.0,
        frames=int(24 * seconds), duration=seconds, codec="h264", cluster=name,
    )  # fmt: skip
    return ItemRecord(identity=HASH, video=video, metrics=metrics)


def _failed(item: ItemRecord) -> ItemRecord:
    detail = "the file ends after 12.1 of 20.0 s"
    lost = ItemScore(status="failed", code="video_truncated", detail=detail)
    video = item.video.model_copy(
        update={"status": "failed", "code": "video_truncated", "detail": detail}
    )
    return item.model_copy(update={"video": video, "metrics": dict.fromkeys(item.metrics, lost)})


def _series(t: np.ndarray, y: np.ndarray) -> Series:
    return Series(t=t.tolist(), y=y.tolist())


def _scores(items: list[ItemRecord]) -> dict[str, Score]:
    directions: dict[str, tuple[bool | None, str]] = {
        **{name: (better, unit) for name, (_, unit, better, _) in DRIFTS.items()},
        **{name: (better, unit) for name, (_, unit, better) in PLAIN.items()},
        "freeze": (False, ""), "loop": (False, ""), "shot_cuts": (None, ""), "seam": (False, ""),
    }  # fmt: skip
    scores: dict[str, Score] = {}
    for metric, (better, unit) in directions.items():
        prefix = "chroma_" if metric == "colour_drift" else ""
        drifts = (f"{prefix}end_level", f"{prefix}onset") if metric in DRIFTS else ()
        for component in ("", *drifts):
            of_metric = [item.metrics[metric] for item in items]
            found = [
                s.components.get(component) if component else s.value
                for s in of_metric
                if s.status == "ok"
            ]
            values = [v for v in found if v is not None]
            if metric in ("exposure_drift", "colour_drift") and not component:
                values = [abs(v) for v in values]
            failures = sum(s.status == "failed" for s in of_metric)
            if not values:
                scores[f"{metric}.{component}" if component else metric] = Score(
                    n_expected=failures, n_scored=0, n_failed=failures, unit=unit,
                    higher_is_better=better, status="failed", code="all_failed",
                )  # fmt: skip
                continue
            middle = float(np.median(values))
            half = float(np.std(values)) / math.sqrt(len(values)) * 2 + 0.01
            scores[f"{metric}.{component}" if component else metric] = Score(
                value=middle, ci_low=middle - half, ci_high=middle + half, ci_method="boot-t",
                n_expected=len(values) + failures, n_scored=len(values), n_failed=failures,
                higher_is_better=None if component else better,
                unit="s" if component.endswith("onset") else unit,
                gates=[Gate(metric="freeze", share=0.0, limit=0.1, n=10, n_failed=0)]
                if metric == "flow_smoothness" else [],
            )  # fmt: skip
    return scores


def _filmstrip(folder: Path, name: str, seconds: float) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    count, width, height = 16, 160, 90
    strip = np.zeros((height, width * count, 3), np.uint8)
    for i in range(count):
        frame = strip[:, i * width : (i + 1) * width]
        frame[:] = (60 + 8 * i, 90, 160 - 6 * i)
        frame[30:60, 8 * i : 8 * i + 30] = 230
    buffer = io.BytesIO()
    Image.fromarray(strip).save(buffer, "JPEG", quality=85)
    (folder / f"{name}.jpg").write_bytes(buffer.getvalue())
    times = [(i + 0.5) * seconds / count for i in range(count)]
    layout = {"t": times, "width": width, "height": height}
    (folder / f"{name}.json").write_text(json.dumps(layout), "utf-8")
