"""Round a number to the digits that its interval supports, the same in every output."""

from __future__ import annotations

import math

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
_DIGITS_WITHOUT_INTERVAL = 3
_DIGITS_OF_HALF_WIDTH = 2
_LARGEST_PLAIN, _MOST_DECIMALS = 1e6, 6


def with_interval(value: float, low: float | None = None, high: float | None = None) -> str:
    """Return `value` with its interval: `0.812 ± 0.014`, or `1.21 [0.70, 3.75]`.

    Args:
        value: The number; finite.
        low: Lower bound of the interval, None where it has none.
        high: Upper bound, None where it has none.

    Returns:
        The value and half the interval, if both halves are equal when rounded to two digits. Else
        the value and both bounds, to two digits of the shorter half, but at most one decimal place
        more than the longer half has. With one bound, `12.3 (≥ 8.1)`; without any, three
        significant digits.
    """
    if low is not None and high is not None:
        below, above = value - low, high - value
        longer, shorter = max(below, above), min(below, above)
        if longer <= 0:
            return f"{significant(value)} ± 0"
        places = _decimals(longer, _DIGITS_OF_HALF_WIDTH)
        if _fixed(below, places) == _fixed(above, places):
            return f"{_fixed(value, places)} ± {_fixed(longer, places)}"
        if shorter > 0:
            places = min(max(places, _decimals(shorter, _DIGITS_OF_HALF_WIDTH)), places + 1)
        if abs(value) >= 10.0**-_MOST_DECIMALS * 1000:
            places = min(places, _MOST_DECIMALS)
        return f"{_fixed(value, places)} [{_fixed(low, places)}, {_fixed(high, places)}]"
    if low is not None:
        return f"{significant(value)} (≥ {significant(low)})"
    if high is not None:
        return f"{significant(value)} (≤ {significant(high)})"
    return significant(value)


def significant(value: float, digits: int = _DIGITS_WITHOUT_INTERVAL) -> str:
    """Return `value` with `digits` significant digits, trailing zeros kept."""
    return _fixed(value, _decimals(value, digits))


def bounds(low: float | None, high: float | None) -> str:
    """Return the bounds of an interval in six digits."""
    left = f"{MINUS}∞" if low is None else _minus(f"{low:.6g}")
    right = "∞" if high is None else _minus(f"{high:.6g}")
    return f"[{left}, {right}]"


def round_numbers(low: float, high: float, most: int = 6) -> list[float]:
    """Return the ticks of a logarithmic axis: 1, 2, 5 or 1, 3 or 1 a decade, `most` at most."""
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    inside: list[float] = []
    for steps in ((1, 2, 5), (1, 3), (1,)):
        found = [float(f"{m}e{d}") for d in decades for m in steps]
        inside = [number for number in found if low <= number <= high]
        if len(inside) <= most:
            return inside
    return inside[:: -(-len(inside) // most)]


def _decimals(value: float, digits: int) -> int:
    """Return the decimal place of the last significant digit; negative left of the point."""
    if value == 0:
        return 0
    places = digits - 1 - math.floor(math.log10(abs(value)))
    # 0.0996 to two digits is 0.10: rounding up can move the leading digit.
    if digits - 1 - math.floor(math.log10(abs(round(value, places)) or abs(value))) < places:
        places -= 1
    return places


def _fixed(value: float, places: int) -> str:
    rounded = round(value, places) + 0.0  # + 0.0 turns a negative zero into zero
    if rounded == 0 and places > _MOST_DECIMALS:
        return "0"
    if abs(rounded) >= _LARGEST_PLAIN or places > _MOST_DECIMALS:
        exponent = math.floor(math.log10(abs(rounded)))
        return _minus(f"{rounded:.{max(0, places + exponent)}e}")
    return _minus(f"{rounded:.{max(0, places)}f}")


def _minus(text: str) -> str:
    return text.replace("-", MINUS)
