from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.nn import functional

from lvbench.errors import ConfigError
from lvbench.features.video.i3d_network import InceptionI3d, MaxPool, Unit


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def network() -> InceptionI3d:
    torch.manual_seed(0)
    return InceptionI3d().eval().requires_grad_(False)


def test_it_gives_400_logits_and_1024_pooled_features(network: InceptionI3d) -> None:
    clips = torch.zeros(2, 3, 9, 224, 224)
    logits, pooled = network.encode(clips)
    assert (logits.shape, pooled.shape) == ((2, 400), (2, 1024))
    last = network.logits["conv3d"]
    expected = functional.linear(pooled, last.weight.view(400, 1024), last.bias)
    np.testing.assert_allclose(logits, expected, rtol=1e-4, atol=1e-6)


def test_it_is_the_network_of_12_7_million_values(network: InceptionI3d) -> None:
    tensors = network.state_dict().values()
    assert sum(t.numel() for t in tensors if t.ndim) == 12_711_824


@pytest.mark.parametrize("shape", [(1, 3, 16, 256, 256), (1, 16, 3, 224, 224), (3, 16, 224, 224)])
def test_another_shape_is_refused(network: InceptionI3d, shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        network(torch.zeros(shape))
    assert caught.value.code == "bad_shape"


def test_eight_frames_are_too_few(network: InceptionI3d) -> None:
    with pytest.raises(ConfigError) as caught:
        network(torch.zeros(1, 3, 8, 224, 224))
    assert caught.value.code == "too_few_frames"


@pytest.mark.parametrize(
    ("size", "before", "after"), [(9, 3, 3), (10, 2, 3), (16, 2, 3), (17, 3, 3)]
)
def test_padding_depends_on_the_remainder_as_in_tensorflow(
    size: int, before: int, after: int
) -> None:
    torch.manual_seed(1)
    unit = Unit(1, 1, 7, 2).eval()
    x = torch.randn(1, 1, size, 8, 8)
    padded = functional.pad(x, (2, 3, 2, 3, before, after))
    expected = functional.conv3d(padded, unit.conv3d.weight, stride=2)
    expected = functional.relu(unit.bn(expected))
    torch.testing.assert_close(unit(x), expected)


@pytest.mark.parametrize(("kernel", "stride"), [((1, 3, 3), (1, 2, 2)), ((3, 3, 3), (2, 2, 2))])
def test_pooling_axis_by_axis_is_pooling(
    kernel: tuple[int, int, int], stride: tuple[int, int, int]
) -> None:
    torch.manual_seed(2)
    x = torch.rand(2, 5, 4, 14, 14)
    time = (0, 1) if kernel[0] == 3 else (0, 0)
    expected = functional.max_pool3d(functional.pad(x, (0, 1, 0, 1, *time)), kernel, stride)
    assert torch.equal(MaxPool(kernel, stride)(x), expected)
