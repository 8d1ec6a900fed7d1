"""Place runs of audio samples on one gapless line of samples, by their time stamps."""

from __future__ import annotations

# Containers round time stamps, to 1 ms in Matroska; what is nearer than this is where it should be.
_TOLERANCE = 0.010
# A step back by more than this is a new part of a joined recording, and a leap ahead by more than
# `_LONGEST_HOLE` a broken time stamp: neither is followed.
_DISCONTINUITY = 1.0
_LONGEST_HOLE = 600.0


class AudioClock:
    """Count samples, and say where time stamps want silence before them or some of them dropped.

    Args:
        rate: Samples per second.

    Attributes:
        repairs: Time stamps that overlap what came before, or that were not followed.
    """

    def __init__(self, rate: int) -> None:
        self._rate = rate
        self._origin = 0.0
        self._count = 0
        self._shift = 0.0
        self._begun = False
        self.repairs = 0

    @property
    def time(self) -> float:
        """Return the time in seconds of the next sample."""
        return self._origin + self._count / self._rate

    def advance(self, samples: int) -> None:
        """Count samples that were given out."""
        self._count += samples

    def place(self, stamp: float | None, length: int) -> tuple[int, int]:
        """Return the samples of silence to give out before a run, and those to drop of it.

        Args:
            stamp: The run's time in seconds; None to follow the samples before.
            length: Its samples.
        """
        if not self._begun:
            self._begun = True
            self._origin = stamp or 0.0
            return 0, 0
        if stamp is None:
            return 0, 0
        late = stamp + self._shift - self.time
        if abs(late) <= _TOLERANCE:
            return 0, 0
        if late < -_DISCONTINUITY or late > _LONGEST_HOLE:
            self._shift -= late
            self.repairs += 1
            return 0, 0
        if late > 0:
            return round(late * self._rate), 0
        self.repairs += 1
        return 0, min(length, round(-late * self._rate))
