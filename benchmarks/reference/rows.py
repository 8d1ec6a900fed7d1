"""Measured switch settings, one remedy at a time."""

from __future__ import annotations

from lvbench.reference.sampling.switches import SAMPLING

# Changes to the selected sampler, which also has a row without changes.
CHANGES = {
    "frame by frame": "sampler=frame",
    "rolling": "sampler=rolling",
    "2 steps": "steps=2",
    "10 steps": "steps=10",
    "shift 3": "shift=3",
    "heun": "solver=heun,steps=3",
    "renoise": "solver=renoise",
    "chunk, overlap 8": "sampler=chunk,chunk=8,overlap=8",
    "chunk, overlap 1": "sampler=chunk,chunk=8,overlap=1",
    "window 8": "window=8",
    "window 4": "window=4",
    "no opening": "opening=0",
    "history_noise 0": "history_noise=0",
    "history_noise 0.12": "history_noise=0.12",
    "sink 2": "sink=2",
    "memory 2": "memory=2",
    "recache 8": "recache=8",
    "history_guidance 0.5": "history_guidance=0.5",
    "history_guidance 2": "history_guidance=2",
    "cfg 1": "cfg=1",
    "cfg 3": "cfg=3",
    "correct colour": "correct=colour",
    "no clamp": "clamp=false",
    "shared noise": "noise=shared",
    "bfloat16": "dtype=bfloat16",
    "int8": "dtype=int8",
    "prune 0.1": "prune=0.1",
    "prune 0.3": "prune=0.3",
}
DEMOS = {name: preset for name, preset in SAMPLING.items() if name.endswith("-demo")}
