"""The shortest clip that I3D has features of."""

from __future__ import annotations

from lvbench.errors import ConfigError

FEWEST_FRAMES = 9


def check_length(frames: int) -> None:
    """Refuse clips that are too short: after three halvings two positions in time must be left.

    Raises:
        ConfigError: Fewer than 9 frames (`too_few_frames`).
    """
    if frames < FEWEST_FRAMES:
        raise ConfigError(
            "run I3D on clips",
            found=f"{frames} frames in a clip",
            where="the clips",
            fix=f"give at least {FEWEST_FRAMES} frames",
            code="too_few_frames",
        )
