"""Is the lock of a run whole, that of the run's hash, and that of the protocol it names?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from lvbench.engine.aggregation.recompute import keys_of_another_lvbench
from lvbench.errors import LvbenchError, RegistryError
from lvbench.protocol.load import list_protocols, load_protocol
from lvbench.protocol.lock import LOCK_FILE, differing_keys
from lvbench.protocol.locked import Locked
from lvbench.protocol.schema import Protocol
from lvbench.results.schema import ProtocolRecord
from lvbench.verify.finding import RunFinding

_MOST_RESAMPLES = 1_000_000


def check_lock(
    locked: Locked, record: ProtocolRecord, released: Protocol | None
) -> Iterator[RunFinding]:
    """Yield where a run's lock is not what the run, or the protocol that it names, says.

    Args:
        locked: The lock.
        record: What run.json says of the protocol.
        released: The protocol as it ships with lvbench, or as the verifier gives it.
    """
    own, computed = locked.protocol, locked.identity.hash
    if locked.stated != computed:
        yield RunFinding("lock_hash", LOCK_FILE, "hash", locked.stated, computed)
    for key, stated, found in (
        ("hash", record.hash, computed),
        ("name", record.name, own.name),
        ("version", record.version, own.version),
    ):
        if stated != found:
            yield RunFinding("protocol_differs", "run.json", f"protocol.{key}", stated, found)
    if own.interval.resamples > _MOST_RESAMPLES:
        yield RunFinding(
            "lock_absurd", LOCK_FILE, "protocol.interval.resamples", own.interval.resamples
        )
    if released is not None:
        yield from _against(own, released)
        if released.draft != record.draft:
            yield RunFinding(
                "protocol_differs", "run.json", "protocol.draft", record.draft, released.draft
            )
    yield from _resolved(locked)


def released_protocol(named: ProtocolRecord, given: str | Path | None = None) -> Protocol | None:
    """Return the protocol that a run names: the one given, else the shipped one, else None.

    Raises:
        ConfigError: The one given is not valid.
        UsageError: There is none at the path given.
    """
    if given is not None:
        return load_protocol(str(given))
    if named.version not in list_protocols().get(named.name, []):
        return None
    return load_protocol(f"{named.name}@{named.version}")


def too_costly(locked: Locked) -> bool:
    """Tell whether recomputing what a lock asks for would take for ever."""
    return locked.protocol.interval.resamples > _MOST_RESAMPLES


def _against(own: Protocol, released: Protocol) -> Iterator[RunFinding]:
    ours = own.model_dump(exclude={"draft"}, mode="json")
    theirs = released.model_dump(exclude={"draft"}, mode="json")
    for key in differing_keys(_by_name(ours), _by_name(theirs)):
        stated, wanted = _at(_by_name(ours), key), _at(_by_name(theirs), key)
        yield RunFinding("protocol_edited", LOCK_FILE, f"protocol.{key}", stated, wanted)


def _resolved(locked: Locked) -> Iterator[RunFinding]:
    """Yield where metrics and extractors are not those that the lock's protocol resolves to."""
    try:
        keys = keys_of_another_lvbench(locked)
    except RegistryError:
        return  # a metric or network that is not installed here: not verified, which is no fault
    except LvbenchError as error:
        yield RunFinding("lock_unresolved", LOCK_FILE, detail=error.found)
        return
    for key in keys:
        yield RunFinding(
            "lock_edited",
            LOCK_FILE,
            key,
            _at(locked.identity.content(), key),
            detail="this lvbench resolves the protocol to something else; if the run was made by "
            "another, verify it with that one",
        )


def _by_name(protocol: Mapping[str, Any]) -> dict[str, Any]:
    """Return a protocol whose lists of named things are mappings, so that keys can be named."""
    found = dict(protocol)
    metrics: dict[str, Any] = {}
    for entry in protocol["metrics"]:
        extractor = entry["parameters"].get("extractor")
        key = entry["name"] if extractor is None else f"{entry['name']}@{extractor}"
        metrics[key] = {k: v for k, v in entry.items() if k != "name"}
    found["metrics"] = metrics
    found["gates"] = {
        entry["metric"]: {k: v for k, v in entry.items() if k != "metric"}
        for entry in protocol["gates"]
    }
    return found


def _at(content: Any, dotted: str) -> Any:
    """Return what stands at a dotted key; None where nothing does."""
    for key in dotted.split("."):
        if not isinstance(content, Mapping):
            return None
        content = content.get(key)
    return content
