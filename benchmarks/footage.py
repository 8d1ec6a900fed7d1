"""Do the metrics side with people and with papers on clips of published models?

    python -m benchmarks.footage FOOTAGE RATINGS --out FOLDER [--protocol lvb-open]
        [--weights WEIGHTS] [--limit N] [--write docs/validity.md] [--figure docs/footage.svg]

FOOTAGE has clips of several models on the same prompts, with the labels of observers, in
`index.json`. Every clip is scored once; `--out` keeps the scores, and a second call resumes.
Nothing is tuned to these clips. No picture of them is written.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.agreement import Share, Side, mean_over, share, side, sides
from benchmarks.markdown import between, heading, row
from benchmarks.ratings import ratings_section
from lvbench.engine.evaluate import evaluate
from lvbench.metrics.registry import METRICS
from lvbench.report.tables.describe import describe
from lvbench.results.run import Run

BEGIN, END = "<!-- footage: begin -->", "<!-- footage: end -->"
_DRIFTS = ("exposure_drift", "colour_drift", "contrast_drift", "sharpness_drift", "delta_drift",
           "vde")  # fmt: skip
_SAME = ("clip_consistency", "motion_matched")
_SUBJECT = ("subject_consistency", "identity_drift", "vbench_subject_consistency",
            "vbench_long_subject_consistency", *_SAME)  # fmt: skip
_PLACE = ("background_consistency", "vbench_background_consistency",
          "vbench_long_background_consistency", *_SAME)  # fmt: skip
_MOTION = ("flow_smoothness", "warp_error", "fie", "incoherence", "incoherence.residual",
           "vbench_motion_smoothness")  # fmt: skip
KINDS: Mapping[str, tuple[str, ...]] = {
    "exposure/saturation drift": (*_DRIFTS, "noise_drift", "vbench_imaging_quality"),
    "blur or detail loss": ("sharpness_drift", "image_quality", "vbench_imaging_quality"),
    "identity change": _SUBJECT,
    "subject lost or duplicated": _SUBJECT,
    "background change": _PLACE,
    "jump or cut": ("shot_cuts", "seam", "time_order", *_MOTION, "vbench_temporal_flickering"),
    "shape melting": (*_MOTION, "image_quality", "vbench_imaging_quality"),
    "freeze/near-still": ("stillness", "freeze", "motion_magnitude", "vbench_dynamic_degree"),
    "repetition/loop": ("loop", "self_repetition"),
    "flicker": ("temporal_flicker", "vbench_temporal_flickering"),
    "prompt ignored": ("clip_text",),
    "seen: appearance": _DRIFTS,
    "seen: scene": _PLACE,
    "seen: subject": _SUBJECT,
    "rank: stays the same": (*_DRIFTS, *dict.fromkeys((*_SUBJECT, *_PLACE))),
    "rank: moves believably": (*_MOTION, "motion_matched", "temporal_flicker", "time_order",
                               "vbench_temporal_flickering"),
}  # fmt: skip
"""The metrics that are of a label's own kind."""
_MORE_IS_BETTER = {"motion_magnitude": True, "shot_cuts": False}  # where nothing else is known
# Sets whose page states no order; in the others the method is above what it is compared with.
_WITHOUT_ORDER = ("sf_comp", "sf_long", "ll_60s")
_ROLES = ("baseline", "ablation", "method")
_STUDIES = {
    "fifo_page": (("fifo_videocrafter2", "freenoise_videocrafter2"),),
}
"""Sets whose order is that of a user study: pairs of (preferred, other) models."""
MODELS = ("fifo_videocrafter2", "freenoise_videocrafter2", "lavie_seine")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A clip with its labels.

    Attributes:
        id: Its id in the run.
        path: Its file, within the footage.
        set: Its set.
        model: The model.
        group: Its set and prompt.
        role: `method`, `ablation`, `baseline` or another.
        strengths: Strength of each kind of label; 0 where an observer looked and saw none.
        prompts: The prompt schedule.
    """

    id: str
    path: str
    set: str
    model: str
    group: str
    role: str
    strengths: Mapping[str, float]
    prompts: tuple[dict[str, Any], ...]


def read_index(text: str) -> list[Labelled]:
    """Return the clips of an index."""
    return [_labelled(clip) for clip in json.loads(text)["clips"]]


def _labelled(clip: dict[str, Any]) -> Labelled:
    blind = clip.get("labels_blind")
    marks = blind if isinstance(blind, list) else clip.get("labels")
    found: dict[str, float] = {}
    if marks is not None:
        found = dict.fromkeys((k for k in KINDS if ":" not in k), 0.0)
        for mark in marks:
            kind = mark["label"]
            found[kind] = max(found.get(kind, 0.0), mark["strength"])
    found |= {f"seen: {what}": strength for what, strength in (clip.get("seen") or {}).items()}
    for kind in ("stays the same", "moves believably"):
        rank = clip.get(f"rank_{kind.replace(' ', '_')}")
        if rank is not None:
            found[f"rank: {kind}"] = rank
    prompts = clip.get("prompts") or ([{"text": clip["prompt"]}] if clip.get("prompt") else [])
    name = re.sub(r"[^A-Za-z0-9_-]", "-", Path(clip["path"]).with_suffix("").as_posix())
    group = f"{clip['set']}/{clip['id']}"
    return Labelled(name, clip["path"], clip["set"], clip["model"], group, clip["role"], found,
                    tuple(prompts))  # fmt: skip


def scored(
    clips: list[Labelled], footage: Path, out: Path, protocol: str, weights: Path | None
) -> Run:
    """Score the clips, or read what an earlier call scored."""
    out.mkdir(parents=True, exist_ok=True)
    manifest = out / f"{len(clips)}-clips.jsonl"
    lines = [
        {"path": str((footage / clip.path).resolve()), "id": clip.id, "cluster": clip.group}
        | ({"prompts": clip.prompts} if clip.prompts else {})
        for clip in clips
    ]
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    folder = out / f"run-{protocol}-{len(clips)}"
    return evaluate(manifest, out=folder, protocol=protocol, weights=weights, device="cpu")


def goodness(run: Run) -> dict[str, dict[str, float]]:
    """Return what each score of a single video gives each clip; higher is better."""
    found: dict[str, dict[str, float]] = {}
    wanted = {metric for metrics in KINDS.values() for metric in metrics}
    for key, score in run.scores.items():
        about = describe(key)
        name = _name(key)
        if about.of_sets or name not in wanted:
            continue
        sign = _sign(name, score.higher_is_better, about.statistic)
        values = {item.video.id: _value(item.metrics.get(about.record), about.component)
                  for item in run.items}  # fmt: skip
        found[key] = {clip: sign(value) for clip, value in values.items() if value is not None}
    return {key: values for key, values in found.items() if values}


def _name(key: str) -> str:
    return key.partition("@")[0]


def _value(score: Any, component: str | None) -> float | None:
    if score is None or score.value is None:
        return None
    return score.value if component is None else score.components.get(component)


def _sign(name: str, higher_is_better: bool | None, statistic: str) -> Any:
    better = _MORE_IS_BETTER.get(name, higher_is_better)
    if better is None or statistic == "median_absolute":
        return lambda value: -abs(value)
    return (lambda value: value) if better else (lambda value: -value)


def of_its_kind(
    clips: list[Labelled], values: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, str, Share]]:
    """Yield kind, score and share for every score of a label's own kind."""
    groups = {clip.id: clip.group for clip in clips}
    for kind, metrics in KINDS.items():
        badness = {c.id: c.strengths[kind] for c in clips if kind in c.strengths}
        for key in sorted(values, key=lambda key: describe(key).order):
            if _name(key) in metrics:
                found = share(sides(values[key], badness, groups))
                if found is not None:
                    yield kind, key, found


