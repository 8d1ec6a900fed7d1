"""RAFT as torchvision builds it, under the original checkpoint's names, both ways at once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

# The original's name of a layer, and torchvision's; the first that matches is taken.
_RENAMED = (
    (r"^fnet\.", "feature_encoder."),
    (r"^cnet\.", "context_encoder."),
    (r"^(\w+_encoder)\.conv1\.", r"\1.convnormrelu.0."),
    (r"^(\w+_encoder)\.norm1\.", r"\1.convnormrelu.1."),
    (r"^(\w+_encoder)\.conv2\.", r"\1.conv."),
    (r"^(\w+_encoder\.layer\d\.\d)\.conv(\d)\.", r"\1.convnormrelu\2.0."),
    (r"^(\w+_encoder\.layer\d\.\d)\.norm(\d)\.", r"\1.convnormrelu\2.1."),
    (r"^update_block\.encoder\.convc(\d)\.", r"update_block.motion_encoder.convcorr\1.0."),
    (r"^update_block\.encoder\.convf(\d)\.", r"update_block.motion_encoder.convflow\1.0."),
    (r"^update_block\.encoder\.conv\.", "update_block.motion_encoder.conv.0."),
    (r"^update_block\.gru\.conv([zrq])(\d)\.", r"update_block.recurrent_block.convgru\2.conv\1."),
    (r"^update_block\.gru\.conv([zrq])\.", r"update_block.recurrent_block.convgru1.conv\1."),
    (r"^update_block\.mask\.0\.", "mask_predictor.convrelu.0."),
    (r"^update_block\.mask\.2\.", "mask_predictor.conv."),
)
# A strided block of the original lists the norm of its shortcut twice, as `norm3` and as
# `downsample.1`: the same tensors.
_LISTED_TWICE = re.compile(r"^cnet\.layer\d\.\d\.norm3\.")
# Below, the coarsest of the four correlation levels is one cell wide and the original divides by 0.
_SMALLEST = 128


def torchvision_names(tensors: Mapping[str, Any]) -> dict[str, Any]:
    """Return tensors of the original checkpoint under the names of torchvision's module."""
    out = {}
    for name, tensor in tensors.items():
        if _LISTED_TWICE.match(name):
            continue
        new = name
        for pattern, replacement in _RENAMED:
            new = re.sub(pattern, replacement, new)
        out[new] = tensor
    return out


def margins(height: int, width: int, multiple: int = 8) -> tuple[int, int, int, int]:
    """Return the original's padding left, right, above and below: up to a multiple, centred.

    A side under 128 is filled up to 128, where the original's network gives no number.
    """
    across = max(-(-width // multiple) * multiple, _SMALLEST) - width
    down = max(-(-height // multiple) * multiple, _SMALLEST) - height
    return across // 2, across - across // 2, down // 2, down - down // 2


def flows(
    network: Any, frames: Any, pairs: Sequence[tuple[int, int]], iterations: int, *, cut: bool
) -> Any:
    """Return the flow of pairs of frames, each frame encoded once and the last update upsampled.

    Args:
        network: torchvision's RAFT.
        frames: RGB 0 to 255, float32 `(n, 3, h, w)`.
        pairs: Index of the first and second frame of each flow.
        iterations: Updates.
        cut: Take the padding off again.

    Returns:
        Pixels, float32 `(pairs, 2, h, w)`.

    Source: Teed and Deng, RAFT: Recurrent all-pairs field transforms for optical flow, ECCV 2020;
    preprocessing of princeton-vl/RAFT (`2 x / 255 - 1`, `InputPadder` in its mode `sintel`).
    """
    import torch
    from torch.nn.functional import pad
    from torchvision.models.optical_flow._utils import make_coords_grid, upsample_flow

    height, width = frames.shape[-2:]
    added = margins(height, width)
    frames = pad(2 * (frames / 255.0) - 1.0, added, mode="replicate")
    first, second = ([pair[side] for pair in pairs] for side in (0, 1))
    found = network.feature_encoder(frames)
    network.corr_block.build_pyramid(found[first], found[second])
    hidden_size = network.update_block.hidden_state_size
    context = network.context_encoder(frames)[first]
    hidden, context = torch.split(context, [hidden_size, context.shape[1] - hidden_size], dim=1)
    hidden, context = torch.tanh(hidden), torch.relu(context)
    start = make_coords_grid(len(pairs), *found.shape[-2:]).to(frames.device)
    where = start
    for _ in range(iterations):
        correlation = network.corr_block.index_pyramid(centroids_coords=where)
        hidden, change = network.update_block(hidden, context, correlation, where - start)
        where = where + change
    # The pyramid is all pairs of cells; it must not outlive the call.
    network.corr_block.corr_pyramid = []
    mask = None if network.mask_predictor is None else network.mask_predictor(hidden)
    flow = upsample_flow(flow=where - start, up_mask=mask)
    if not cut:
        return flow
    left, _, top, _ = added
    return flow[..., top : top + height, left : left + width]
