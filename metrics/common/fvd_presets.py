"""The conventions under which published FVD numbers were made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import RegistryError


@dataclass(frozen=True, slots=True)
class Preset:
    """The settings of a publisher's code before and after the network.

    Attributes:
        preprocessing: Id of `lvbench.features.video.i3d_preprocessing`.
        batch_norm_epsilon: Of the network's batch normalisations.
        ddof: The covariances divide by `n - ddof`.
        code: Its source.
    """

    preprocessing: str
    batch_norm_epsilon: float
    ddof: int
    code: str


PRESETS = {
    "original": Preset(
        "tf1-legacy-224", 1e-3, 1, "google-research/google-research, frechet_video_distance"
    ),
    "styleganv": Preset("half-pixel-224", 1e-3, 0, "universome/stylegan-v"),
    "videogpt": Preset("shorter-side-centre-224", 1e-5, 1, "wilson1yan/VideoGPT"),
    "cdfvd": Preset("half-pixel-224", 1e-5, 0, "songweige/content-debiased-fvd"),
}
"""The root is float64 in all of them, also where the publisher's was float32."""


def preset_of(name: str) -> Preset:
    """Return the preset of that name.

    Raises:
        RegistryError: There is none.
    """
    if name not in PRESETS:
        raise RegistryError(
            f"find the FVD preset '{name}'",
            found="no preset of that name",
            where="the argument 'preset'",
            fix=f"one of: {', '.join(PRESETS)}",
        )
    return PRESETS[name]


def logits_of(
    clips: NDArray[np.uint8],
    preset: Preset,
    weights: Any = None,
    device: str = "cpu",
    network: Any = None,
) -> NDArray[np.float32]:
    """Return I3D's logits of clips `uint8 (N, T, H, W, 3)` under a preset, float32 `(N, 400)`.

    A network that is given runs with the preset's epsilon, and gets its own back.

    Raises:
        ConfigError: Not uint8 (`range_ambiguous`), another shape, or fewer than 9 frames.
        WeightsError: The weights are missing or of another network.
    """
    from lvbench.features.video.i3d import i3d_features

    with _epsilon(network, preset.batch_norm_epsilon):
        return i3d_features(
            clips,
            preset.preprocessing,
            preset.batch_norm_epsilon,
            weights=weights,
            network=network,
            device=device,
        )


@contextmanager
def _epsilon(network: Any, epsilon: float) -> Iterator[None]:
    modules = list(network.modules()) if hasattr(network, "modules") else []
    own = [(m, m.eps) for m in modules if hasattr(m, "running_var")]
    try:
        for module, _ in own:
            module.eps = epsilon
        yield
    finally:
        for module, eps in own:
            module.eps = eps
