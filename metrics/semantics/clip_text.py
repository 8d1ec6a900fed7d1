"""Does each part of the video show the prompt that is due, and how late?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.segments import (
    drift_components,
    drift_infos,
    per_segment,
)
from lvbench.results.schema import Event, ItemScore, Series

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass
class Similarities:
    """Every sampled frame's similarity with each prompt."""

    video: VideoContext
    t: Column = field(default_factory=Column)
    rows: Column = field(default_factory=Column)
    cut: bool = False


@dataclass(frozen=True)
class _Story:
    """Scores that need a schedule of several texts."""

    parts: dict[str, float] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)


class ClipText(Metric[Similarities]):
    """Compare each frame with the prompt that is due and with all others.

    Args:
        extractor: A CLIP, which emits `text_similarity`.
    """

    info = MetricInfo(
        name="clip_text",
        version=1,
        headline=ScoreInfo("Prompt similarity", "", True),
        components={
            "leakage": ScoreInfo("Prompt leakage", "", False),
            "leaked": ScoreInfo("Leaked segment fraction", "", False, "mean", (0.0, 1.0)),
            "lag": ScoreInfo("Prompt switch lag", "s", False, "median", (0.0, None)),
            "switches_missed": ScoreInfo(
                "Missed prompt switch fraction", "", False, "mean", (0.0, 1.0)
            ),
            "order": ScoreInfo("Prompt order, Kendall's tau", "", True, "mean", (-1.0, 1.0)),
            "events_missing": ScoreInfo("Missing prompt fraction", "", False, "mean", (0.0, 1.0)),
            "events_repeated": ScoreInfo(
                "Repeated prompts per video", "", False, "mean", (0.0, None)
            ),
        }
        | drift_infos("Prompt similarity", "", True),
        needs=("clip_vit_b_32",),
        range=(-1.0, 1.0),
        group="text",
        gates=("stillness",),
        series={"own": "", "leakage": ""},
        cites=("lvbench", "kendall1938rank"),
        tolerance=1e-4,
    )

    def __init__(self, extractor: str = "clip_vit_b_32") -> None:
        self.extractor = extractor

    def new_state(self, video: VideoContext) -> Similarities:
        """Return the empty state."""
        return Similarities(video)

    def update(self, state: Similarities, features: Mapping[str, Features]) -> None:
        """Keep every frame's similarity with every prompt."""
        found = features[self.needs[0]]
        state.t.extend(found.t)
        if state.video.prompts:
            state.rows.extend(found["text_similarity"])
            state.cut = state.cut or bool(np.any(found.values.get("text_cut", False)))

    def item(self, state: Similarities) -> ItemScore:
        """Return the mean similarity to the prompt that is due, and how it follows the schedule."""
        t, video = state.t.values(), state.video
        if len(t) < 2:
            return not_applicable("too_short", "fewer than 2 sampled frames")
        if not video.prompts:
            return not_applicable("no_prompt", "the manifest names no prompt")
        schedule = Schedule(video.prompts, t, state.rows.values().reshape(len(t), -1))
        own = per_segment(t, schedule.own(), video.segment_seconds)
        story = _story(schedule, video.segment_seconds) if len(schedule.texts) > 1 else _Story()
        flags = ["prompt_cut_at_75_tokens"] if state.cut else []
        if len(schedule.starts) < len(video.prompts):
            flags.append("schedule_longer_than_video")
        return ItemScore(
            value=float(np.clip(own.y.mean(), -1.0, 1.0)),
            components=story.parts | drift_components(own),
            series={"own": own.series()} | story.series,
            events=story.events,
            flags=flags,
        )


