"""Image encoders, CLIP's tokens, and VBench's consistency, against their publishers' code.

The large networks run on seeded weights: those numbers were made once by the publishers' own
modules (facebookresearch/dino 7c446df, facebookresearch/dinov2, openai/CLIP) and by VBench's own
functions around them (Vchitect/VBench 45e79ec), on the weights and pictures made here. VBench's
scores come by way of its `load_video` of an .mp4, whose frames are float32 tensors.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.embeddings.clip import tokenize
from lvbench.features.embeddings.image_encoder import ImageEncoder
from lvbench.features.registry import build, load
from lvbench.metrics.base import Metric, VideoContext
from lvbench.metrics.vbench.vbench_background_consistency import VbenchBackgroundConsistency
from lvbench.metrics.vbench.vbench_long_background_consistency import (
    VbenchLongBackgroundConsistency,
)
from lvbench.metrics.vbench.vbench_long_subject_consistency import VbenchLongSubjectConsistency
from lvbench.metrics.vbench.vbench_subject_consistency import VbenchSubjectConsistency
from lvbench.results.schema import ItemScore
from lvbench.video.frames import Frames
from tests.parity.case import Case
from tests.seeded import gradient_videos

TOLERANCE = 1e-4
VBENCH = "Vchitect/VBench (45e79ec), its functions on seeded networks"
# Norm and first three numbers.
SEEDED = {
    ("dino_vitb16", 224, 224): (27.60466194, -0.4193308055, 1.331341863, 0.1932656212),
    ("dino_vitb16", 224, 398): (27.63775253, -1.130525947, 1.102071285, 0.6291323304),
    ("dinov2_vits14", 224, 224): (19.51542091, -1.230450630, 0.4928862453, 0.2132736742),
    ("clip_vit_b_32", 224, 224): (31.83564568, -0.8918290138, -0.08341031522, 2.235298395),
}
SEEDED_TEXT = (27.05587387, -1.684750199, -1.865925550, 0.8898740411)
# The two rows of VBench-Long's tables that the scores fall between.
SUBJECT_ROWS = [[0.89, 0.988262855586541], [0.9, 0.988710454351168]]
BACKGROUND_ROWS = [[0.88, 0.969973438912019], [0.89, 0.970532389196844]]

RESIZED_OTHERWISE = (
    "vbench_long_subject_consistency.between_clips",
    "vbench_long_subject_consistency",
)
DEBT = (
    "DINOv2's frames are resized by Pillow, as its publisher does, VBench-Long's by torchvision "
    "on tensors of floats, which are not rounded to 8 bits"
)


def light_cases(root: Path) -> list[Case]:
    """Return the comparisons of the light encoders and of CLIP's tokens.

    Args:
        root: The folder that holds assets/.
    """
    index = json.loads((root / "assets" / "index.json").read_text())
    goldens = {entry["name"]: entry["golden"] for entry in index if entry.get("golden")}
    pixels = _pixels_of_the_index()
    mobilenet: Any = load("mobilenet_v2", weights=root / "assets")
    squeezenet: Any = load("squeezenet1_1", weights=root / "assets")
    vectors = mobilenet.forward(mobilenet.network, pixels).numpy()
    found = _rows("MobileNetV2, 1280 pooled", vectors, goldens["mobilenet_v2_features"], 0)
    golden = goldens["squeezenet1_1_torchvision"]
    logits = squeezenet.network(pixels).numpy()
    features = squeezenet.network.features(pixels).numpy()
    found += _rows("SqueezeNet 1.1, logits", logits, golden, 0)
    found += _rows("SqueezeNet 1.1, feature maps", features, golden, 1)
    for text, ids in goldens["clip_bpe_vocab"].items():
        equal = [a == b for a, b in zip(tokenize(text), ids, strict=True)]
        found.append(
            Case(f"CLIP token ids that agree, '{text}'", sum(equal), len(ids), 0.0, "openai/CLIP")
        )
    return found


def transformer_cases() -> list[Case]:
    """Return the comparisons of DINO, DINOv2 and CLIP on seeded weights, and VBench's scores."""
    found = []
    encoders = {
        name: seeded(name) for name in ("dino_vitb16", "dinov2_vits14", "clip_vit_b_32_vbench")
    }
    encoders["clip_vit_b_32"] = encoders["clip_vit_b_32_vbench"]
    for (name, height, width), theirs in SEEDED.items():
        encoder = encoders[name]
        ours = encoder.forward(encoder.network, _noise(height, width)).numpy()
        found += _four(f"{name} on seeded weights, {height} x {width}", ours, theirs, name)
    clip: Any = encoders["clip_vit_b_32"]
    text = clip._encode_text(tokenize("a photo of a cat"))
    found += _four("clip_vit_b_32 on seeded weights, a text", text, SEEDED_TEXT, "clip_vit_b_32")
    return found + _vbench_cases(encoders)