def orders(clips: list[Labelled]) -> Iterator[tuple[Labelled, Labelled]]:
    """Yield every pair of clips of a prompt that a paper orders, the better first."""
    groups = defaultdict[str, list[Labelled]](list)
    for clip in clips:
        groups[clip.group].append(clip)
    for members in groups.values():
        for better in members:
            for worse in members:
                if _above(better, worse):
                    yield better, worse


def _above(better: Labelled, worse: Labelled) -> bool:
    if better.set in _STUDIES:
        return (better.model, worse.model) in _STUDIES[better.set]
    if better.set in _WITHOUT_ORDER or not {better.role, worse.role} <= set(_ROLES):
        return False
    return _ROLES.index(better.role) > _ROLES.index(worse.role)


def with_papers(
    clips: list[Labelled], values: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, Share, dict[str, str]]]:
    """Yield score, share and right of pairs by set, for every score with ordered pairs."""
    ordered = list(orders(clips))
    for key in sorted(values, key=lambda key: describe(key).order):
        given = values[key]
        found = [
            (one.set, Side(one.group, side(given[one.id] - given[other.id], 1.0)))
            for one, other in ordered
            if one.id in given and other.id in given
        ]
        total = share(s for _, s in found)
        if total is not None:
            by_set = defaultdict[str, list[float]](list)
            for name, one_side in found:
                by_set[name].append(one_side.right)
            yield key, total, {n: f"{sum(v):g}/{len(v)}" for n, v in by_set.items()}


