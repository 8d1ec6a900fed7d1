"""Read the protocol of a run, and refuse one whose gates guard nothing."""

from __future__ import annotations

from lvbench.errors import ConfigError
from lvbench.metrics.registry import METRICS
from lvbench.protocol.load import load_protocol, protocol_path
from lvbench.protocol.schema import Protocol

_MOST = 6


def chosen_protocol(protocol: str | Protocol) -> Protocol:
    """Return a protocol by its name or file, or the one that is given.

    Raises:
        ConfigError: It is not valid, or a gate of it guards none of its metrics
            (`protocol_invalid`).
    """
    chosen = load_protocol(protocol) if isinstance(protocol, str) else protocol
    guarded = {gate for entry in chosen.metrics for gate in METRICS.get(entry.name).info.gates}
    idle = sorted({gate.metric for gate in chosen.gates} - guarded)
    if idle:
        place = protocol_path(protocol) if isinstance(protocol, str) else "a protocol object"
        raise ConfigError(
            f"set up the protocol {chosen.name}",
            found=f"gates that guard none of its metrics: {', '.join(idle)}",
            where=f"gates of {place}",
            fix=f"remove the gate, or add a metric that names it among its gates: "
            f"{_guarded_by(idle[0])}",
            code="protocol_invalid",
        )
    return chosen


def _guarded_by(gate: str) -> str:
    """Return metrics that name a gate, in words."""
    names = [name for name in METRICS if gate in METRICS.get(name).info.gates]
    more = ", ..." if len(names) > _MOST else ""
    return f"{', '.join(names[:_MOST])}{more}" if names else "there is none"
