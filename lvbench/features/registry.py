"""The extractors by name."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

from lvbench.errors import LvbenchError
from lvbench.features.base import Extractor
from lvbench.features.network import NetworkExtractor, Place
from lvbench.registry import Registry, construct
from lvbench.weights.catalogue import WeightsEntry, catalogue

EXTRACTORS: Registry[type[Extractor]] = Registry(
    "extractor",
    {
        "aesthetic_vit_b_32": "lvbench.features.quality.tables:AestheticBase",
        "aesthetic_vit_l_14": "lvbench.features.quality.tables:AestheticLarge",
        "clip_vit_b_32": "lvbench.features.embeddings.clip:ClipBase",
        "clip_vit_b_32_vbench": "lvbench.features.embeddings.clip:ClipVbench",
        "clip_vit_l_14": "lvbench.features.embeddings.clip:ClipLarge",
        "detail_statistics": "lvbench.features.signal.detail:DetailStatistics",
        "dino_vitb16": "lvbench.features.embeddings.dino:Dino",
        "dinov2_vitb14": "lvbench.features.embeddings.dino:Dinov2Base",
        "dinov2_vits14": "lvbench.features.embeddings.dino:Dinov2Small",
        "dis": "lvbench.features.flow.dis:DenseInverseSearchFlow",
        "fingerprint": "lvbench.features.signal.fingerprint:Fingerprint",
        "frame_survey": "lvbench.features.signal.frame_survey:FrameSurvey",
        "i3d": "lvbench.features.video.i3d:I3D",
        "image_quality": "lvbench.features.quality.image_quality:ImageQualityExtractor",
        "interpolation_amt_s": "lvbench.features.flow.interpolation_amt:AmtInterpolation",
        "interpolation_blend": "lvbench.features.flow.interpolation:Blend",
        "interpolation_dis": "lvbench.features.flow.interpolation:FlowInterpolation",
        "interpolation_reduced": "lvbench.features.flow.interpolation:ReducedInterpolation",
        "lab_statistics": "lvbench.features.signal.statistics:LabStatistics",
        "loudness": "lvbench.features.audio.loudness:Loudness",
        "luma_areas": "lvbench.features.signal.luma_areas:LumaAreas",
        "luma_statistics": "lvbench.features.signal.statistics:LumaStatistics",
        "mobilefacenet": "lvbench.features.faces.faces:MobileFaceNet",
        "mobilenet_v2": "lvbench.features.embeddings.convolutional:MobileNet",
        "onset_strength": "lvbench.features.audio.onset_strength:OnsetStrength",
        "libvmaf": "lvbench.features.paired.libvmaf:Libvmaf",
        "libvmaf_neg": "lvbench.features.paired.libvmaf:LibvmafNeg",
        "lpips_alex": "lvbench.features.paired.lpips:LpipsAlex",
        "lpips_squeeze": "lvbench.features.paired.lpips:LpipsSqueeze",
        "lpips_vgg": "lvbench.features.paired.lpips:LpipsVgg",
        "paired_ms_ssim": "lvbench.features.paired.ssim:PairedMsSsim",
        "paired_psnr": "lvbench.features.paired.psnr:PairedPsnr",
        "paired_ssim": "lvbench.features.paired.ssim:PairedSsim",
        "motion_layers": "lvbench.features.flow.motion_layers:MotionLayers",
        "musiq": "lvbench.features.quality.musiq:MusiqExtractor",
        "raft_large": "lvbench.features.flow.raft:RaftLarge",
        "raft_small": "lvbench.features.flow.raft:RaftSmall",
        "rgb_difference": "lvbench.features.signal.statistics:RgbDifference",
        "sface": "lvbench.features.faces.faces:SFace",
        "shots": "lvbench.features.flow.shots:Shots",
        "structure_change": "lvbench.features.flow.structure_change:StructureChange",
        "vbench_flow": "lvbench.features.flow.raft:VbenchFlow",
        "squeezenet1_1": "lvbench.features.embeddings.convolutional:SqueezeNet",
        "subject": "lvbench.features.embeddings.subject:Subject",
        "vbench_long_background_map": ("lvbench.features.quality.tables:VbenchLongBackgroundMap"),
        "vbench_long_subject_map": "lvbench.features.quality.tables:VbenchLongSubjectMap",
        "waveform": "lvbench.features.audio.waveform:Waveform",
        "world_clip": "lvbench.features.world.world_clip:WorldClip",
        "world_identity": "lvbench.features.world.world_identity:WorldIdentity",
        "world_video": "lvbench.features.world.world_video:WorldVideo",
        "world_view": "lvbench.features.world.world_view:WorldView",
        "yunet": "lvbench.features.faces.faces:YuNet",
    },
)


def build(name: str, parameters: dict[str, Any] | None = None) -> Extractor:
    """Return the extractor `name` with the protocol's parameters, without its weights.

    Raises:
        RegistryError: There is no extractor of that name.
        ConfigError: It does not accept one of the parameters, or not of that kind.
    """
    return construct("extractor", name, EXTRACTORS.get(name), parameters or {})


def load(
    name: str, weights: str | Path | None = None, device: str = "cpu", **parameters: Any
) -> Extractor:
    """Return the extractor `name`, ready to be called; a neural one has a `network`.

    Args:
        name: Registry name.
        weights: A weights file, or a folder whose files are matched by content; the cache if
            left out.
        device: `cpu`, `cuda`, `mps` or `auto`.
        **parameters: Parameters of the extractor.

    Raises:
        RegistryError: There is no extractor of that name.
        ConfigError: It does not accept one of the parameters.
        WeightsError: Its weights are missing, or the file has another content.
        MissingDependencyError: It needs an extra that is not installed.

    Examples:
        >>> import numpy as np
        >>> from lvbench.features import load
        >>> from lvbench.video.frames import Frames
        >>> luma = np.full((2, 32, 32), 128, np.uint8)
        >>> found = load("luma_statistics")(Frames(np.array([0.0, 0.5]), luma=luma))
        >>> found["lightness"].round(1).tolist(), found["contrast"].tolist()
        ([53.6, 53.6], [0.0, 0.0])
    """
    extractor = build(name, parameters)
    extractor.require()
    if isinstance(extractor, NetworkExtractor):
        extractor.attach(Place(None if weights is None else Path(weights), device))
    return extractor


def needed_by(user: str) -> list[WeightsEntry]:
    """Return the weights that an extractor, or a metric with a table of its own, reads.

    Args:
        user: Name of an extractor or a metric.
    """
    entries = catalogue()
    names = [entry.name for entry in entries.values() if user in entry.metrics]
    if user in EXTRACTORS and issubclass(EXTRACTORS.get(user), NetworkExtractor):
        # Built, as the weights of some depend on their parameters.
        extractor = build(user)
        assert isinstance(extractor, NetworkExtractor)
        names += [name for name in extractor.weights if name in entries]
    return [entries[name] for name in names]


def users() -> dict[str, list[str]]:
    """Return, for each entry, the extractors and metrics that read it."""
    found = {entry.name: list(entry.metrics) for entry in catalogue().values()}
    for name in EXTRACTORS:
        # A plugin that cannot be imported hides no other.
        with suppress(LvbenchError):
            for entry in needed_by(name):
                found[entry.name].append(name)
    return found
