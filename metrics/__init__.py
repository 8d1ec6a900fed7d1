"""The metrics, one file each, imported as `lvbench.metrics`; each is a function on arrays too.

`lvbench.metrics.freeze(frames, fps)` judges one clip in memory. The functions are bound here, at
import, under their files' names: a lazy look-up would give the function first and, once somebody
has imported the file, the module ever after.
"""

from __future__ import annotations

if __name__ != "lvbench.metrics":
    raise ImportError("import lvbench.metrics, not metrics: a second copy would register twice")

from lvbench.metrics.aesthetic import aesthetic
from lvbench.metrics.audio_quality import audio_quality
from lvbench.metrics.av_sync import av_sync
from lvbench.metrics.background_consistency import background_consistency
from lvbench.metrics.black_bars import black_bars
from lvbench.metrics.camera_motion import camera_motion
from lvbench.metrics.clip_consistency import clip_consistency
from lvbench.metrics.clip_text import clip_text
from lvbench.metrics.colour_drift import colour_drift
from lvbench.metrics.cost import cost
from lvbench.metrics.delta_drift import delta_drift
from lvbench.metrics.diversity import diversity
from lvbench.metrics.exposure_drift import exposure_drift
from lvbench.metrics.fie import fie
from lvbench.metrics.flow_smoothness import flow_smoothness
from lvbench.metrics.freeze import freeze
from lvbench.metrics.fvd import fvd
from lvbench.metrics.fvd_inf import fvd_inf
from lvbench.metrics.fvd_over_time import fvd_over_time
from lvbench.metrics.identity_drift import identity_drift
from lvbench.metrics.image_quality import image_quality
from lvbench.metrics.incoherence import incoherence
from lvbench.metrics.kvd import kvd
from lvbench.metrics.loop import loop
from lvbench.metrics.lpips import lpips
from lvbench.metrics.memorisation import memorisation
from lvbench.metrics.motion_magnitude import motion_magnitude
from lvbench.metrics.motion_matched import motion_matched
from lvbench.metrics.ms_ssim import ms_ssim
from lvbench.metrics.precision_recall import precision_recall
from lvbench.metrics.psnr import psnr
from lvbench.metrics.reappearance import reappearance
from lvbench.metrics.seam import seam
from lvbench.metrics.self_repetition import self_repetition
from lvbench.metrics.sharpness_drift import sharpness_drift
from lvbench.metrics.shot_cuts import shot_cuts
from lvbench.metrics.sound_events import sound_events
from lvbench.metrics.ssim import ssim
from lvbench.metrics.subject_consistency import subject_consistency
from lvbench.metrics.subject_motion import subject_motion
from lvbench.metrics.temporal_flicker import temporal_flicker
from lvbench.metrics.vbench_background_consistency import vbench_background_consistency
from lvbench.metrics.vbench_dynamic_degree import vbench_dynamic_degree
from lvbench.metrics.vbench_imaging_quality import vbench_imaging_quality
from lvbench.metrics.vbench_long_background_consistency import vbench_long_background_consistency
from lvbench.metrics.vbench_long_subject_consistency import vbench_long_subject_consistency
from lvbench.metrics.vbench_motion_smoothness import vbench_motion_smoothness
from lvbench.metrics.vbench_subject_consistency import vbench_subject_consistency
from lvbench.metrics.vbench_temporal_flickering import vbench_temporal_flickering
from lvbench.metrics.vde import vde
from lvbench.metrics.vmaf import vmaf
from lvbench.metrics.vmaf_neg import vmaf_neg
from lvbench.metrics.warp_error import warp_error
from lvbench.metrics.world_clip_consistency import world_clip_consistency
from lvbench.metrics.world_clip_text import world_clip_text
from lvbench.metrics.world_fvd import world_fvd
from lvbench.metrics.world_identity_drift import world_identity_drift
from lvbench.metrics.world_light import world_light

__all__ = [
    "aesthetic",
    "audio_quality",
    "av_sync",
    "background_consistency",
    "black_bars",
    "camera_motion",
    "clip_consistency",
    "clip_text",
    "colour_drift",
    "cost",
    "delta_drift",
    "diversity",
    "exposure_drift",
    "fie",
    "flow_smoothness",
    "freeze",
    "fvd",
    "fvd_inf",
    "fvd_over_time",
    "identity_drift",
    "image_quality",
    "incoherence",
    "kvd",
    "loop",
    "lpips",
    "memorisation",
    "motion_magnitude",
    "motion_matched",
    "ms_ssim",
    "precision_recall",
    "psnr",
    "reappearance",
    "seam",
    "self_repetition",
    "sharpness_drift",
    "shot_cuts",
    "sound_events",
    "ssim",
    "subject_consistency",
    "subject_motion",
    "temporal_flicker",
    "vbench_background_consistency",
    "vbench_dynamic_degree",
    "vbench_imaging_quality",
    "vbench_long_background_consistency",
    "vbench_long_subject_consistency",
    "vbench_motion_smoothness",
    "vbench_subject_consistency",
    "vbench_temporal_flickering",
    "vde",
    "vmaf",
    "vmaf_neg",
    "warp_error",
    "world_clip_consistency",
    "world_clip_text",
    "world_fvd",
    "world_identity_drift",
    "world_light",
]
