"""Describe how a run was made: protocol, environment, failures with their fixes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lvbench.errors import ConfigError
from lvbench.plain_yaml import read_yaml
from lvbench.protocol.lock import LOCK_FILE, differing_keys
from lvbench.protocol.schema import PromptEntry, SummaryPart
from lvbench.protocol.summary import summarise
from lvbench.reference.gate import standing
from lvbench.reference.sampling.switches import SAMPLING
from lvbench.reference.weights import shipped
from lvbench.report.tables.describe import describe
from lvbench.results.run import Run

Pairs = list[tuple[str, str]]


def protocol_facts(run: Run) -> Pairs:
    """Return the protocol's settings, from the run's lock where there is one."""
    protocol = run.record.protocol
    draft = ", draft: its numbers may still change" if protocol.draft else ""
    facts = [
        ("Protocol", f"{protocol.name} version {protocol.version}{draft}"),
        ("Identity", protocol.hash),
    ]
    lock = read_lock(run)
    if not lock:
        return facts
    fixed = lock.get("protocol", {})
    interval = fixed.get("interval", {})
    facts += [
        ("Segments", f"{fixed.get('segment_seconds', '?')} s each"),
        ("Decoder", str(lock.get("decoder", "?"))),
        ("Intervals", f"{interval.get('method', '?')}, {interval.get('resamples', '?')} resamples, "
                      f"seed {interval.get('seed', '?')}, videos clustered by prompt"),
        ("Metrics", "; ".join(_metric(name, m) for name, m in lock.get("metrics", {}).items())),
        ("Features", "; ".join(_extractor(n, e) for n, e in lock.get("extractors", {}).items())),
        ("Weights", _weights(lock.get("extractors", {}))),
    ]  # fmt: skip
    gates = [
        f"{describe(g['metric']).metric_title} above {g['value']:g} in more than "
        f"{100 * g['share']:.0f} % of videos"
        for g in fixed.get("gates", [])
    ]
    facts += [("Not ranked where", "; ".join(gates))] if gates else []
    facts += [("Requested clips", _requested(fixed["prompts"]))] if fixed.get("prompts") else []
    facts += _reference_model(run)
    parts = [SummaryPart.model_validate(part) for part in fixed.get("summary") or []]
    return facts + ([("Summary, an extra", _summary(parts, run))] if parts else [])


def _reference_model(run: Run) -> Pairs:
    """Return the gate of the weights in lvbench that made the clips, if any did."""
    prefix = "reference:"
    made = {(item.video.generator or "") for item in run.items}
    names = {name.removeprefix(prefix) for name in made if name.startswith(prefix)}
    sizes = sorted({"tiny" if name in SAMPLING else name for name in names} & shipped().keys())
    return [("Reference model", "; ".join(standing(size) for size in sizes))] if sizes else []


def _requested(prompts: dict[str, Any]) -> str:
    """Return the clips that generators are requested to make, in words."""
    entry = PromptEntry.model_validate(prompts)
    lengths = ", ".join(f"{seconds:g}" for seconds in entry.lengths)
    revision = "" if entry.revision is None else f" revision {entry.revision}"
    of = "" if entry.categories is None else f", categories {', '.join(entry.categories)}"
    return (
        f"{entry.file}{revision} (sha256 {entry.sha256[:12]}){of}: {lengths} s at "
        f"{entry.width}x{entry.height} and {entry.fps:g} Hz, "
        f"seeds {', '.join(map(str, entry.seeds))}, samples {entry.samples}"
    )


def _summary(parts: Sequence[SummaryPart], run: Run) -> str:
    """Return the summary and its parts."""
    scores = {key: score.value for key, score in run.record.scores.items()}
    value = summarise(parts, scores)
    made_of = "; ".join(
        f"{describe(part.score).title}, weight {part.weight:g}, from {part.worst:g} (0) "
        f"to {part.best:g} (1)"
        for part in parts
    )
    shown = "none, because a score is missing" if value is None else f"{value:.3f}"
    return f"{shown}: weighted mean of {made_of}"


def environment_facts(run: Run) -> Pairs:
    """Return machine, software and times of the run."""
    return _flat(run.record.environment) + _flat(run.record.timing)


def failures(run: Run) -> list[tuple[str, str, str, str]]:
    """Return video, metric, code and reason of each failure."""
    rows = []
    for item in run.items:
        if item.video.status == "failed":
            rows.append((item.video.id, "all", item.video.code or "", item.video.detail or ""))
            continue
        rows += [
            (item.video.id, describe(metric).metric_title, score.code or "", score.detail or "")
            for metric, score in sorted(item.metrics.items())
            if score.status == "failed"
        ]
    return rows


def read_lock(run: Run) -> dict[str, Any]:
    """Return the run's protocol lock, empty where it has none."""
    file = run.folder / LOCK_FILE
    try:
        content = read_yaml(file) if file.exists() else None
    except (OSError, ValueError) as error:
        raise ConfigError(
            "read the lock of a run",
            found=str(error),
            where=str(file),
            fix="restore the file that 'lvbench evaluate' wrote, or run the evaluation again",
            code="lock_invalid",
        ) from error
    return content if isinstance(content, dict) else {}


def _metric(name: str, entry: dict[str, Any]) -> str:
    return f"{name} v{entry.get('version', '?')}{_parameters(entry.get('parameters'))}"


def _extractor(name: str, entry: dict[str, Any]) -> str:
    preprocessing = entry.get("preprocessing")
    return f"{name} v{entry.get('version', '?')}" + (f" ({preprocessing})" if preprocessing else "")


def _weights(extractors: dict[str, Any]) -> str:
    used = [f"{name} {e['weights']}" for name, e in extractors.items() if e.get("weights")]
    return "; ".join(used) or "none: every feature is computed without a network"


def _parameters(parameters: dict[str, Any] | None) -> str:
    settings = ", ".join(f"{key} {value}" for key, value in (parameters or {}).items())
    return f" ({settings})" if settings else ""


def _flat(content: dict[str, Any]) -> Pairs:
    pairs: Pairs = []
    for key, value in content.items():
        name = key.replace("_", " ")
        if isinstance(value, dict):
            pairs.append((name, ", ".join(f"{k} {v}" for k, v in value.items())))
        elif name.endswith(" bytes") and isinstance(value, int):
            pairs.append((name.removesuffix(" bytes"), f"{value / 1e9:.1f} GB"))
        elif value is not None:
            pairs.append((name, str(value)))
    return pairs


def differing_protocol_keys(base: Run, head: Run) -> tuple[str, ...]:
    """Return the keys in which the protocols of two runs differ; empty if they are equal."""
    ours, theirs = base.record.protocol, head.record.protocol
    if ours.hash == theirs.hash:
        return ()
    locks = read_lock(base), read_lock(head)
    keys = differing_keys(*locks) if all(locks) else []
    return tuple(keys or ["hash"])
