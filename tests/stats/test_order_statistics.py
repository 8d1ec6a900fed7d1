"""Between which ranks the median lies: the binomial, scipy's test, and what clusters are worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, quantile_test

from lvbench.stats.order_statistics import effective_share, lower_share


@pytest.mark.parametrize(("n", "rank"), [(8, 1), (8, 2), (30, 10), (121, 50)])
def test_whole_ranks_have_the_coverage_of_the_binomial(n: int, rank: int) -> None:
    level = 1 - 2 * binom.cdf(rank - 1, n, 0.5)
    assert float(lower_share(n, level)) * (n + 1) == pytest.approx(rank, abs=1e-9)


@pytest.mark.parametrize("n", [8, 9, 17, 30, 120])
def test_a_fractional_rank_lies_inside_scipys_whole_one(n: int) -> None:
    ranks = np.arange(1.0, n + 1)
    wide = quantile_test(ranks, q=0.0, p=0.5).confidence_interval(0.95)
    rank = float(lower_share(n, 0.95)) * (n + 1)
    assert wide.low <= rank < wide.low + 1
    assert wide.high - 1 < n + 1 - rank <= wide.high


def test_sizes_may_be_fractions_and_come_in_arrays() -> None:
    shares = lower_share([1.5, 8.0, 8.5, 1e6], 0.95)
    assert (np.diff(shares) > 0).all()
    assert shares[0] > 0
    assert shares[3] == pytest.approx(0.5 - 1.96 * 0.5e-3, abs=1e-6)


def test_items_alone_are_worth_one_each() -> None:
    influence = np.random.default_rng(0).normal(size=30)
    assert effective_share(influence, np.arange(30), 30, 0.95) == 1.0


def test_copies_are_worth_their_share_less_the_doubt() -> None:
    influence = np.repeat(np.random.default_rng(1).normal(size=10), 3)
    influence -= influence.mean()
    doubt = (2.04523 / 2.26216) ** 2  # Student's quantiles for 29 and 9 degrees of freedom
    expected = (30 / 29) / (10 / 9) / 3 * doubt
    found = effective_share(influence, np.repeat(np.arange(10), 3), 10, 0.95)
    assert found == pytest.approx(expected, rel=1e-5)


def test_clusters_that_balance_out_are_worth_no_more_than_items_alone() -> None:
    influence = np.tile([-1.0, 1.0], 8)
    assert effective_share(influence, np.repeat(np.arange(8), 2), 8, 0.95) == 1.0
