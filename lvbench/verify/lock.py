"""Check the lock of a run against its hash, run.json and the protocol that it names."""

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
from lvbench.verify.context import VerifyContext
from lvbench.verify.finding import RunFinding

_MOST_RESAMPLES = 1_000_000


def check_lock(context: VerifyContext) -> Iterator[RunFinding]:
    """Yield where the lock differs from run.json, or from the protocol that it names.

    Raises:
        ConfigError: The verifier's protocol is not valid.
        UsageError: There is no file at its path.
    """
    locked, record = context.locked, context.record.protocol
    released = _released_protocol(record, context.options.protocol)
    if released is None:
        context.result.notes.append(
            f"{record.name} v{record.version} does not ship with this lvbench, so its lock was "
            "compared with no protocol; give --protocol FILE"
        )
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


def _released_protocol(named: ProtocolRecord, given: Path | None) -> Protocol | None:
    """Return the verifier's protocol, else the shipped one that the run names, else None."""
    if given is not None:
        return load_protocol(str(given))
    if named.version not in list_protocols().get(named.name, []):
        return None
    return load_protocol(f"{named.name}@{named.version}")


def too_costly(locked: Locked) -> bool:
    """Return whether the lock requests more resamples than can be computed."""
    return locked.protocol.interval.resamples > _MOST_RESAMPLES


def _against(own: Protocol, released: Protocol) -> Iterator[RunFinding]:
    ours = own.model_dump(exclude={"draft"}, mode="json")
    theirs = released.model_dump(exclude={"draft"}, mode="json")
    for key in differing_keys(_by_name(ours), _by_name(theirs)):
        stated, wanted = _at(_by_name(ours), key), _at(_by_name(theirs), key)
        yield RunFinding("protocol_edited", LOCK_FILE, f"protocol.{key}", stated, wanted)


def _resolved(locked: Locked) -> Iterator[RunFinding]:
    """Yield where metrics and extractors differ from those that the protocol resolves to here."""
    try:
        keys = keys_of_another_lvbench(locked)
    except RegistryError:
        return  # a metric or network is not installed here: not verified, which is no fault
    except LvbenchError as error:
        yield RunFinding("lock_unresolved", LOCK_FILE, detail=error.found)
        return
    for key in keys:
        yield RunFinding(
            "lock_edited",
            LOCK_FILE,
            key,
            _at(locked.identity.content(), key),
            detail="this lvbench resolves the protocol in another way; if another version made the "
            "run, verify it with that version",
        )


def _by_name(protocol: Mapping[str, Any]) -> dict[str, Any]:
    """Return a protocol with its lists of metrics and gates as mappings by name."""
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
    """Return the value at a dotted key; None where there is none."""
    for key in dotted.split("."):
        if not isinstance(content, Mapping):
            return None
        content = content.get(key)
    return content
