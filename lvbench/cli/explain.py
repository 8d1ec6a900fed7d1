"""`lvbench explain`: a metric's card."""

from __future__ import annotations

import click


@click.command()
@click.argument("metric")
def explain(metric: str) -> None:
    """Print the card of METRIC: definition, range, what it reacts to, failure modes, citation."""
    click.echo(card(metric))


def card(name: str) -> str:
    """Return a metric's facts and the card beside its file.

    Raises:
        RegistryError: There is no metric of that name.
    """
    import inspect
    from pathlib import Path

    from lvbench.metrics.registry import METRICS

    metric = METRICS.get(name.partition(".")[0])
    info = metric.info
    better = {True: "higher is better", False: "lower is better", None: "no good direction"}
    low, high = ("open" if bound is None else f"{bound:g}" for bound in info.range)
    facts = [
        f"{info.name} version {info.version}: {info.headline.title}",
        f"unit: {info.headline.unit or 'none'}; range: {low} to {high}; "
        f"{better[info.headline.higher_is_better]}",
        f"reads: {', '.join(info.needs)}; gates: {', '.join(info.gates) or 'none'}",
    ]
    facts += [
        f"  {info.name}.{part}: {what.title}{f' ({what.unit})' if what.unit else ''}"
        for part, what in info.components.items()
    ]
    beside = Path(inspect.getfile(metric)).with_suffix(".md")
    text = beside.read_text("utf-8") if beside.is_file() else inspect.getdoc(metric) or ""
    return "\n".join([*facts, "", text.rstrip()])
