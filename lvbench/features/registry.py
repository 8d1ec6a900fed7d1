"""The extractors by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lvbench.features.base import Extractor
from lvbench.features.network import NetworkExtractor, Place
from lvbench.registry import Registry, construct

EXTRACTORS: Registry[type[Extractor]] = Registry(
    "extractor",
    {
        "aesthetic_vit_b_32": "lvbench.features.aesthetic:AestheticBase",
        "aesthetic_vit_l_14": "lvbench.features.aesthetic:AestheticLarge",
        "clip_vit_b_32": "lvbench.features.clip:ClipBase",
        "clip_vit_b_32_vbench": "lvbench.features.clip:ClipVbench",
        "clip_vit_l_14": "lvbench.features.clip:ClipLarge",
        "dino_vitb16": "lvbench.features.dino:Dino",
        "dinov2_vitb14": "lvbench.features.dino:Dinov2Base",
        "dinov2_vits14": "lvbench.features.dino:Dinov2Small",
        "dis": "lvbench.features.dis:DenseInverseSearchFlow",
        "fingerprint": "lvbench.features.fingerprint:Fingerprint",
        "frame_survey": "lvbench.features.frame_survey:FrameSurvey",
        "i3d": "lvbench.features.i3d:I3D",
        "image_quality": "lvbench.features.image_quality:ImageQuality",
        "interpolation_amt_s": "lvbench.features.interpolation_amt:AmtInterpolation",
        "interpolation_blend": "lvbench.features.interpolation:Blend",
        "interpolation_dis": "lvbench.features.interpolation:FlowInterpolation",
        "interpolation_reduced": "lvbench.features.interpolation_reduced:ReducedInterpolation",
        "lab_statistics": "lvbench.features.lab_statistics:LabStatistics",
        "loudness": "lvbench.features.loudness:Loudness",
        "luma_statistics": "lvbench.features.luma_statistics:LumaStatistics",
        "mobilefacenet": "lvbench.features.mobilefacenet:MobileFaceNet",
        "mobilenet_v2": "lvbench.features.mobilenet:MobileNet",
        "onset_strength": "lvbench.features.onset_strength:OnsetStrength",
        "libvmaf": "lvbench.features.libvmaf:Libvmaf",
        "libvmaf_neg": "lvbench.features.libvmaf:LibvmafNeg",
        "lpips_alex": "lvbench.features.paired_lpips:LpipsAlex",
        "lpips_squeeze": "lvbench.features.paired_lpips:LpipsSqueeze",
        "lpips_vgg": "lvbench.features.paired_lpips:LpipsVgg",
        "paired_ms_ssim": "lvbench.features.paired_ms_ssim:PairedMsSsim",
        "paired_psnr": "lvbench.features.paired_psnr:PairedPsnr",
        "paired_ssim": "lvbench.features.paired_ssim:PairedSsim",
        "motion_layers": "lvbench.features.motion_layers:MotionLayers",
        "musiq": "lvbench.features.musiq:MusiqExtractor",
        "raft_large": "lvbench.features.raft:RaftLarge",
        "raft_small": "lvbench.features.raft:RaftSmall",
        "rgb_difference": "lvbench.features.rgb_difference:RgbDifference",
        "sface": "lvbench.features.sface:SFace",
        "shots": "lvbench.features.shots:Shots",
        "vbench_flow": "lvbench.features.vbench_flow:VbenchFlow",
        "squeezenet1_1": "lvbench.features.squeezenet:SqueezeNet",
        "subject": "lvbench.features.subject:Subject",
        "vbench_long_background_map": "lvbench.features.quantile_map:VbenchLongBackgroundMap",
        "vbench_long_subject_map": "lvbench.features.quantile_map:VbenchLongSubjectMap",
        "waveform": "lvbench.features.waveform:Waveform",
        "world_clip": "lvbench.features.world_clip:WorldClip",
        "world_identity": "lvbench.features.world_identity:WorldIdentity",
        "world_video": "lvbench.features.world_video:WorldVideo",
        "world_view": "lvbench.features.world_view:WorldView",
        "yunet": "lvbench.features.yunet:YuNet",
    },
)


def build(name: str, parameters: dict[str, Any] | None = None) -> Extractor:
    """Return the extractor `name` with the protocol's parameters for it, its weights unsought.

    Raises:
        RegistryError: There is no extractor of that name.
        ConfigError: It does not take one of the parameters, or not of that kind.
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
        ConfigError: It does not take one of the parameters.
        WeightsError: Its weights are missing, or the file is not the one that was promised.
        MissingDependencyError: It needs an extra that is not installed.
    """
    extractor = build(name, parameters)
    extractor.require()
    if isinstance(extractor, NetworkExtractor):
        extractor.attach(Place(None if weights is None else Path(weights), device))
    return extractor
