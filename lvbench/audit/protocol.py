"""The protocol of an audit, for the engine's one pass."""

from __future__ import annotations

from lvbench.metrics.registry import METRICS
from lvbench.protocol.schema import MetricEntry, Protocol

ENCODER, SURVEY = "mobilenet_v2", "frame_survey"
HASH_RATE, IMAGE_RATE = 2.0, 1.0
_METRICS = ("freeze", "black_bars", "shot_cuts", "motion_magnitude", "diversity")
_WHERE_PRESENT = ("image_quality",)


def audit_protocol() -> Protocol:
    """Return the protocol: coarse flow, sparse image features, all else on every frame."""
    names = [*_METRICS, *(name for name in _WHERE_PRESENT if name in METRICS)]
    return Protocol(
        name="audit",
        version=1,
        segment_seconds=0.5,
        extractors={
            "dis": {"long_side": 128, "preset": "ultrafast"},
            SURVEY: {"rate": HASH_RATE},
            ENCODER: {"rate": IMAGE_RATE},
        },
        metrics=[MetricEntry(name=name, version=METRICS.get(name).info.version) for name in names],
    )
