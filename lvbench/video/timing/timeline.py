"""Turn time stamps as they come from a container into strictly increasing seconds."""

from __future__ import annotations

from fractions import Fraction

# A step back by more than this begins a joined recording and is no disordered frame.
_DISCONTINUITY = 1.0


class Timeline:
    """Give each frame its time in seconds, counted from the first frame.

    Unusable time stamps are repaired, and `repairs` counts them:

    - no time stamp: the previous time plus the nominal interval (not counted where the container
      stamps no frames, so that its last ones come out of the decoder without);
    - not after the previous frame, by up to a second: the previous time plus a thousandth of the
      nominal interval, so that the following frames keep their own times;
    - back by more than a second: the clock was set again, so that frame comes one nominal
      interval after the previous one and all later ones are shifted with it;
    - back by any time after `expect_restart`: the same, counted in `restarts` alone.

    Attributes:
        repairs: Time stamps that had to be made up, repeated ones among them.
        repeats: Time stamps equal to the one before.
        restarts: Places where another recording was joined on.

    Args:
        time_base: Seconds per tick.
        interval: Nominal seconds between frames.
        stamped: Whether the container stamps frames with their presentation times.
    """

    def __init__(self, time_base: Fraction, interval: float, *, stamped: bool = True) -> None:
        self._numerator, self._denominator = time_base.numerator, time_base.denominator
        self._interval = interval
        self._stamped = stamped
        self._origin: int | None = None
        self._ticks: int | None = None
        self._shift = 0.0
        self._last: float | None = None
        self._restart_expected = False
        self.repairs = self.repeats = self.restarts = 0

    @property
    def start(self) -> float:
        """Return the container's time of the first frame in seconds."""
        return (self._origin or 0) * self._numerator / self._denominator

    def expect_restart(self) -> None:
        """Take the next step back for the start of another recording."""
        self._restart_expected = True

    def place(self, ticks: int | None) -> float:
        """Return the time in seconds of the next frame, stamped with `ticks`."""
        self._last = self._next(ticks)
        self._ticks = ticks
        return self._last

    def _next(self, ticks: int | None) -> float:
        if self._last is None:
            self._origin = ticks
            self.repairs += ticks is None and self._stamped
            return 0.0
        if ticks is None or self._origin is None:
            if self._origin is None and ticks is not None:
                return self._begin_late(ticks)
            self.repairs += self._stamped
            return self._last + self._interval
        time = (ticks - self._origin) * self._numerator / self._denominator + self._shift
        if time > self._last:
            return time
        if self._restart_expected:
            self._restart_expected = False
            self.restarts += 1
            return self._restart(time)
        self.repairs += 1
        self.repeats += ticks == self._ticks
        if self._last - time <= _DISCONTINUITY:
            return self._last + self._interval / 1000
        return self._restart(time)

    def _restart(self, time: float) -> float:
        assert self._last is not None
        self._shift += self._last + self._interval - time
        return self._last + self._interval

    def _begin_late(self, ticks: int) -> float:
        assert self._last is not None
        self._origin = ticks
        self._shift = self._last + self._interval
        return self._shift
