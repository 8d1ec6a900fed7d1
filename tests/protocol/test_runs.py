"""Every shipped protocol runs to its end on noise, and every metric on a still picture.

`make protocols` runs the protocols themselves; here their clips are small and of a second or so.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lvbench.engine.aggregation.aggregate import aggregate
from lvbench.engine.aggregation.feature_sets import feature_sets
from lvbench.engine.video_pass.one_pass import score_video
from lvbench.engine.video_pass.task import find_tasks
from lvbench.engine.video_pass.tools import Tools, build_tools
from lvbench.generators.production.produce import produce
from lvbench.protocol.load import list_protocols, load_protocol
from lvbench.protocol.schema import Protocol
from lvbench.results.schema import ItemRecord, Score

SHIPPED = [f"{name}@{v}" for name, versions in list_protocols().items() for v in versions]
SECONDS, FPS = 1.5, 8.0


def cases() -> list[tuple[str, str]]:
    """Return each protocol with noise, and as many with a still picture as have all metrics."""
    metrics = {name: {m.key for m in load_protocol(name).metrics} for name in SHIPPED}
    found, seen = [(name, "noise:64x64") for name in SHIPPED], set()
    for name in sorted(SHIPPED, key=lambda name: -len(metrics[name])):
        if not metrics[name] <= seen:
            seen |= metrics[name]
            found.append((name, "static:64x64"))
    return found


def shortened(protocol: Protocol) -> Protocol:
    """Return a protocol that asks for short clips; one without prompts gets those of lvb-smoke."""
    content = protocol.model_dump()
    smoke = load_protocol("lvb-smoke@1").model_dump()
    prompts: dict[str, Any] = content["prompts"] or smoke["prompts"]
    several = isinstance(prompts["seconds"], list)
    lengths = [SECONDS + k for k in range(len(prompts["seconds"]))] if several else SECONDS
    content["prompts"] = prompts | {"seconds": lengths, "fps": FPS}
    return Protocol.model_validate(content | {"segment_seconds": 0.125})


def scored(tools: Tools, manifest: Path) -> tuple[ItemRecord, dict[str, Score]]:
    (task,) = find_tasks(manifest)
    item = score_video(task, tools).record
    return item, aggregate(tools, [item], feature_sets(tools, manifest.parent, [item]))


@pytest.mark.parametrize(("reference", "generator"), cases())
def test_a_protocol_runs_to_its_end(reference: str, generator: str, tmp_path: Path) -> None:
    protocol = shortened(load_protocol(reference))
    manifest = produce(generator, protocol, tmp_path, limit=1)
    tools = build_tools(protocol)
    item, scores = scored(tools, manifest)
    assert (item.video.status, item.video.width, item.video.height) == ("ok", 64, 64)
    assert not [key for key, one in item.metrics.items() if one.status == "failed"]
    assert item.metrics.keys() == tools.metrics.keys()
    for key in tools.unavailable:
        assert scores[key].status == "unavailable"
        assert scores[key].detail
    for key, score in scores.items():
        assert (score.value is None) == (score.status != "ok"), key
