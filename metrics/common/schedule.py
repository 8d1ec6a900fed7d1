"""How a video follows its prompt schedule: which prompt it shows when, and how late."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lvbench.metrics.common.segments import per_segment
from lvbench.results.schema import Event

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]


class Schedule:
    """Read frames' similarities with the prompts of a schedule.

    Prompts of equal text are one text, which may be due several times. What the schedule asks
    for after the last frame is left out.

    Attributes:
        starts: Seconds at which each prompt that is shown begins, `(p,)`.
        text: Index into `texts` of each of them, `(p,)`.
        texts: The different texts, in order of first use.
        t: Times of the frames, `(n,)`.
        similarity: Of each frame with each of `texts`, `(n, len(texts))`.
        due: Index into `texts` of what each frame should show, `(n,)`.

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
        """Return by how much the best of the other texts beats the one that is due, `(n,)`."""
        others = self.similarity.copy()
        np.put_along_axis(others, self.due[:, None], -np.inf, axis=1)
        return np.asarray(others.max(axis=1) - self.own(), np.float64)

    def switches(self) -> list[Event]:
        """Return when the picture followed each change of text.

        A switch is followed from the frame on that best parts those before the next switch into
        nearer to the old text, then nearer to the new one: fewest frames on the wrong side, the
        earliest of equals. It is missed where no frame is left on the new side.

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

    def untold(self, centres: Floats, due: Indices, shown: Indices) -> list[Event]:
        """Return the texts that are never shown, and the stretches that show one once too often.

        A stretch of a single segment is taken for noise, unless some prompt is due no longer.

        Args:
            centres: Centres of the segments, as `shown` returns them.
            due: The prompts that are due.
            shown: The prompts that are shown.

        Returns:
            `prompt_missing`, where it was due, and `prompt_repeated`, where it was shown.
        """
        least = min(2, int(np.unique(due, return_counts=True)[1].min()))
        planned = _stretches(self.text[due], 1)
        told = _stretches(self.text[shown], least)
        events = []
        for text, name in enumerate(self.texts):
            asked = [(i, j) for k, i, j in planned if k == text]
            given = [(i, j) for k, i, j in told if k == text]
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
    """Return text, first and last segment of each stretch of at least so many segments.

    Stretches of one text that only shorter ones part are one.
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
    """Return Kendall's tau-b of what is shown against what is due, in -1..1.

    A video that shows one prompt all the time has no order to compare: that is 0.
    """
    from scipy.stats import kendalltau

    found = float(kendalltau(due, shown).statistic)
    return found if np.isfinite(found) else 0.0
