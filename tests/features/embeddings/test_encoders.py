"""What holds of every image encoder, on random weights; and what real weights give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lvbench.errors import WeightsError
from lvbench.features import load
from lvbench.features.base import Features
from lvbench.features.embeddings.clip import ClipBase, tokenize
from lvbench.features.embeddings.image_encoder import ImageEncoder
from lvbench.features.registry import build
from lvbench.features.stream import FeatureStream
from lvbench.video.frames import Frames

RUN = {
    "clip_vit_b_32": 512,
    "dino_vitb16": 768,
    "dinov2_vits14": 384,
    "mobilenet_v2": 1280,
    "squeezenet1_1": 512,
}
"""Encoders that run here, and their dimensions; the others differ from these in size alone."""
TOLERANCE = 2e-5


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@cache
def _network(name: str) -> Any:
    torch.manual_seed(0)
    encoder: Any = build(name)
    network = encoder.architecture().eval().requires_grad_(False)
    for key, tensor in network.named_parameters():
        if key.endswith(".gamma"):  # a block's weight, which begins near 0
            tensor.fill_(1.0)
    return network


def encoder(name: str, batch: int = 4, rate: float = 0.0) -> ImageEncoder:
    made: Any = build(name, {"rate": rate})
    made.spec = replace(made.spec, batch=batch)
    made._network = _network(name)
    found: ImageEncoder = made
    return found


def pictures(n: int) -> NDArray[np.uint8]:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (n, 4, 5, 3), np.uint8)
    return coarse.repeat(12, axis=1).repeat(12, axis=2)


def streamed(
    extractor: ImageEncoder, images: NDArray[np.uint8], chunk: int, prompts: tuple[str, ...] = ()
) -> list[Features]:
    found: list[Features] = []
    stream = FeatureStream(
        {"x": extractor}, 2.0, lambda _, features: found.append(features), prompts=prompts
    )
    for i in range(0, len(images), chunk):
        pts = np.arange(i, min(i + chunk, len(images))) / 2
        stream.push(Frames(pts, rgb=images[i : i + chunk]))
    stream.finish()
    return found


def vectors(found: list[Features]) -> NDArray[np.float32]:
    return np.concatenate([f["image"] for f in found])


@pytest.mark.parametrize("name", list(RUN))
def test_chunks_move_no_bit_and_batch_padding_and_order_hardly_one(name: str) -> None:
    images = pictures(3)
    found = vectors(streamed(encoder(name, 2), images, 1))
    assert found.shape == (3, RUN[name])
    assert found.dtype == np.float32
    assert np.isfinite(found).all()
    assert np.array_equal(found, vectors(streamed(encoder(name, 2), images, 3)))
    scale = np.abs(found).max()
    # The third was alone in a padded batch; now it is the first of two.
    reordered = vectors(streamed(encoder(name, 2), images[[2, 0]], 2))
    assert np.abs(reordered - found[[2, 0]]).max() <= TOLERANCE * scale
    single = vectors(streamed(encoder(name, 1), images[:1], 1))
    assert np.abs(single - found[:1]).max() <= TOLERANCE * scale
    # Different pictures have different vectors, by far more than the tolerance.
    assert np.abs(found[0] - found[1]).max() > 100 * TOLERANCE * scale


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        *((name, 2.0) for name in ("clip_vit_b_32", "clip_vit_l_14", "dinov2_vits14")),
        *((name, 2.0) for name in ("dinov2_vitb14", "mobilenet_v2", "squeezenet1_1")),
        *((name, None) for name in ("dino_vitb16", "clip_vit_b_32_vbench")),
    ],
)
def test_the_rate_is_a_parameter(name: str, rate: float | None) -> None:
    assert build(name).spec.rate == rate
    assert build(name, {"rate": 0.0}).spec.rate is None
    assert build(name, {"rate": 4.0}).spec.parameters == {"rate": 4.0}
    assert build(name).spec.products.rgb


@pytest.mark.parametrize("rate", [-1.0, float("inf"), float("nan")])
def test_an_impossible_rate_is_refused(rate: float) -> None:
    with pytest.raises(ValueError, match="rate"):
        ClipBase(rate)


@pytest.mark.parametrize(("name", "dimensions"), [("clip_vit_l_14", 768), ("dinov2_vitb14", 768)])
def test_the_large_ones_have_the_published_size(name: str, dimensions: int) -> None:
    made: Any = build(name)
    with torch.device("meta"):
        network = made.architecture()
    if name.startswith("clip"):
        assert network.visual.output_dim == dimensions
        assert sum(p.numel() for p in network.parameters()) == 427_616_513
    else:
        assert network.num_features == dimensions
        assert network.pos_embed.shape[1] == 37**2 + 1


def test_openais_clip_has_openais_activation() -> None:
    assert any(type(m).__name__ == "QuickGELU" for m in _network("clip_vit_b_32").modules())


def test_a_frame_is_compared_with_every_prompt() -> None:
    clip = encoder("clip_vit_b_32", 2)
    prompts = ("a red boat", "a train", "word " * 80)
    (block,) = streamed(clip, pictures(2), 2, prompts)
    assert block["text_similarity"].shape == (2, 3)
    assert block["text_similarity"].dtype == np.float32
    assert block["text_cut"].tolist() == [False, False, True]
    ids = torch.zeros((1, 77), dtype=torch.long)
    first = tokenize(prompts[0])
    ids[0, : len(first)] = torch.tensor(first)
    text = clip.network.encode_text(ids)
    expected = torch.nn.functional.cosine_similarity(torch.from_numpy(block["image"]), text)
    assert np.allclose(block["text_similarity"][:, 0], expected.numpy(), atol=1e-6)
    (alone,) = streamed(clip, pictures(2), 2, prompts[:1])
    assert np.array_equal(alone["text_similarity"][:, 0], block["text_similarity"][:, 0])


def test_a_cut_prompt_keeps_its_end_mark() -> None:
    clip: Any = encoder("clip_vit_b_32")
    long, longer = ("word " * n for n in (75, 90))
    assert len(tokenize(long)) == 77
    assert np.array_equal(clip._encode_text(tokenize(long)), clip._encode_text(tokenize(longer)))


def test_without_prompts_there_is_no_text() -> None:
    (block,) = streamed(encoder("clip_vit_b_32", 2), pictures(2), 2)
    assert set(block.values) == {"image"}


def test_a_checkpoint_is_read_back_the_publishers_token_for_training_left_out(
    tmp_path: Path,
) -> None:
    from safetensors.torch import save_file

    tensors = dict(_network("dinov2_vits14").state_dict())
    path = tmp_path / "weights.safetensors"
    save_file(tensors | {"mask_token": torch.zeros(1, 384)}, path)
    made: Any = build("dinov2_vits14", {"rate": 0.0})
    made._network = made.load({"dinov2_vits14": path}, "cpu")
    assert not any(p.requires_grad for p in made.network.parameters())
    before = encoder("dinov2_vits14", 8)
    images = Frames(np.zeros(1), rgb=pictures(1))
    assert np.array_equal(made(images)["image"], before(images)["image"])


@pytest.mark.parametrize("name", ["mobilenet_v2", "squeezenet1_1"])
def test_a_checkpoint_of_another_network_is_refused(name: str, tmp_path: Path) -> None:
    from safetensors.torch import save_file

    path = tmp_path / "weights.safetensors"
    save_file({"features.0.weight": torch.zeros(1)}, path)
    made: Any = build(name)
    with pytest.raises(WeightsError) as error:
        made.load({name: path}, "cpu")
    assert error.value.code == "weights_mismatch"


@pytest.mark.assets
@pytest.mark.parametrize("name", ["mobilenet_v2", "squeezenet1_1"])
def test_real_weights_know_a_picture_again(name: str, assets: Path) -> None:
    from PIL import Image

    made = load(name, weights=assets / "assets")
    assert made.spec.weights_sha256 is not None
    names = ("chelsea", "coffee", "astronaut")
    whole = [
        np.asarray(Image.open(assets / "assets/images" / f"{n}.png").convert("RGB")) for n in names
    ]

    def encode(image: NDArray[np.uint8]) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = made(Frames(np.zeros(1), rgb=image[None]))["image"][0]
        return vector / np.linalg.norm(vector)

    pictures_, crops = [encode(i) for i in whole], [encode(i[20:-20, 20:-20]) for i in whole]
    similar = np.array(pictures_) @ np.array(crops).T
    assert np.diag(similar).min() > 0.8
    assert (similar - np.eye(3)).max() < 0.7
