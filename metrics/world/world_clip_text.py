"""Does each part of a clip of the world show the scene and the cast that are due?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from lvbench.features.base import Features
from lvbench.metrics.base import ScoreInfo, VideoContext
from lvbench.metrics.common.column import Column
from lvbench.metrics.common.world_cast import HOME, SETTLE, CastWatch
from lvbench.metrics.common.world_info import of_world
from lvbench.metrics.common.world_order import Order, why_no_order
from lvbench.metrics.semantics.clip_text import ClipText, Similarities
from lvbench.results.schema import ItemScore
from lvbench.world.grammar import SCENES

_INFO = of_world(ClipText.info, "world_clip_text", ("world_clip", "world_identity"))


@dataclass
class _Read(Similarities):
    """Values read from a clip in addition to its similarities."""

    order: Order | None = None
    cast: CastWatch | None = None
    scene: Column = field(default_factory=Column)


class WorldClipText(ClipText):
    """Compare each frame with the prompt that is due; read scene and cast back.

    Similarities are of the frames in which the whole cast should be in the view.
    """

    info = replace(
        _INFO,
        components={
            "scene": ScoreInfo("World: scene accuracy", "", True, "mean", (0.0, 1.0)),
            "cast": ScoreInfo("World: cast accuracy", "", True, "mean", (0.0, 1.0)),
            "strangers": ScoreInfo(
                "World: unrequested characters per frame", "", False, "mean", (0.0, None)
            ),
        }
        | dict(_INFO.components),
    )

    def __init__(self) -> None:
        """Take no parameters: there is one encoder of the world."""

    def new_state(self, video: VideoContext) -> _Read:
        """Return the empty state."""
        order = Order.of(video)
        if order is None:
            return _Read(video)
        # Prompts that differ only in camera or light are one text: neither is read.
        texts = [(shot.start, shot.text.partition("; camera=")[0]) for shot in order.shots]
        read = replace(video, prompts=tuple(texts))
        return _Read(read, order=order, cast=CastWatch(order))

    def update(self, state: Similarities, features: Mapping[str, Features]) -> None:
        """Keep every frame's similarity with every prompt, its scene and its cast."""
        assert isinstance(state, _Read)
        found = features.get("world_clip")
        if state.order is None or state.cast is None:
            state.t.extend(found.t if found is not None else [])
            return
        if (seen := features.get("world_identity")) is not None:
            state.cast.add(seen)
        if found is None:
            return
        moments = [state.order.at(t) for t in found.t.tolist()]
        home = np.array([abs(moment.camera) <= HOME for moment in moments])
        alike = {"text_similarity": found["text_similarity"][home]}
        super().update(state, {"world_clip": Features(found.t[home], alike)})
        for moment, shares in zip(moments, found["scene"], strict=True):
            if moment.index == 0 or moment.since >= SETTLE:
                state.scene.append(SCENES[int(shares.argmax())] == moment.shot.scene)

    def item(self, state: Similarities) -> ItemScore:
        """Return the mean similarity with the prompt that is due, and what was read right."""
        assert isinstance(state, _Read)
        if state.order is None or state.cast is None:
            return why_no_order(len(state.t), state.video)
        score = super().item(state)
        if score.status != "ok":
            return score
        parts: dict[str, float] = {}
        if len(state.scene):
            parts["scene"] = float(state.scene.values().mean())
        if members := state.cast.members():
            parts["cast"] = float(np.mean(np.concatenate([m.present for m in members])))
            parts["strangers"] = float(state.cast.rows[:, 2].mean())
        return score.model_copy(update={"components": parts | score.components})
