"""What did it cost to generate a second of video?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from lvbench.features.base import Features
from lvbench.metrics.base import Metric, MetricInfo, ScoreInfo, VideoContext, not_applicable
from lvbench.metrics.common.set_scores import scored
from lvbench.results.schema import ItemRecord, ItemScore, Score
from lvbench.stats.bootstrap import Interval
from lvbench.stats.power_law import FEWEST_SIZES, distinct_sizes, exponent

_NUMBERS = ("seconds", "generated_seconds", "peak_bytes", "device_peak_bytes", "energy_joules")
_POSITIVE = (0.0, None)
# Exponent by name: the component that grows with length, and whether it is per second.
_GROWS = {
    "exponent": ("seconds_per_second", True),
    "memory_exponent": ("peak_bytes", False),
    "device_memory_exponent": ("device_peak_bytes", False),
    "energy_exponent": ("energy_joules_per_second", True),
}


class Cost(Metric[VideoContext]):
    """Read the cost measured during generation from the manifest."""

    reads_segments = False
    info = MetricInfo(
        name="cost",
        version=1,
        headline=ScoreInfo("Generation time per second", "s/s", False),
        components={
            "seconds_per_second": ScoreInfo("Generation time per second", "s/s", False),
            "peak_bytes": ScoreInfo("Peak memory", "bytes", False, range=_POSITIVE),
            "device_peak_bytes": ScoreInfo("Peak GPU memory", "bytes", False, range=_POSITIVE),
            "energy_joules_per_second": ScoreInfo(
                "Generation energy per second", "J/s", False, range=_POSITIVE
            ),
            "length": ScoreInfo("Generated length", "s", None, range=_POSITIVE),
            "exponent": ScoreInfo("Generation time, scaling exponent", "", False, "set"),
            "memory_exponent": ScoreInfo("Peak memory, scaling exponent", "", False, "set"),
            "device_memory_exponent": ScoreInfo(
                "Peak GPU memory, scaling exponent", "", False, "set"
            ),
            "energy_exponent": ScoreInfo("Generation energy, scaling exponent", "", False, "set"),
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
        """Return the measured cost, per second of video."""
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
        detail = None if enough else "needs three lengths, each a tenth longer than the one before"
        score = scored(self.info.components[name], fit, len(points), detail)
        code = score.code if enough else "too_few_lengths"
        counted = {"n_failed": failed, "n_expected": score.n_scored + failed, "code": code}
        return score.model_copy(update=counted)


def cost(measured: Mapping[str, float | str] | None) -> ItemScore:
    """Return the generation cost of one video per second; see the card.

    Args:
        measured: From a manifest: `seconds`, `generated_seconds`, and where known
            `peak_bytes`, `device_peak_bytes`, `energy_joules`.

    Examples:
        >>> from lvbench.metrics import cost
        >>> cost({"seconds": 120.0, "generated_seconds": 60.0}).value
        2.0
    """
    stated = dict(measured or {})
    for name in _NUMBERS:
        value = stated.get(name)
        least = math.ulp(0.0) if name in ("seconds", "generated_seconds") else 0.0
        if value is not None and not (isinstance(value, float | int) and least <= value < math.inf):
            detail = f"the manifest states {name} {value!r}, no valid cost; fix its line"
            return ItemScore(status="failed", code="cost_invalid", detail=detail)
    known = {name: float(stated[name]) for name in _NUMBERS if name in stated}
    if not {"seconds", "generated_seconds"} <= known.keys():
        return not_applicable(
            "no_cost", "the manifest states no 'cost'; 'lvbench generate' measures it"
        )
    length = known["generated_seconds"]
    value = known["seconds"] / length
    components = {"seconds_per_second": value, "length": length}
    components |= {n: known[n] for n in ("peak_bytes", "device_peak_bytes") if n in known}
    if "energy_joules" in known:
        components["energy_joules_per_second"] = known["energy_joules"] / length
    return ItemScore(value=value, components=components, flags=["measured"])