class Schedule:
    """Read frames' similarities with the prompts of a schedule.

    Prompts of equal text are one text, which may be due several times. Prompts that start after
    the last frame are left out.

    Attributes:
        starts: Seconds at which each prompt that is shown begins, `(p,)`.
        text: Index into `texts` of each of them, `(p,)`.
        texts: The different texts, in order of first use.
        t: Times of the frames, `(n,)`.
        similarity: Of each frame with each of `texts`, `(n, len(texts))`.
        due: Index into `texts` of the text that each frame should show, `(n,)`.

    Args:
        prompts: Start in seconds and text of each prompt, in order.
        t: Times of the frames, increasing.
        similarity: Of each frame with each prompt, `(n, len(prompts))`.
    """

    def __init__(self, prompts: Sequence[tuple[float, str]], t: Floats, similarity: Floats) -> None:
        shown = [k for k, (start, _) in enumerate(prompts) if k == 0 or start <= t[-1]]
        self.texts = list(dict.fromkeys(prompts[k][1] for k in shown))
        first = {prompts[k][1]: k for k in reversed(shown)}
        self.starts = np.array([prompts[k][0] for k in shown])
        self.text = np.array([self.texts.index(prompts[k][1]) for k in shown])
        self.t = t
        self.similarity = similarity[:, [first[text] for text in self.texts]]
        self.due = self.text[self._prompt_at(t)]

    def _prompt_at(self, t: Floats) -> Indices:
        """Return the prompt of each time; before the first one begins it is the first."""
        return np.maximum(np.searchsorted(self.starts, t + 1e-6, side="right") - 1, 0)

    def own(self) -> Floats:
        """Return each frame's similarity with the prompt that is due, `(n,)`."""
        found: Floats = np.take_along_axis(self.similarity, self.due[:, None], axis=1)[:, 0]
        return found

    def leakage(self) -> Floats:
        """Return the similarity to the best other text minus that to the one due, `(n,)`."""
        others = self.similarity.copy()
        np.put_along_axis(others, self.due[:, None], -np.inf, axis=1)
        return np.asarray(others.max(axis=1) - self.own(), np.float64)

    def switches(self) -> list[Event]:
        """Return when the picture followed each prompt switch.

        A switch is followed from the frame that best divides the frames before the next switch
        into those nearer to the old text and those nearer to the new one: fewest frames on the
        wrong side, the earliest of equals. It is missed where no frame is left on the new side.

        Returns:
            `switch_followed`, from the change of prompt to the first frame that follows it, and
            `switch_missed`, to the next change.
        """
        events = []
        ends = [*self.starts[1:], np.inf]
        for k in range(1, len(self.text)):
            old, new = self.text[k - 1], self.text[k]
            if old == new:
                continue
            start = float(self.starts[k])
            inside = (self.t >= start - 1e-6) & (self.t < ends[k] - 1e-6)
            if not inside.any():
                continue
            t = self.t[inside]
            nearer = self.similarity[inside, new] > self.similarity[inside, old]
            too_early = np.concatenate([[0], np.cumsum(nearer)])
            too_late = np.concatenate([np.cumsum(~nearer[::-1])[::-1], [0]])
            parting = int(np.argmin(too_early + too_late))
            details: dict[str, float | str] = {"prompt": self.texts[new]}
            if parting == len(t):
                events.append(
                    Event(kind="switch_missed", start=start, end=float(t[-1]), details=details)
                )
            else:
                end = max(start, float(t[parting]))
                events.append(Event(kind="switch_followed", start=start, end=end, details=details))
        return events

    def shown(self, seconds: float) -> tuple[Floats, Indices, Indices]:
        """Return per segment its centre, the prompt that is due, and the prompt shown, `(s,)`.

        Shown is the text of highest mean similarity; where that is due more than once, the time
        nearest to the segment counts.
        """
        columns = [per_segment(self.t, column, seconds) for column in self.similarity.T]
        centres = columns[0].t
        due = self._prompt_at(centres)
        best = np.argmax(np.stack([column.y for column in columns]), axis=0)
        shown = []
        for text, at in zip(best, due, strict=True):
            places = np.flatnonzero(self.text == text)
            shown.append(places[np.argmin(np.abs(places - at))])
        return centres, due, np.asarray(shown, np.int64)

    def missing_and_repeated(self, centres: Floats, due: Indices, shown: Indices) -> list[Event]:
        """Return the texts that are never shown, and the stretches that repeat one.

        A stretch of one segment counts as noise, unless some prompt is due for one segment only.

        Args:
            centres: Centres of the segments, as `shown` returns them.
            due: The prompts that are due.
            shown: The prompts that are shown.

        Returns:
            `prompt_missing`, where it was due, and `prompt_repeated`, where it was shown.
        """
        least = min(2, int(np.unique(due, return_counts=True)[1].min()))
        planned = _stretches(self.text[due], 1)
        found = _stretches(self.text[shown], least)
        events = []
        for text, name in enumerate(self.texts):
            asked = [(i, j) for k, i, j in planned if k == text]
            given = [(i, j) for k, i, j in found if k == text]
            missing = asked[:1] if not given else []
            for kind, spans in (("missing", missing), ("repeated", given[max(len(asked), 1) :])):
                events += [
                    Event(
                        kind=f"prompt_{kind}",
                        start=float(centres[i]),
                        end=float(centres[j]),
                        details={"prompt": name},
                    )
                    for i, j in spans
                ]
        return events


def _stretches(texts: Indices, least: int) -> list[tuple[int, int, int]]:
    """Return text, first and last segment of each stretch of at least `least` segments.

    Stretches of one text that only shorter ones separate are one.
    """
    edges = [0, *(np.flatnonzero(np.diff(texts)) + 1).tolist(), len(texts)]
    found: list[tuple[int, int, int]] = []
    for start, end in pairwise(edges):
        if end - start < least:
            continue
        if found and found[-1][0] == texts[start]:
            found[-1] = (found[-1][0], found[-1][1], end - 1)
        else:
            found.append((int(texts[start]), start, end - 1))
    return found


def kendall_tau(due: Indices, shown: Indices) -> float:
    """Return Kendall's tau-b of the prompts shown and the prompts due, in -1..1.

    A video that shows one prompt all the time has no order to compare: that is 0.
    """
    from scipy.stats import kendalltau

    found = float(kendalltau(due, shown).statistic)
    return found if np.isfinite(found) else 0.0


def _story(schedule: Schedule, seconds: float) -> _Story:
    """Return leakage, lag, order and events."""
    lead = schedule.leakage()
    leakage = per_segment(schedule.t, lead, seconds)
    switches = schedule.switches()
    lags = [e.end - e.start for e in switches if e.kind == "switch_followed"]
    centres, due, shown = schedule.shown(seconds)
    misplaced = schedule.missing_and_repeated(centres, due, shown)
    missing = sum(e.kind == "prompt_missing" for e in misplaced)
    parts = {
        "leakage": float(leakage.y.mean()),
        "leaked": float(np.mean(leakage.y > 0)),
        "order": kendall_tau(due, shown),
        "events_missing": missing / len(schedule.texts),
        "events_repeated": float(len(misplaced) - missing),
    }
    if switches:
        parts["switches_missed"] = 1.0 - len(lags) / len(switches)
    if lags:
        parts["lag"] = float(np.mean(lags))
    events = sorted([*switches, *misplaced], key=lambda e: (e.start, e.kind))
    return _Story(parts, {"leakage": leakage.series()}, events)
