"""Do the metrics side with people and with papers on clips of published models?

    python -m benchmarks.footage FOOTAGE RATINGS --out FOLDER [--weights WEIGHTS] [--limit N]
        [--without EXTRACTOR ...] [--workers N] [--write docs/validity.md] [--figure docs/F.svg]

FOOTAGE has clips of several models on the same prompts, with the labels of observers, in
`index.json`. `--out` keeps the scores: a second call resumes, and scores only by metrics whose
code, parameters or weights changed. Nothing is tuned to these clips; no picture of them is written.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.agreement import Share, Side, mean_over, share, side, sides
from benchmarks.footage_scores import Values, instruments_of, scored, values_of
from benchmarks.markdown import between, heading, row
from benchmarks.ratings import ratings_section
from lvbench.engine.video_pass.tools import Setting
from lvbench.report.tables.describe import describe
from lvbench.validity.instruments import Instruments

BEGIN, END = "<!-- footage: begin -->", "<!-- footage: end -->"
_DRIFTS = ("exposure_drift", "colour_drift", "contrast_drift", "delta_drift", "vde")
_SAME = ("clip_consistency", "motion_matched")
_SUBJECT = ("subject_consistency", "identity_drift", "vbench_subject_consistency",
            "vbench_long_subject_consistency", *_SAME)  # fmt: skip
_PLACE = ("background_consistency", "vbench_background_consistency",
          "vbench_long_background_consistency", *_SAME)  # fmt: skip
_MOTION = ("flow_smoothness", "warp_error", "fie", "incoherence", "incoherence.residual",
           "vbench_motion_smoothness")  # fmt: skip
KINDS: Mapping[str, tuple[str, ...]] = {
    "exposure/saturation drift": (*_DRIFTS, "vbench_imaging_quality"),
    "blur or detail loss": ("sharpness_drift", "image_quality", "vbench_imaging_quality"),
    "identity change": _SUBJECT,
    "subject lost or duplicated": _SUBJECT,
    "background change": _PLACE,
    "jump or cut": ("shot_cuts", "seam", "time_order", *_MOTION, "vbench_temporal_flickering"),
    "shape melting": (*_MOTION, "image_quality", "vbench_imaging_quality"),
    "freeze/near-still": ("stillness", "freeze", "dynamics", "motion_magnitude",
                          "vbench_dynamic_degree"),
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
_CHANCE = 0.5
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


def manifest_of(clips: list[Labelled], footage: Path) -> list[dict[str, Any]]:
    """Return the lines of a manifest."""
    return [
        {"path": str((footage / clip.path).resolve()), "id": clip.id, "cluster": clip.group}
        | ({"prompts": clip.prompts} if clip.prompts else {})
        for clip in clips
    ]


def goodness(scores: Iterable[Values]) -> dict[str, dict[str, float]]:
    """Return what each score gives each clip, signed so that higher is better."""
    return {
        one.key: {clip: sign * value for clip, value in _sized(one).items()}
        for one in scores
        for sign in [1 if _MORE_IS_BETTER.get(_name(one.key), one.higher_is_better) else -1]
    }


def _sized(one: Values) -> dict[str, float]:
    """Return the values; their magnitudes where a score has no direction."""
    known = one.higher_is_better is not None and one.statistic != "median_absolute"
    return one.by_clip if known else {clip: abs(value) for clip, value in one.by_clip.items()}


def _name(key: str) -> str:
    return key.partition("@")[0]


def of_its_kind(
    clips: list[Labelled], values: Mapping[str, Mapping[str, float]]
) -> Iterator[tuple[str, str, list[Side]]]:
    """Yield kind, score and sides for every score of a label's own kind."""
    groups = {clip.id: clip.group for clip in clips}
    for kind, metrics in KINDS.items():
        badness = {c.id: c.strengths[kind] for c in clips if kind in c.strengths}
        for key in sorted(values, key=lambda key: describe(key).order):
            if _name(key) in metrics:
                found = sides(values[key], badness, groups)
                if found:
                    yield kind, key, found


def in_short(
    clips: list[Labelled], values: Mapping[str, Mapping[str, float]]
) -> dict[str, tuple[Share | None, ...]]:
    """Return by score its share of right pairs: of the labels of its own kind, and of papers.

    The labels of three sources are apart: the first observer's, the second's, and the ranks.
    """
    pooled = defaultdict[tuple[str, str], list[Side]](list)
    for kind, key, found in of_its_kind(clips, values):
        pooled[key, kind.partition(": ")[0] if ": " in kind else ""] += found
    papers = {key: total for key, total, _ in with_papers(clips, values)}
    keys = sorted(values, key=lambda key: (key.startswith("vbench_"), describe(key).order))
    return {
        key: (*(share(pooled[key, source]) for source in ("", "seen", "rank")), papers.get(key))
        for key in keys
    }


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


def three_models(clips: list[Labelled], headlines: Iterable[Values]) -> Iterator[list[str]]:
    """Yield a row of means over the prompts of three models, for every headline with a value."""
    ids = {(clip.model, clip.group): clip.id for clip in clips}
    groups = sorted({g for _, g in ids if all((model, g) in ids for model in MODELS)})
    for one in headlines:
        values = one.by_clip
        table = [[values.get(ids[model, g]) for model in MODELS] for g in groups]
        rows = [row for row in table if None not in row]
        if len(rows) > 1:
            cells = [_interval(*mean_over(column)) for column in zip(*rows, strict=True)]
            better = {True: "higher", False: "lower", None: ""}[one.higher_is_better]
            yield [_title(one.key), better, str(len(rows)), *cells]


