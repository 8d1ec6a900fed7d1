"""Descriptions of the metrics of the world, whose titles say "World"."""

from __future__ import annotations

from dataclasses import replace

from lvbench.metrics.base import MetricInfo, ScoreInfo

_NAMES = ("FVD", "Fréchet")  # words that keep their capital within a title


def of_world(
    info: MetricInfo, name: str, needs: tuple[str, ...], cites: tuple[str, ...] = ("lvbench",)
) -> MetricInfo:
    """Return the description of a metric's twin that reads the world's own encoders.

    Args:
        info: The description of the metric that it follows.
        name: Its own name.
        needs: Extractors that it reads.
        cites: Keys of the works that define it.
    """
    return replace(
        info,
        name=name,
        version=1,
        headline=_titled(info.headline),
        components={part: _titled(what) for part, what in info.components.items()},
        needs=needs,
        cites=cites,
    )


def _titled(what: ScoreInfo) -> ScoreInfo:
    title = what.title
    if not title.startswith(_NAMES):
        title = title[0].lower() + title[1:]
    return replace(what, title=f"World: {title}")
