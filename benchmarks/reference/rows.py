"""Settings of the switches that are measured, one remedy at a time."""

from __future__ import annotations

from lvbench.reference.sampling.switches import SAMPLING, Switches

ROWS = {
    **SAMPLING,
    "2 steps": Switches(steps=2),
    "10 steps": Switches(steps=10),
    "shift 3": Switches(shift=3.0),
    "heun": Switches(solver="heun", steps=3),
    "renoise": Switches(solver="renoise"),
    "rolling": Switches(sampler="rolling"),
    "chunk, overlap 8": Switches(sampler="chunk", chunk=8, overlap=8),
    "chunk, overlap 1": Switches(sampler="chunk", chunk=8, overlap=1),
    "window 8": Switches(window=8),
    "window 4": Switches(window=4),
    "no opening": Switches(opening=0),
    "history_noise 0": Switches(history_noise=0.0),
    "history_noise 0.12": Switches(history_noise=0.12),
    "sink 2": Switches(sink=2),
    "memory 2": Switches(memory=2),
    "recache 8": Switches(recache=8),
    "history_guidance 0.5": Switches(history_guidance=0.5),
    "history_guidance 2": Switches(history_guidance=2.0),
    "cfg 1": Switches(cfg=1.0),
    "cfg 3": Switches(cfg=3.0),
    "correct colour": Switches(correct="colour"),
    "no clamp": Switches(clamp=False),
    "shared noise": Switches(noise="shared"),
    "bfloat16": Switches(dtype="bfloat16"),
    "int8": Switches(dtype="int8"),
    "prune 0.1": Switches(prune=0.1),
    "prune 0.3": Switches(prune=0.3),
}
