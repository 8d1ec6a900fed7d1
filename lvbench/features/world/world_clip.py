"""`world_clip`: embeddings of the world's frames and prompts in one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lvbench.errors import ConfigError
from lvbench.features.base import Arrays, Features
from lvbench.features.network import Place, TorchExtractor
from lvbench.features.world.world_view import WORDS, member_words, reduced, view_spec
from lvbench.video.frames import Frames
from lvbench.world.grammar import MOST_CAST, SCENES, Shot, parse

Floats = NDArray[np.float32]


class WorldClip(TorchExtractor):
    """Encode sampled frames, read their scene and, where the prompts are the world's, compare.

    Values: `image`, float32 `(n, 64)`, of length 1; `scene`, float32 `(n, 6)`, the scenes'
    probabilities. Where all of the video's `P` prompts are of the world's grammar, also
    `text_similarity`, float32 `(n, P)`, cosine of each frame with each prompt's scene and cast:
    its camera and light are not read.

    Args:
        rate: Frames per second that are taken; 0 for every frame.
    """

    weights = ("world_clip",)

    def __init__(self, rate: float = 2.0) -> None:
        self.spec = view_spec("world_clip", rate, batch=16)

    def architecture(self) -> Any:
        """Return the network with random weights."""
        from lvbench.features.world.networks import ClipNetwork

        return ClipNetwork()

    def pixels(self, frames: Frames) -> NDArray[np.uint8]:
        """Return the frames at 48x48."""
        assert frames.rgb is not None
        return reduced(frames.rgb)

    def encode(self, batch: NDArray[Any]) -> Arrays:
        """Return embedding and scene of every picture of a batch."""
        import torch

        from lvbench.features.world.networks import standardised

        with torch.inference_mode():
            pictures = torch.from_numpy(np.ascontiguousarray(batch)).to(self.device)
            read = self.network(standardised(pictures))
            scene = torch.softmax(read.scene, dim=1)
        return {"image": read.image.cpu().numpy(), "scene": scene.cpu().numpy()}

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function of one video, which knows the prompts' vectors."""
        try:
            texts = [self.encode_text(parse(text)) for text in prompts]
        except ConfigError:
            texts = []
        if not texts:
            return super().start(fps, prompts)

        def extract(frames: Frames) -> Features:
            arrays = self(frames)
            # One sum a text: their number must not change a bit.
            alike = [(arrays["image"] * text).sum(axis=1) for text in texts]
            arrays["text_similarity"] = np.stack(alike, axis=1)
            return Features(self.times(frames), arrays)

        return extract

    def encode_text(self, shot: Shot) -> Floats:
        """Return the unit vector `(64,)` of a prompt's scene and cast."""
        import torch

        cast = np.zeros((1, MOST_CAST, WORDS), np.float32)
        cast[0, : len(shot.cast)] = [member_words(member) for member in shot.cast]
        scene = torch.tensor([SCENES.index(shot.scene)], device=self.device)
        with torch.inference_mode():
            vector = self.network.encode_text(scene, torch.from_numpy(cast).to(self.device))
        found: Floats = vector[0].cpu().numpy()
        return found


def read_scene(frames: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the index of the scene in each frame of `uint8 (T, H, W, 3)`, `(T,)`."""
    extractor = _usual()
    size = extractor.spec.batch
    blocks = [
        extractor(Frames(np.arange(len(part), dtype=np.float64), rgb=part))["scene"]
        for part in (frames[i : i + size] for i in range(0, len(frames), size))
    ]
    scenes: NDArray[np.int64] = np.concatenate(blocks).argmax(axis=1)
    return scenes


@cache
def _usual() -> WorldClip:
    extractor = WorldClip(rate=0)
    extractor.attach(Place())
    return extractor
