"""I3D: the network of the Fréchet video distance, on windows of frames."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError, VideoDecodeError
from lvbench.features.base import Arrays, ExtractorSpec, Features, Windows
from lvbench.features.network import Place, TorchExtractor
from lvbench.features.video.i3d_preprocessing import check_length, check_preprocessing, preprocess
from lvbench.video.frames import Frames, Products
from lvbench.weights.checkpoint import load_into

# A declared rate such as 7.99 counts as 8.
_SLOWER = 0.98


class I3D(TorchExtractor):
    """Emit the features of Inception I3D, trained from scratch on Kinetics-400, per window.

    `logits`, float32 `(n, 400)`: the output of the last layer, mean over time, no softmax; FVD
    compares these. `pooled`, float32 `(n, 1024)`: the input of that layer, mean over time.

    Args:
        preprocessing: One of the ids of `i3d_preprocessing`.
        batch_norm_epsilon: 1e-3 as trained; 1e-5 in VideoGPT, TATS, LVDM, cd-FVD and
            common_metrics "videogpt".
        length: Frames in a window, at least 9.
        rate: Frames per second that windows are made of, for a published stride: 24 fps at
            stride 8 are 3 Hz; 0 for the video's own frames.
        start: Seconds at which the first window begins.
        every: Seconds from one window's beginning to the next's; 0 for back to back.
        most: Windows of one video at most; 0 for as many as fit.

    Raises:
        ConfigError: No such preprocessing (`preprocessing_unknown`), or windows that are too
            short (`too_few_frames`).

    Source: Carreira and Zisserman, CVPR 2017; Unterthiner et al., arXiv:1812.01717.
    """

    weights = ("i3d",)

    def __init__(
        self,
        preprocessing: str = "half-pixel-224",
        batch_norm_epsilon: float = 1e-3,
        length: int = 16,
        rate: float = 0.0,
        start: float = 0.0,
        every: float = 0.0,
        most: int = 0,
    ) -> None:
        check_preprocessing(preprocessing)
        check_length(length)
        self.spec = ExtractorSpec(
            name="i3d",
            version=1,
            products=Products(rgb=True),
            preprocessing=preprocessing,
            sampling="windows",
            # One: a set of one window per video would pay for every padded one.
            batch=1,
            parameters={
                "preprocessing": preprocessing,
                "batch_norm_epsilon": batch_norm_epsilon,
                "length": length,
                "rate": rate,
                "start": start,
                "every": every,
                "most": most,
            },
            rate=rate or None,
            windows=Windows(length, start, every or None, most),
            keeps=("logits",),
        )
        self._epsilon = batch_norm_epsilon

    def architecture(self) -> Any:
        """Return the torch module with random weights."""
        from lvbench.features.video.i3d_network import InceptionI3d

        return InceptionI3d(self._epsilon)

    def load(self, files: dict[str, Path], device: str) -> Any:
        """Return the network with the weights of a file in any of the known forms.

        Raises:
            WeightsError: As `i3d_checkpoint.read_i3d`.
        """
        import torch

        from lvbench.features.video.i3d_checkpoint import read_i3d

        network = self.architecture()
        (path,) = files.values()
        tensors = {name: torch.from_numpy(array.copy()) for name, array in read_i3d(path).items()}
        counts = {
            name: value
            for name, value in network.state_dict().items()
            if name.endswith("num_batches_tracked")
        }
        load_into(network, tensors | counts, path)
        network = network.to(memory_format=torch.channels_last_3d)
        return network.eval().requires_grad_(False).to(device)

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function that takes windows.

        It raises `VideoDecodeError` (`rate_too_low`) for a video of fewer frames per second than
        the windows: its windows would last longer than those of the others.
        """
        extract = super().start(fps, prompts)
        rate = self.spec.rate
        if rate is None or fps is None or fps >= _SLOWER * rate:
            return extract

        def refuse(frames: Frames) -> Features:
            raise VideoDecodeError(
                f"make windows of {rate:g} frames per second",
                found=f"a video of {fps:g} frames per second",
                where="extractor 'i3d'",
                fix=f"a lower rate for i3d in the protocol, or videos of {rate:g} fps and more",
                code="rate_too_low",
            )

        return refuse

    def pixels(self, frames: Frames) -> NDArray[np.float32]:
        """Return float32 `(n, 224, 224, 3)` in [-1, 1]."""
        assert frames.rgb is not None
        return preprocess(frames.rgb, self.spec.preprocessing)

    def encode(self, batch: NDArray[np.float32]) -> Arrays:
        """Return the features of windows `(1, length, 224, 224, 3)`."""
        import torch

        clips = torch.from_numpy(batch).permute(0, 4, 1, 2, 3).to(self.device)
        with torch.inference_mode():
            logits, pooled = self.network.encode(clips)
        return {"logits": logits.cpu().numpy(), "pooled": pooled.cpu().numpy()}


def i3d_features(
    videos: NDArray[np.uint8],
    preprocessing: str = "half-pixel-224",
    batch_norm_epsilon: float = 1e-3,
    weights: str | Path | None = None,
    network: Any = None,
    device: str = "cpu",
) -> NDArray[np.float32]:
    """Return I3D's logits of clips, each as one window.

    Args:
        videos: RGB, uint8 `(N, T, H, W, 3)`, T at least 9.
        preprocessing: One of the ids of `i3d_preprocessing`.
        batch_norm_epsilon: As of `I3D`; unused where a network is given.
        weights: A weights file or a folder; the cache if left out.
        network: Use this one (`load("i3d", ...).network`) instead of loading weights.
        device: Where a network that is loaded here runs: `cpu`, `cuda`, `mps` or `auto`.

    Returns:
        float32 `(N, 400)`.

    Raises:
        ConfigError: Not uint8 (`range_ambiguous`), another shape (`bad_shape`), fewer than 9
            frames (`too_few_frames`), or no such preprocessing (`preprocessing_unknown`).
        WeightsError: The weights are missing or of another network.
    """
    import torch

    check_videos(videos)
    check_preprocessing(preprocessing)
    if network is None:
        extractor = I3D(preprocessing, batch_norm_epsilon, length=videos.shape[1])
        extractor.attach(Place(None if weights is None else Path(weights), device))
        network = extractor.network
    target = next(network.parameters()).device
    features = np.empty((len(videos), 400), np.float32)
    for i, video in enumerate(videos):
        clip = torch.from_numpy(preprocess(video, preprocessing)[None]).permute(0, 4, 1, 2, 3)
        with torch.inference_mode():
            features[i] = network(clip.to(target))[0].cpu().numpy()
    return features


def check_videos(videos: NDArray[np.uint8]) -> None:
    """Refuse arrays whose range or layout is ambiguous.

    Raises:
        ConfigError: As `i3d_features`.
    """
    if videos.dtype != np.uint8:
        raise ConfigError(
            "use videos as I3D's input",
            found=f"values of type {videos.dtype}, whose range is not known: [0, 1], [-1, 1] and "
            "[0, 255] cannot be distinguished, and the wrong one gives a plausible number",
            where="the array of videos",
            fix="give uint8 in 0..255: (255 * x).round().astype('uint8') for x in [0, 1]",
            code="range_ambiguous",
        )
    if videos.ndim != 5 or videos.shape[-1] != 3 or not videos.size:
        raise ConfigError(
            "use videos as I3D's input",
            found=f"an array of shape {videos.shape}",
            where="the array of videos",
            fix="give (N, T, H, W, 3), none of them 0",
            code="bad_shape",
        )
    check_length(videos.shape[1])
