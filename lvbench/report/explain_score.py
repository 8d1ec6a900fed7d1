"""Explain a score of a run, down to its videos, from the run folder alone."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from lvbench.errors import UsageError
from lvbench.metrics.registry import METRICS
from lvbench.printing import visible
from lvbench.protocol.identity import short_signature
from lvbench.report.tables.describe import IN_WORDS, broken, failure
from lvbench.results.run import Run
from lvbench.results.schema import Gate, ItemRecord, ItemScore, Score

_MOST_EVENTS = 3
_RANK = {"failed": 0, "ok": 1, "not_applicable": 2}
Content = dict[str, Any]


def explain_score(run: Run, key: str, video: str | None = None) -> Content:
    """Return the explanation of the score `key` as plain JSON; of one video its series too.

    Raises:
        UsageError: The run has no such score or no such video.
    """
    score: Score = _one(run.scores, key, "score", run)
    left, _, extractor = key.partition("@")
    name, _, part = left.partition(".")
    item = f"{name}@{extractor}" if extractor else name
    known = METRICS.get(name)
    info = known.info
    scored = info.components.get(part, info.headline)
    of_sets = known.of_sets
    records = {record.video.id: record for record in run.items}
    if video is not None:
        _one(records, video, "video", run)
    rows = [_row(record, item, part) for record in records.values()]
    rows.sort(key=lambda row: _worst(row, None if of_sets else score.higher_is_better))
    protocol = run.record.protocol
    content: Content = {
        "score": key,
        "title": scored.title,
        "of": f"{name} version {info.version}",
        "aggregation": "all videos at once, from their windows' features; a video's value is its "
        "number of windows"
        if of_sets
        else IN_WORDS[scored.statistic],
        "protocol": f"{protocol.name} version {protocol.version}"
        + (" (draft)" if protocol.draft else ""),
        "protocol_hash": protocol.hash,
        "signature": run.record.signature,
        "short": short_signature(run.record),
        "result": score.model_dump(mode="json"),
        "videos": rows,
    }
    if video is not None:
        found = records[video].metrics.get(item, _ABSENT)
        content["series"] = {n: s.model_dump() for n, s in found.series.items()}
    return content


_ABSENT = ItemScore(status="not_applicable", code="not_computed", detail="not in the item record")


def _row(record: ItemRecord, item: str, part: str) -> Content:
    found = record.metrics.get(item, _ABSENT)
    return {
        "video": record.video.id,
        "cluster": record.video.cluster,
        "status": found.status,
        "code": found.code,
        "detail": found.detail,
        "value": found.components.get(part) if part else found.value,
        "components": dict(found.components),
        "flags": found.flags,
        "events": [{"kind": e.kind, "start": e.start, "end": e.end} for e in found.events],
    }


def _worst(row: Content, higher_is_better: bool | None) -> tuple[int, float, str]:
    """Return the sort key: failures first, then the worst values, then videos without a value."""
    value = row["value"]
    if value is None:
        return (_RANK[row["status"]], float("inf"), row["video"])
    worst = -abs(value) if higher_is_better is None else value if higher_is_better else -value
    return (_RANK[row["status"]], worst, row["video"])


def _one(among: dict[str, Any], key: str, what: str, run: Run) -> Any:
    if key in among:
        return among[key]
    near = get_close_matches(key, among, 3, 0.3) or sorted(among)[:3]
    raise UsageError(
        f"explain the {what} '{key}'",
        found=f"the run has {len(among)} {what}s and none of that name",
        where=str(run.folder),
        fix=f"nearest: {', '.join(near) or 'none'}",
    )


def explanation_text(content: Content) -> str:
    """Return an explanation as text."""
    result = content["result"]
    lines = [
        f"{content['score']}: {content['title']}, of {content['of']}",
        f"value: {_number(result['value'])} {result['unit']}".rstrip()
        + _because(result["status"], result["code"], result["detail"]),
        f"interval: {_number(result['ci_low'])} to {_number(result['ci_high'])}, "
        f"{result['ci_method'] or 'none'}",
        f"aggregation: {content['aggregation']}",
        f"videos: {result['n_expected']} expected, {result['n_scored']} scored, "
        f"{result['n_failed']} failed",
        f"protocol: {content['protocol']}, hash {content['protocol_hash']}",
        f"identity of the score: {content['result'].get('identity') or 'not stated'}",
        f"signature: {content['signature'] or content['short']}",
    ]
    for gate in map(Gate.model_validate, result["gates"]):
        passed = f"{broken(gate)}: passed"
        words = f"{failure(gate)}: FAILED, not ranked" if gate.failed else passed
        lines.append(f"gate {gate.metric}: {words}")
    lines += ["", "videos, worst first:"]
    lines += [_line(row) for row in content["videos"]]
    for name, series in content.get("series", {}).items():
        lines += ["", f"series {name}: seconds, value"]
        pairs = zip(series["t"], series["y"], strict=True)
        lines += [f"  {t:10.3f}  {_number(y)}" for t, y in pairs]
    text = "\n".join(lines)
    # Names and reasons come from files: remove their control characters.
    return visible(text)


def _line(row: Content) -> str:
    parts = [f"  {_number(row['value']):>10}  {row['video']}  (prompt {row['cluster']})"]
    parts.append(_because(row["status"], row["code"], row["detail"]).removeprefix(":"))
    parts += [f"{name}={_number(value)}" for name, value in row["components"].items()]
    parts += [f"flag {flag}" for flag in row["flags"]]
    events = row["events"]
    parts += [f"{e['kind']} {e['start']:.2f}-{e['end']:.2f} s" for e in events[:_MOST_EVENTS]]
    if len(events) > _MOST_EVENTS:
        parts.append(f"and {len(events) - _MOST_EVENTS} more events")
    return "  ".join(part.strip("\n") for part in parts if part)


def _because(status: str, code: str | None, detail: str | None) -> str:
    return "" if status == "ok" else f": {status} ({code}): {detail}"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4g}"
