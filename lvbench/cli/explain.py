"""`lvbench explain`: explain a metric, or one score of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from lvbench.cli.echo import echo

if TYPE_CHECKING:
    from lvbench.features.base import ExtractorSpec
    from lvbench.metrics.base import AnyMetric

_BETTER = {True: "higher is better", False: "lower is better", None: "no good direction"}
_INTERVALS = {"mean": "studentised bootstrap"}


@click.command()
@click.argument("subject", metavar="METRIC|RUN")
@click.argument("score", required=False)
@click.option("--video", metavar="ID", help="Also print the time series of this video.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def explain(subject: str, score: str | None, video: str | None, as_json: bool) -> None:
    """Explain METRIC, or the value of SCORE in RUN, down to the videos.

    For a metric: sampling, preprocessing, weights, aggregation and its card. For a score: value,
    interval, gates, protocol and its videos, the worst first.
    """
    if score is None:
        if video is not None or as_json:
            raise click.UsageError("--video and --json need a score: give RUN and SCORE")
        echo(card(subject))
        return
    import json

    from lvbench.report.explain_score import explain_score, explanation_text
    from lvbench.results.run import load_run

    content = explain_score(load_run(subject), score, video)
    echo(json.dumps(content, indent=1) if as_json else explanation_text(content))


def card(name: str) -> str:
    """Return the facts of a metric and its extractors, and its card.

    Raises:
        RegistryError: There is no metric of that name.
    """
    import inspect
    from pathlib import Path

    from lvbench.metrics.registry import METRICS, build

    known = METRICS.get(name.partition("@")[0].partition(".")[0])
    metric = build(known.info.name)
    info = metric.info
    low, high = ("open" if bound is None else f"{bound:g}" for bound in info.range)
    facts = [
        f"{info.name} version {info.version}: {info.headline.title}",
        f"unit: {info.headline.unit or 'none'}; range: {low} to {high}; "
        f"{_BETTER[info.headline.higher_is_better]}",
        f"gates: {', '.join(info.gates) or 'none'}",
        f"aggregation: {_aggregation(metric)}",
    ]
    set_to = ", ".join(f"{key} {value}" for key, value in metric.parameters().items())
    facts += [f"parameters: {set_to}"] if set_to else []
    if info.needs_metrics:
        facts.append(f"derived from: {', '.join(info.needs_metrics)}")
    for need in metric.needs:
        facts += _extractor(need)
    facts += [
        f"  {info.name}.{part}: {what.title}{f' ({what.unit})' if what.unit else ''}"
        for part, what in info.components.items()
    ]
    page = Path(inspect.getfile(known)).with_suffix(".md")
    text = page.read_text("utf-8") if page.is_file() else inspect.getdoc(known) or ""
    return "\n".join([*facts, "", text.rstrip()])


def _aggregation(metric: AnyMetric) -> str:
    from lvbench.report.tables.describe import IN_WORDS

    if metric.of_sets:
        return "over all videos at once, from the features of their windows; interval: see the card"
    statistic = metric.info.headline.statistic
    by = _INTERVALS.get(statistic, "order statistics")
    return f"{IN_WORDS[statistic]}; 95 % interval by {by} over videos, clustered by prompt"


def _extractor(name: str) -> Iterator[str]:
    """Yield the facts of an extractor: sampling, preprocessing, weights."""
    from lvbench.features.network import NetworkExtractor
    from lvbench.features.registry import build

    extractor = build(name)
    spec = extractor.spec
    yield f"reads {name} version {spec.version}"
    yield f"  sampling: {sampling(spec)}"
    yield f"  preprocessing: {spec.preprocessing}"
    if spec.parameters:
        set_to = ", ".join(f"{key} {value}" for key, value in spec.parameters.items())
        yield f"  parameters: {set_to}"
    if not isinstance(extractor, NetworkExtractor):
        yield "  weights: none"
        return
    from lvbench.weights.catalogue import catalogue

    for weights in extractor.weights:
        entry = catalogue()[weights]
        source = "ships with lvbench" if entry.shipped else entry.command
        yield f"  weights: {entry.what}; {entry.main.identity}; {source}"


def sampling(spec: ExtractorSpec) -> str:
    """Describe which frames an extractor sees."""
    frames = "every frame" if spec.rate is None else f"{spec.rate:g} frames per second"
    windows = spec.windows
    if windows is None:
        return f"consecutive pairs of {frames}" if spec.sampling == "pairs" else frames
    every = "back to back" if windows.every is None else f"one each {windows.every:g} s"
    most = f", {windows.most} per video at most" if windows.most else ""
    return f"windows of {windows.length} frames of {frames}, {every} from {windows.start:g} s{most}"