def three_models(clips: list[Labelled], run: Run) -> Iterator[list[str]]:
    """Yield a row of means over the prompts of three models, for every headline with a value."""
    ids = {(clip.model, clip.group): clip.id for clip in clips}
    groups = sorted({g for _, g in ids if all((model, g) in ids for model in MODELS)})
    items = {item.video.id: item for item in run.items}
    for key in sorted(run.scores, key=lambda key: describe(key).order):
        about = describe(key)
        if about.of_sets or about.component is not None:
            continue
        table = [
            [_value(items[ids[model, g]].metrics.get(about.record), None) for g in groups]
            for model in MODELS
        ]
        rows = [r for r in zip(*table, strict=True) if None not in r]
        if len(rows) < 2:
            continue
        absolute = about.statistic == "median_absolute"
        columns = [map(abs, c) if absolute else c for c in zip(*rows, strict=True)]
        cells = [_interval(*mean_over(column)) for column in columns]
        title = _title(key) + (", |x|" if absolute else "")
        yield [title, _arrow(run, key), str(len(rows)), *cells]


def _arrow(run: Run, key: str) -> str:
    return {True: "higher", False: "lower", None: ""}[run.scores[key].higher_is_better]


def _interval(value: float, low: float | None, high: float | None) -> str:
    return f"{value:.3g}" + ("" if low is None else f" [{low:.3g}, {high:.3g}]")


def _share(found: Share) -> list[str]:
    limits = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    return [f"{found.value:.2f}{limits}", f"{found.pairs} / {found.groups}"]


def _title(key: str) -> str:
    return f"VBench: `{key}`" if key.startswith("vbench_") else f"`{key}`"


def section(clips: list[Labelled], run: Run) -> str:
    """Return the Markdown of labels, papers and models."""
    values = goodness(run)
    scored_ids = {item.video.id for item in run.items if item.video.status == "ok"}
    seen = [clip for clip in clips if clip.id in scored_ids]
    record = run.record.protocol
    lines = [
        "## Clips of published models\n",
        f"Generated by `make footage`: {len(seen)} of {len(clips)} clips, scored by {record.name} "
        f"v{record.version}. Nothing was tuned to them. A pair is two clips of one prompt and set "
        "that the label marks differently; ties count half; 95 % bootstrap intervals over prompts. "
        "Scores without a direction count by magnitude. The labels are those of one observer who "
        "did not see the model's name, from contact sheets; `seen` is a second observer's. With "
        "few prompts the interval is too narrow; with a single prompt there is none.\n",
        "### Labels of the metric's own kind\n",
        heading(["label", "score", "right", "pairs / prompts"]),
        *(row([kind, _title(key), *_share(s)]) for kind, key, s in of_its_kind(seen, values)),
        "\nLabels without a row differ in no pair, or the protocol has no score of their kind.\n",
        "### The order that papers state\n",
        "The method above what its page compares it with; `fifo_page`: the user study's FIFO above "
        "FreeNoise.\n",
    ]
    papers = list(with_papers(seen, values))
    sets = sorted({name for _, _, by_set in papers for name in by_set})
    lines += [
        heading(["score", "right", "pairs / prompts", *sets]),
        *(row([_title(k), *_share(s), *(by.get(n, "") for n in sets)]) for k, s, by in papers),
        "\n### Three models on the same prompts\n",
        "Means over prompts with 95 % bootstrap intervals.\n",
        heading(["score", "better", "prompts", *MODELS]),
        *map(row, three_models(seen, run)),
    ]
    missing = sorted(k for k, s in run.scores.items() if s.status == "unavailable" and k in METRICS)
    if missing:
        lines.append(f"\nWithout their weights: {', '.join(missing)}.")
    return "\n".join(lines)


def main() -> None:
    """Print the section, or write it between its markers in a page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("footage", type=Path)
    options.add_argument("ratings", type=Path)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--protocol", default="lvb-open")
    options.add_argument("--weights", type=Path)
    options.add_argument("--limit", type=int)
    options.add_argument("--write", type=Path)
    options.add_argument("--figure", type=Path)
    chosen = options.parse_args()
    clips = read_index((chosen.footage / "index.json").read_text("utf-8"))[: chosen.limit]
    run = scored(clips, chosen.footage, chosen.out, chosen.protocol, chosen.weights)
    text = f"{section(clips, run)}\n\n{ratings_section(chosen.ratings)}"
    if chosen.figure is not None:
        from benchmarks.footage_figure import write_figure

        found = list(of_its_kind(clips, goodness(run)))
        write_figure(chosen.figure, found)
        text += f"\n\n![Share of pairs in which a score sides with the label]({chosen.figure.name})"
    if chosen.write is None:
        print(text)
        return
    chosen.write.write_text(between(chosen.write.read_text("utf-8"), BEGIN, END, text), "utf-8")


if __name__ == "__main__":
    main()