def _interval(value: float, low: float | None, high: float | None) -> str:
    return f"{value:.3g}" + ("" if low is None else f" [{low:.3g}, {high:.3g}]")


def _share(found: Share) -> list[str]:
    limits = "" if found.low is None else f" [{found.low:.2f}, {found.high:.2f}]"
    ties = found.value == found.low == found.high == _CHANCE
    return ["ties" if ties else f"{found.value:.2f}{limits}", f"{found.pairs} / {found.groups}"]


def _cell(found: Share | None) -> str:
    if found is None:
        return ""
    value, counts = _share(found)
    return f"{value} ({counts})"


def _title(key: str) -> str:
    return f"`{key}`"


def section(
    clips: list[Labelled], scores: list[Values], instruments: Instruments, without: list[str]
) -> str:
    """Return the Markdown of labels, papers and models."""
    values = goodness(scores)
    labels = [
        row([kind, _title(key), *_share(total)])
        for kind, key, found in of_its_kind(clips, values)
        if (total := share(found)) is not None
    ]
    short = [
        row([_title(key), *map(_cell, shares)]) for key, shares in in_short(clips, values).items()
    ]
    papers = list(with_papers(clips, values))
    sets = sorted({name for _, _, by_set in papers for name in by_set})
    return "\n".join(
        [
            _ABOUT.format(count=len(clips)),
            "### In short\n",
            _SHORT,
            heading(["score", "labels", "`seen`", "ranks", "papers"]),
            *short,
            "\n### Labels of the metric's own kind\n",
            heading(["label", "score", "right", "pairs / prompts"]),
            *labels,
            "\nLabels without a row differ in no pair, or no score of their kind ran.\n",
            "### The order that papers state\n",
            _PAPERS,
            heading(["score", "right", "pairs / prompts", *sets]),
            *(row([_title(k), *_share(s), *(by.get(n, "") for n in sets)]) for k, s, by in papers),
            "\n### Three models on the same prompts\n",
            "Means over prompts with 95 % bootstrap intervals.\n",
            heading(["score", "better", "prompts", *MODELS]),
            *map(row, three_models(clips, [one for one in scores if "." not in one.key])),
            "\n### What did not run\n",
            *_missing(instruments, without),
        ]
    )


_ABOUT = (
    "Generated by `make footage`: {count} clips, each scored whole. Nothing was tuned to them. A "
    "pair is two clips of one prompt and set that the label marks differently; ties count half; "
    "95 % bootstrap intervals over prompts. Scores without a direction count by magnitude. The "
    "labels are those of one observer who did not see the model's name, from contact sheets; "
    "`seen` is a second observer's. With few prompts the interval is too narrow; with a single "
    "prompt there is none.\n"
)
_SHORT = (
    "Share of pairs in which the score sides with the label of its own kind, all kinds of a source "
    "together, and with the order that papers state; with its interval, pairs and prompts. 0.5 is "
    "chance; *ties*: both clips of every pair have the same score. The formulas of VBench that ran "
    "are at the end.\n"
)
_PAPERS = (
    "The method above what its page compares it with; `fifo_page`: the user study's FIFO above "
    "FreeNoise.\n"
)


def _missing(instruments: Instruments, without: list[str]) -> Iterator[str]:
    """Yield which metrics did not run, by reason."""
    by_reason = defaultdict[str, list[str]](list)
    for key, reason in instruments.unavailable.items():
        by_reason[reason.partition(", sha256")[0] + ")"].append(_title(key))
    yield from (f"- {', '.join(keys)}: {reason}." for reason, keys in by_reason.items())
    if without:
        yield f"- Left out for their cost: the variants that read {', '.join(without)}."


def main() -> None:
    """Print the section, or write it between its markers in a page."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("footage", type=Path)
    options.add_argument("ratings", type=Path)
    options.add_argument("--out", type=Path, required=True)
    options.add_argument("--weights", type=Path)
    options.add_argument("--without", nargs="*", default=[])
    options.add_argument("--limit", type=int)
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--write", type=Path)
    options.add_argument("--figure", type=Path)
    chosen = options.parse_args()
    clips = read_index((chosen.footage / "index.json").read_text("utf-8"))[: chosen.limit]
    setting = Setting(weights=str(chosen.weights) if chosen.weights else None, device="cpu")
    names = {name.partition(".")[0] for names in KINDS.values() for name in names}
    instruments = instruments_of(sorted(names), chosen.without, setting)
    lines = manifest_of(clips, chosen.footage)
    found = scored(lines, instruments, chosen.out, setting, chosen.workers)
    scores = values_of(instruments, found)
    scores += values_of(instruments, found, "residual")
    text = section(clips, scores, instruments, chosen.without)
    text = f"{text}\n\n{ratings_section(chosen.ratings)}"
    if chosen.figure is not None:
        from benchmarks.footage_figure import write_figure

        short = in_short(clips, goodness(scores))
        write_figure(chosen.figure, {key: (one[0], one[-1]) for key, one in short.items()})
        figure = f"![Share of pairs in which a score is right]({chosen.figure.name})"
        text = text.replace(_SHORT, f"{_SHORT}\n{figure}\n", 1)
    if chosen.write is None:
        print(text)
        return
    chosen.write.write_text(between(chosen.write.read_text("utf-8"), BEGIN, END, text), "utf-8")


if __name__ == "__main__":
    main()
