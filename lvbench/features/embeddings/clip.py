"""CLIP: embeddings of pictures and prompts in one space."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lvbench.features.base import Features
from lvbench.features.embeddings.image_encoder import ImageEncoder
from lvbench.features.embeddings.image_preprocessing import (
    OPENAI_CLIP,
    centre_crop,
    resize,
    resize_without_antialias,
)
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.video.frames import Frames

_CONTEXT = 77  # tokens of a text, its beginning and end among them


class _Clip(ImageEncoder):
    """Encode frames and, where the video has prompts, compare them with each.

    Further values, where there are `P` prompts:
        text_similarity: float32 `(n, P)`, cosine of each frame with each prompt.
        text_cut: bool `(P,)`, the same in every block: the prompt is longer than the 75 tokens
            that CLIP reads, and was truncated.

    Source: Radford et al., ICML 2021; module and tokenizer: open_clip, with OpenAI's activation.
    """

    modules = ("torch", "torchvision", "open_clip")
    preprocessing = "rgb-pillow-bicubic224-crop224-openai"
    channels = OPENAI_CLIP
    open_clip_name: ClassVar[str]

    def resized(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the centre of the frames, `(n, 224, 224, 3)`."""
        return centre_crop(resize(images, 224, "bicubic"), 224)

    def architecture(self) -> Any:
        """Return the module with random weights."""
        import_torchvision()
        import open_clip

        # Its factory would warn of random weights, which are replaced next.
        return open_clip.CLIP(**open_clip.get_model_config(self.open_clip_name))

    def forward(self, network: Any, pixels: Any) -> Any:
        """Return the projected image vectors, `(batch, d)`."""
        return network.encode_image(pixels)

    def start(self, fps: float | None, prompts: Sequence[str] = ()) -> Callable[[Frames], Features]:
        """Return the function of one video, which knows the prompts' vectors."""
        if not prompts:
            return super().start(fps, prompts)
        tokens = [tokenize(text) for text in prompts]
        cut = np.array([len(ids) > _CONTEXT for ids in tokens])
        texts = _unit(np.concatenate([self._encode_text(ids) for ids in tokens]))

        def extract(frames: Frames) -> Features:
            arrays = self(frames)
            images = _unit(arrays["image"])
            # One product a text: their number must not change a bit.
            arrays["text_similarity"] = np.stack([images @ text for text in texts], axis=1)
            arrays["text_cut"] = cut
            return Features(self.times(frames), arrays)

        return extract

    def _encode_text(self, ids: list[int]) -> NDArray[np.float32]:
        """Return the vector `(1, d)` of one text; each alone, so that no other changes it."""
        import torch

        if len(ids) > _CONTEXT:
            ids = [*ids[: _CONTEXT - 1], ids[-1]]
        padded = torch.zeros((1, _CONTEXT), dtype=torch.long, device=self.device)
        padded[0, : len(ids)] = torch.tensor(ids)
        network = self.network
        with torch.inference_mode():
            vector: NDArray[np.float32] = network.encode_text(padded).float().cpu().numpy()
        return vector


class ClipBase(_Clip):
    """CLIP ViT-B/32 of OpenAI, 512 dimensions."""

    name = "clip_vit_b_32"
    weights = ("clip_vit_b_32",)
    open_clip_name = "ViT-B-32-quickgelu"


class ClipLarge(_Clip):
    """CLIP ViT-L/14 of OpenAI, 768 dimensions."""

    name = "clip_vit_l_14"
    weights = ("clip_vit_l_14",)
    open_clip_name = "ViT-L-14-quickgelu"


class ClipVbench(ClipBase):
    """CLIP ViT-B/32 with VBench's resize, in floats without antialiasing.

    Every frame by default.

    Source: Vchitect/VBench, vbench/utils.py (45e79ec).
    """

    name = "clip_vit_b_32_vbench"
    coded = True
    preprocessing = "rgb-float-bicubic224-noantialias-crop224-openai"

    def __init__(self, rate: float = 0.0) -> None:
        super().__init__(rate)

    def resized(self, images: NDArray[np.uint8]) -> NDArray[Any]:
        """Return the centre of the frames, `(n, 224, 224, 3)`."""
        return centre_crop(resize_without_antialias(images, 224, "bicubic"), 224)


def tokenize(text: str) -> list[int]:
    """Return CLIP's token ids of a text, with the marks of its beginning and end, uncut."""
    tokenizer = _tokenizer()
    return [tokenizer.sot_token_id, *tokenizer.encode(text), tokenizer.eot_token_id]


@cache
def _tokenizer() -> Any:
    import_torchvision()
    from open_clip.tokenizer import SimpleTokenizer

    return SimpleTokenizer()


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    unit: NDArray[np.float32] = vectors / lengths
    return unit