def _vbench_cases(encoders: dict[str, ImageEncoder]) -> list[Case]:
    dino = _features(encoders["dino_vitb16"])
    dinov2 = _features(seeded("dinov2_vitb14"))
    clip = _features(encoders["clip_vit_b_32_vbench"])
    short = {
        name: Features(f.t[:4], {"image": f["image"][:4]})
        for name, f in (("dino", dino), ("clip", clip))
    }
    subject = _score(VbenchSubjectConsistency(), [short["dino"]])
    background = _score(VbenchBackgroundConsistency(), [short["clip"]])
    long_subject = _score(VbenchLongSubjectConsistency(), [dino, dinov2, _table(SUBJECT_ROWS)])
    long_background = _score(VbenchLongBackgroundConsistency(), [clip, _table(BACKGROUND_ROWS)])
    rows: list[tuple[str, ItemScore, str, float]] = [
        ("vbench_subject_consistency", subject, "", 0.990422248840332),
        ("vbench_background_consistency", background, "", 0.9848533670107523),
        ("vbench_long_subject_consistency", long_subject, "within_clips", 0.9685198929574753),
        ("vbench_long_subject_consistency", long_subject, "between_clips", 0.8978993892669678),
        ("vbench_long_subject_consistency", long_subject, "", 0.9785681621158683),
        ("vbench_long_background_consistency", long_background, "within_clips", 0.9453029963705274),
        (
            "vbench_long_background_consistency",
            long_background,
            "between_clips",
            0.8876427114009857,
        ),
        ("vbench_long_background_consistency", long_background, "", 0.957851812426994),
    ]
    found = []
    for name, score, part, theirs in rows:
        ours = score.components[part] if part else score.value
        assert ours is not None
        label = f"{name}{'.' if part else ''}{part}"
        # What is lost, not what is left: near 1 a relative difference would hide all.
        resized_otherwise = label in RESIZED_OTHERWISE
        found.append(
            Case(
                f"1 - {label}",
                1 - ours,
                1 - theirs,
                2e-3 if resized_otherwise else TOLERANCE,
                VBENCH,
                DEBT if resized_otherwise else "",
            )
        )
    return found


def seeded(name: str) -> ImageEncoder:
    """Return an encoder whose weights are made from their names."""
    import torch

    encoder: Any = build(name)
    network = encoder.architecture().eval().requires_grad_(False)
    for key, tensor in network.state_dict().items():
        rng = np.random.RandomState(zlib.crc32(key.encode()))
        values = np.asarray(0.05 * rng.standard_normal(tuple(tensor.shape)), np.float32)
        if key.endswith(".weight") and values.ndim == 1:
            values = values + np.float32(1)
        tensor.copy_(torch.from_numpy(values))
    encoder._network = network
    found: ImageEncoder = encoder
    return found


def video() -> NDArray[np.uint8]:
    """Return ten frames, 48 x 80, of one moving grating that fades into another."""
    first, last = (gradient_videos(seed, n=1, t=80, h=48, w=80)[0] for seed in (0, 1))
    mix = np.linspace(0, 1, 80)[:, None, None, None]
    faded: NDArray[np.uint8] = np.floor((1 - mix) * first + mix * last + 0.5).astype(np.uint8)
    return faded[::8]


def _features(encoder: ImageEncoder) -> Features:
    frames = Frames(np.arange(10) / 2, rgb=video())
    return Features(frames.pts, encoder.encode(encoder.pixels(frames)))


def _table(rows: list[list[float]]) -> Features:
    return Features(np.zeros(1), {"map": np.array([rows])})


def _score(metric: Metric[Any], features: list[Features]) -> ItemScore:
    state = metric.new_state(VideoContext(fps=2.0))
    for name, found in zip(metric.needs, features, strict=True):
        metric.update(state, {name: found})
    return metric.item(state)


def _pixels_of_the_index() -> Any:
    import torch

    mean, std = (
        np.array(v).reshape(1, 3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    )
    noise = np.random.RandomState(0).rand(1, 3, 224, 224).astype(np.float32)
    return torch.from_numpy(((noise - mean) / std).astype(np.float32))


def _noise(height: int, width: int) -> Any:
    import torch

    noise = np.random.RandomState(7).randn(1, 3, height, width)
    return torch.from_numpy(noise.astype(np.float32))


def _rows(name: str, ours: NDArray[Any], golden: dict[str, Any], output: int) -> list[Case]:
    theirs = golden["outputs"][output]
    first = ours.ravel()[:8].astype(np.float64)
    source = "ONNX model zoo" if name.startswith("Mobile") else "torchvision's weights, index.json"
    return [
        Case(f"{name}: norm", float(np.linalg.norm(ours)), theirs["norm"], TOLERANCE, source),
        Case(
            f"{name}: norm of the first eight",
            float(np.linalg.norm(first)),
            float(np.linalg.norm(theirs["first8"])),
            TOLERANCE,
            source,
        ),
    ]


def _four(name: str, ours: NDArray[Any], theirs: tuple[float, ...], network: str) -> list[Case]:
    publisher = {
        "dino_vitb16": "facebookresearch/dino (7c446df)",
        "dinov2_vits14": "facebookresearch/dinov2",
        "clip_vit_b_32": "openai/CLIP",
    }
    source = f"{publisher[network]} on seeded weights"
    values = [float(np.linalg.norm(ours)), *ours.ravel()[:3].tolist()]
    what = ("norm", "1st", "2nd", "3rd")
    return [
        Case(f"{name}: {part}", a, b, TOLERANCE, source)
        for part, a, b in zip(what, values, theirs, strict=True)
    ]
