"""The metrics by name."""

from __future__ import annotations

from typing import Any

from lvbench.metrics.base import Metric
from lvbench.registry import Registry, construct

METRICS: Registry[type[Metric[Any]]] = Registry(
    "metric",
    {
        "aesthetic": "lvbench.metrics.aesthetic:Aesthetic",
        "audio_quality": "lvbench.metrics.audio_quality:AudioQuality",
        "av_sync": "lvbench.metrics.av_sync:AvSync",
        "background_consistency": "lvbench.metrics.background_consistency:BackgroundConsistency",
        "black_bars": "lvbench.metrics.black_bars:BlackBars",
        "camera_motion": "lvbench.metrics.camera_motion:CameraMotion",
        "clip_consistency": "lvbench.metrics.clip_consistency:ClipConsistency",
        "clip_text": "lvbench.metrics.clip_text:ClipText",
        "colour_drift": "lvbench.metrics.colour_drift:ColourDrift",
        "cost": "lvbench.metrics.cost:Cost",
        "delta_drift": "lvbench.metrics.delta_drift:DeltaDrift",
        "diversity": "lvbench.metrics.diversity:Diversity",
        "exposure_drift": "lvbench.metrics.exposure_drift:ExposureDrift",
        "fie": "lvbench.metrics.fie:FrameInterpolationError",
        "flow_smoothness": "lvbench.metrics.flow_smoothness:FlowSmoothness",
        "freeze": "lvbench.metrics.freeze:Freeze",
        "fvd": "lvbench.metrics.fvd:Fvd",
        "fvd_inf": "lvbench.metrics.fvd_inf:FvdInf",
        "fvd_over_time": "lvbench.metrics.fvd_over_time:FvdOverTime",
        "identity_drift": "lvbench.metrics.identity_drift:IdentityDrift",
        "image_quality": "lvbench.metrics.image_quality:ImageQuality",
        "incoherence": "lvbench.metrics.incoherence:Incoherence",
        "kvd": "lvbench.metrics.kvd:Kvd",
        "loop": "lvbench.metrics.loop:Loop",
        "lpips": "lvbench.metrics.lpips:Lpips",
        "memorisation": "lvbench.metrics.memorisation:Memorisation",
        "motion_magnitude": "lvbench.metrics.motion_magnitude:MotionMagnitude",
        "motion_matched": "lvbench.metrics.motion_matched:MotionMatched",
        "precision_recall": "lvbench.metrics.precision_recall:PrecisionRecall",
        "ms_ssim": "lvbench.metrics.ms_ssim:MsSsim",
        "psnr": "lvbench.metrics.psnr:Psnr",
        "reappearance": "lvbench.metrics.reappearance:Reappearance",
        "seam": "lvbench.metrics.seam:Seam",
        "self_repetition": "lvbench.metrics.self_repetition:SelfRepetition",
        "sharpness_drift": "lvbench.metrics.sharpness_drift:SharpnessDrift",
        "shot_cuts": "lvbench.metrics.shot_cuts:ShotCuts",
        "subject_consistency": "lvbench.metrics.subject_consistency:SubjectConsistency",
        "sound_events": "lvbench.metrics.sound_events:SoundEvents",
        "ssim": "lvbench.metrics.ssim:Ssim",
        "subject_motion": "lvbench.metrics.subject_motion:SubjectMotion",
        "temporal_flicker": "lvbench.metrics.temporal_flicker:TemporalFlicker",
        "vbench_background_consistency": (
            "lvbench.metrics.vbench_background_consistency:VbenchBackgroundConsistency"
        ),
        "vbench_imaging_quality": "lvbench.metrics.vbench_imaging_quality:VbenchImagingQuality",
        "vbench_dynamic_degree": "lvbench.metrics.vbench_dynamic_degree:VbenchDynamicDegree",
        "vbench_long_background_consistency": (
            "lvbench.metrics.vbench_long_background_consistency:VbenchLongBackgroundConsistency"
        ),
        "vbench_long_subject_consistency": (
            "lvbench.metrics.vbench_long_subject_consistency:VbenchLongSubjectConsistency"
        ),
        "vbench_subject_consistency": (
            "lvbench.metrics.vbench_subject_consistency:VbenchSubjectConsistency"
        ),
        "vbench_motion_smoothness": (
            "lvbench.metrics.vbench_motion_smoothness:VbenchMotionSmoothness"
        ),
        "vbench_temporal_flickering": (
            "lvbench.metrics.vbench_temporal_flickering:VbenchTemporalFlickering"
        ),
        "warp_error": "lvbench.metrics.warp_error:WarpError",
        "vmaf": "lvbench.metrics.vmaf:Vmaf",
        "vmaf_neg": "lvbench.metrics.vmaf_neg:VmafNeg",
        "vde": "lvbench.metrics.vde:VideoDriftError",
        "world_clip_consistency": "lvbench.metrics.world_clip_consistency:WorldClipConsistency",
        "world_clip_text": "lvbench.metrics.world_clip_text:WorldClipText",
        "world_fvd": "lvbench.metrics.world_fvd:WorldFvd",
        "world_identity_drift": "lvbench.metrics.world_identity_drift:WorldIdentityDrift",
        "world_light": "lvbench.metrics.world_light:WorldLight",
    },
)


def build(name: str, parameters: dict[str, Any] | None = None) -> Metric[Any]:
    """Return the metric `name` with the protocol's parameters for it.

    Raises:
        RegistryError: There is no metric of that name.
        ConfigError: It does not take one of the parameters, or not of that kind.
    """
    return construct("metric", name, METRICS.get(name), parameters or {})
