"""What did it take to make a second of video?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext
from lvbench.metrics.common.set_scores import scored
from lvbench.results.schema import ItemRecord, ItemScore, Score
from lvbench.stats.bootstrap import Interval
from lvbench.stats.power_law import FEWEST_SIZES, distinct_sizes, exponent

_NUMBERS = ("seconds", "generated_seconds", "peak_bytes", "device_peak_bytes", "energy_joules")
_POSITIVE = (0.0, None)
# What grows with length: exponent, the component it is of, and whether that is per second.
_GROWS = {
    "exponent": ("seconds_per_second", True),
    "memory_exponent": ("peak_bytes", False),
    "device_memory_exponent": ("device_peak_bytes", False),
    "energy_exponent": ("energy_joules_per_second", True),
}


class Cost(Metric[VideoContext]):
    """Read what was measured while the video was made, from its manifest."""

    reads_segments = False
    info = MetricInfo(
        name="cost",
        version=1,
        headline=ScoreInfo("Seconds to make a second", "s/s", False),
        components={
            "seconds_per_second": ScoreInfo("Seconds to make a second", "s/s", False),
            "peak_bytes": ScoreInfo("Peak of main memory", "bytes", False, range=_POSITIVE),
            "device_peak_bytes": ScoreInfo("Peak of GPU memory", "bytes", False, range=_POSITIVE),
            "energy_joules_per_second": ScoreInfo(
                "Energy to make a second", "J/s", False, range=_POSITIVE
            ),
            "length": ScoreInfo("Length made", "s", None, range=_POSITIVE),
            "exponent": ScoreInfo("Growth of seconds with length, exponent", "", False, "set"),
            "memory_exponent": ScoreInfo("Growth of main memory, exponent", "", False, "set"),
            "device_memory_exponent": ScoreInfo("Growth of GPU memory, exponent", "", False, "set"),
            "energy_exponent": ScoreInfo("Growth of energy, exponent", "", False, "set"),
        },
        needs=(),
        range=_POSITIVE,
        group="cost",
        cites=("lvbench",),
    )

    def new_state(self, video: VideoContext) -> VideoContext:
        """Return the context: all is known before the first frame."""
        return video

    def update(self, state: VideoContext, features: Mapping[str, Features]) -> None:
        """Ignore features."""

    def item(self, state: VideoContext) -> ItemScore:
        """Return what the manifest says, per second that was made."""
        return cost(state.cost)

    def aggregate(
        self, items: Sequence[ItemRecord], *, resamples: int, seed: int
    ) -> dict[str, Score]:
        """Return the scores of a run, with the exponents over its lengths."""
        found = super().aggregate(items, resamples=resamples, seed=seed)
        scores = (item.metrics[self.key] for item in items if self.key in item.metrics)
        made = [score.components for score in scores if score.value is not None]
        for name, (component, per_second) in _GROWS.items():
            points = sorted(
                (one["length"], one[component] * (one["length"] if per_second else 1.0))
                for one in made
                if one.get(component, 0.0) > 0.0
            )
            found[f"{self.key}.{name}"] = self._exponent(name, points, found[self.key].n_failed)
        return {key: score.model_copy(update={"measured": True}) for key, score in found.items()}

    def _exponent(self, name: str, points: Sequence[tuple[float, float]], failed: int) -> Score:
        lengths, spent = [p[0] for p in points], [p[1] for p in points]
        enough = distinct_sizes(lengths) >= FEWEST_SIZES
        fit: Interval | None = exponent(lengths, spent) if enough else None
        detail = None if enough else "needs three lengths that lie a tenth apart"
        score = scored(self.info.components[name], fit, len(points), detail)
        code = score.code if enough else "too_few_lengths"
        counted = {"n_failed": failed, "n_expected": score.n_scored + failed, "code": code}
        return score.model_copy(update=counted)


def cost(measured: Mapping[str, float | str] | None) -> ItemScore:
    """Return the cost of one video per second that was made; see the card.

    Args:
        measured: What a manifest holds: `seconds`, `generated_seconds`, and where they are known
            `peak_bytes`, `device_peak_bytes`, `energy_joules`.
    """
    told = dict(measured or {})
    for name in _NUMBERS:
        value = told.get(name)
        least = math.ulp(0.0) if name in ("seconds", "generated_seconds") else 0.0
        if value is not None and not (isinstance(value, float | int) and least <= value < math.inf):
            detail = f"the manifest says {name} {value!r}, which can be no cost; fix its line"
            return ItemScore(status="failed", code="cost_invalid", detail=detail)
    known = {name: float(told[name]) for name in _NUMBERS if name in told}
    if not {"seconds", "generated_seconds"} <= known.keys():
        return ItemScore(
            status="not_applicable",
            code="no_cost",
            detail="the manifest does not say what it took ('cost'); 'lvbench generate' measures",
        )
    length = known["generated_seconds"]
    value = known["seconds"] / length
    components = {"seconds_per_second": value, "length": length}
    components |= {n: known[n] for n in ("peak_bytes", "device_peak_bytes") if n in known}
    if "energy_joules" in known:
        components["energy_joules_per_second"] = known["energy_joules"] / length
    return ItemScore(value=value, components=components, flags=["measured"])
