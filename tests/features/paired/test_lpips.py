from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lvbench.errors import ConfigError, VideoDecodeError, WeightsError
from lvbench.features import load
from lvbench.features.registry import build
from lvbench.features.torchvision_shim import import_torchvision
from lvbench.video.frames import Frames

BACKBONES = {"lpips_alex": "alexnet", "lpips_vgg": "vgg16", "lpips_squeeze": "squeezenet1_1"}


def _pair(ours: NDArray[np.uint8], theirs: NDArray[np.uint8]) -> Frames:
    times = np.arange(len(ours)) / 8
    return Frames(times, rgb=ours, reference=Frames(times, rgb=theirs))


def _noise(seed: int, side: int = 64) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (1, side, side, 3), np.uint8)


@pytest.mark.parametrize("name", list(BACKBONES))
def test_every_backbone_is_read_by_its_torchvision_names(name: str, tmp_path: Path) -> None:
    """Weights drawn at random arrive in the module, and give the distance that its parts give."""
    import torch

    torchvision, _ = import_torchvision()
    torch.manual_seed(0)
    extractor: Any = build(name)
    features = getattr(torchvision.models, BACKBONES[name])(weights=None).features
    backbone = {f"features.{key}": value for key, value in features.state_dict().items()}
    module = extractor.architecture()
    linear = {
        key: value.abs()
        for key, value in module.state_dict().items()
        if key.startswith("lin") and not key.startswith("lins")
    }
    files = dict(zip(extractor.weights, (tmp_path / "a.pth", tmp_path / "b.pth"), strict=True))
    for path, tensors in zip(files.values(), (backbone, linear), strict=True):
        torch.save(tensors, path)
    network = extractor.load(files, "cpu")
    state = network.state_dict()
    assert all(torch.equal(state[key], value) for key, value in linear.items())
    first = next(key for key in state if key.startswith("net.slice1.0"))
    assert torch.equal(state[first], backbone["features." + first.split(".", 2)[2]])
    extractor._network = network
    same = extractor(_pair(_noise(0), _noise(0)))["lpips"]
    apart = extractor(_pair(_noise(0), _noise(1)))["lpips"]
    assert same.tolist() == [0.0]
    assert apart[0] > 0


def test_a_file_that_lacks_a_layer_is_refused(tmp_path: Path) -> None:
    import torch

    extractor: Any = build("lpips_squeeze")
    files = dict(zip(extractor.weights, (tmp_path / "a.pth", tmp_path / "b.pth"), strict=True))
    for path in files.values():
        torch.save({}, path)
    with pytest.raises(WeightsError) as caught:
        extractor.load(files, "cpu")
    assert caught.value.code == "weights_mismatch"


@pytest.mark.assets
def test_a_frame_too_small_is_refused_and_the_rate_thins(assets: Path) -> None:
    extractor = load("lpips_squeeze", weights=assets / "assets", rate=2.0)
    assert extractor.spec.rate == 2.0
    with pytest.raises(VideoDecodeError) as caught:
        extractor(_pair(_noise(0, 31), _noise(1, 31)))
    assert caught.value.code == "too_small"
    with pytest.raises(ConfigError, match="rate"):
        build("lpips_squeeze", {"rate": -1.0})
