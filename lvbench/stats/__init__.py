"""Statistics on plain arrays."""

from __future__ import annotations

# These modules import scipy inside functions only, so this costs no more than numpy.
from lvbench.stats.bootstrap import Interval, mean_interval, statistic_interval
from lvbench.stats.contrast import Contrast, standardised_contrast
from lvbench.stats.drift import Drift, drift, half_life
from lvbench.stats.frechet import frechet_distance, frechet_distance_from_moments
from lvbench.stats.kernel import kernel_distance
from lvbench.stats.neighbours import Neighbours, nearest_neighbours
from lvbench.stats.paired import PairedResult, PairedTest, holm, paired_difference, paired_tests
from lvbench.stats.period import Period, find_period
from lvbench.stats.sign_flips import PairedValues, step_down_max_t
from lvbench.stats.survival import SurvivalMedian, kaplan_meier_median

__all__ = [
    "Contrast",
    "Drift",
    "Interval",
    "Neighbours",
    "PairedResult",
    "PairedTest",
    "PairedValues",
    "Period",
    "SurvivalMedian",
    "drift",
    "find_period",
    "frechet_distance",
    "frechet_distance_from_moments",
    "half_life",
    "holm",
    "kaplan_meier_median",
    "kernel_distance",
    "mean_interval",
    "nearest_neighbours",
    "paired_difference",
    "paired_tests",
    "standardised_contrast",
    "statistic_interval",
    "step_down_max_t",
]
