"""From what the network takes for the clean frame to the next, less noisy one."""

from __future__ import annotations

from torch import Tensor

from lvbench.reference.training.objective import mix

_SMALLEST = 1e-3  # noise level below which the direction is no longer defined


def euler(noisy: Tensor, clean: Tensor, now: Tensor, then: Tensor) -> Tensor:
    """Return frames at levels `then`, `(batch, T)`, on the line from `noisy` through `clean`.

    The velocity of the straight path is (noisy - clean) / now.
    """
    rest = (then / now.clamp(min=_SMALLEST))[..., None, None, None]
    return clean + rest * (noisy - clean)


def heun(first: Tensor, second: Tensor, noisy: Tensor, now: Tensor, then: Tensor) -> Tensor:
    """Return frames at levels `then` by the mean of two velocities.

    Args:
        first: Clean frames as foretold at `now`.
        second: Clean frames as foretold at `then`; the last step, which ends at 0, has none of
            its own and takes `first` alone.
        noisy: Frames at `now`.
        now: Their levels.
        then: The next levels.
    """
    met = euler(noisy, first, now, then)
    speed = (noisy - first) / now.clamp(min=_SMALLEST)[..., None, None, None]
    ahead = (met - second) / then.clamp(min=_SMALLEST)[..., None, None, None]
    mean = noisy + (then - now)[..., None, None, None] * (speed + ahead) / 2
    last = (then <= _SMALLEST)[..., None, None, None]
    return met.where(last, mean)


def renoise(clean: Tensor, noise: Tensor, then: Tensor) -> Tensor:
    """Return the clean frames under fresh noise at levels `then`."""
    return mix(clean, noise, then)
