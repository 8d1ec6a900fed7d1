"""Write a run's scores as metadata of a model card on the Hugging Face Hub."""

from __future__ import annotations

from typing import Any

import yaml

from lvbench.errors import ConfigError
from lvbench.protocol.identity import short_signature
from lvbench.protocol.load import protocol_prose
from lvbench.report.safe_text import printable
from lvbench.report.tables.describe import describe, gate_in_words
from lvbench.report.tables.table import is_redundant, reason
from lvbench.results.run import Run
from lvbench.results.schema import Score

_OF_ARGS = ("ci_low", "ci_high", "ci_method", "n_expected", "n_scored", "n_failed")


def model_index(run: Run, source: str | None = None) -> str:
    """Return the `model-index` block for the header of a model card, as YAML.

    A score without a value, or with a failed gate, is left out; a comment above the block gives
    the reason. Values are unrounded, in the score's own unit. The interval and the number of
    videos are in a metric's `args`, because the format has no field for them. The newer files
    `.eval_results/*.yaml` are not written: they name a benchmark that is registered as a data set
    on the Hub, which a protocol of lvbench is not.

    Source: https://github.com/huggingface/hub-docs/blob/main/modelcard.md; read back in the test
    by huggingface_hub's `ModelCardData`.

    Args:
        run: The run.
        source: Address of the run or of its board.

    Raises:
        ConfigError: No score of the run may be published.
    """
    shown = {key: score for key, score in run.scores.items() if not is_redundant(key, run)}
    keys = sorted(shown, key=lambda key: describe(key).order)
    why = {key: _left_out(shown[key]) for key in keys}
    metrics = [_metric(key, shown[key]) for key in keys if not why[key]]
    if not metrics:
        raise ConfigError(
            "write the run into a model card",
            found="no score can be ranked",
            where=str(run.folder / "run.json"),
            fix=f"'lvbench report {run.folder} --format md' gives the reason for each",
            code="nothing_to_publish",
        )
    result = {"task": _task(run), "dataset": _dataset(run), "metrics": metrics}
    if source is not None:
        result["source"] = {"name": "lvbench", "url": source}
    block = {"model-index": [{"name": _model(run), "results": [result]}]}
    text = yaml.safe_dump(block, sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"# {line}\n" for line in [*_state(run), *_named(why)]) + text


def _left_out(score: Score) -> str:
    """Return why a score is not published, empty where it is."""
    return reason(score) if score.value is None else gate_in_words(score)


def _named(why: dict[str, str]) -> list[str]:
    """Return a line for each reason, with the scores left out for it."""
    reasons = dict.fromkeys(text for text in why.values() if text)
    return [
        f"left out: {', '.join(k for k, v in why.items() if v == text)}: {' '.join(text.split())}"
        for text in reasons
    ]


def _state(run: Run) -> list[str]:
    """Return signature and state of the run, for the lines above the numbers."""
    lines = [run.record.signature] if run.record.signature else []
    if run.record.status == "partial":
        reasons = "; ".join(" ".join(text.split()) for text in run.record.reasons)
        lines.append(f"partial run: {reasons or 'no reason given'}")
    if run.record.signature is None:
        lines.append(printable(short_signature(run.record)))
    if run.record.protocol.draft:
        lines.append("the protocol is a draft: its numbers may still change")
    return lines


def _model(run: Run) -> str:
    """Return the generator's name if all videos have the same one, else the run's title."""
    names = {item.video.generator for item in run.items}
    name = names.pop() if len(names) == 1 else None
    return name or run.record.title


def _task(run: Run) -> dict[str, str]:
    prompted = any(item.video.prompts for item in run.items)
    return {"type": "text-to-video" if prompted else "other", "name": "Long-video generation"}


def _dataset(run: Run) -> dict[str, Any]:
    """Return the protocol as the data set, with its hash as the revision."""
    protocol = run.record.protocol
    title = protocol_prose(protocol.name).get("title")
    args: dict[str, Any] = {"version": protocol.version, "status": run.record.status}
    if run.record.signature is not None:
        args["signature"] = run.record.signature
    return {
        "type": protocol.name,
        "name": f"{protocol.name} v{protocol.version}" + (f": {title}" if title else ""),
        "revision": protocol.hash,
        "args": args,
    }


def _metric(key: str, score: Score) -> dict[str, Any]:
    about = describe(key)
    title = about.metric_title + (f": {about.title}" if about.component else "")
    args = {name: getattr(score, name) for name in _OF_ARGS}
    args |= {"unit": score.unit, "higher_is_better": score.higher_is_better}
    return {
        "type": key,
        "value": score.value,
        "name": title,
        "args": {name: value for name, value in args.items() if value not in (None, "")},
        "verified": False,
    }
