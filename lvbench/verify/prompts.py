"""Does a run hold the clips that its protocol's prompts ask for?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from lvbench.errors import ConfigError
from lvbench.generators.contract.requests import requests
from lvbench.protocol.schema import Protocol
from lvbench.results.schema import ItemRecord, RunRecord
from lvbench.verify.finding import RunFinding

_MOST_NAMED = 5


def check_prompts(
    record: RunRecord,
    protocol: Protocol,
    items: Sequence[ItemRecord],
    notes: list[str],
    beside: Path | None = None,
) -> Iterator[RunFinding]:
    """Yield the clips that a complete run lacks, and those made for another prompt or seed.

    Videos that carry none of the protocol's names were given by hand; that is said in a note.

    Args:
        record: The run's record.
        protocol: Its protocol.
        items: Its item records.
        notes: Where to add what a reader should know.
        beside: Folder of the protocol's file; that of the shipped ones if left out.
    """
    if protocol.prompts is None:
        return
    try:
        asked = {request.id: request for request in requests(protocol.prompts, beside)}
    except ConfigError as error:
        notes.append(f"the protocol's prompts are not here: {error.found}")
        return
    held = {item.video.id: item.video for item in items}
    if not held.keys() & asked.keys():
        notes.append("its videos are not named by the protocol's prompts: they were given by hand")
        return
    missing = sorted(asked.keys() - held.keys())
    if missing and record.status == "complete":
        more = f" and {len(missing) - _MOST_NAMED} more" if len(missing) > _MOST_NAMED else ""
        detail = f"no item of {', '.join(missing[:_MOST_NAMED])}{more}"
        yield RunFinding("prompts_missing", "items", "", len(held), len(asked), detail=detail)
    for name in sorted(held.keys() & asked.keys()):
        request, video = asked[name], held[name]
        prompts = [prompt.model_dump(mode="json") for prompt in request.prompts]
        if video.prompts != prompts:
            yield RunFinding("prompt_differs", name, "prompts", video.prompts, prompts)
        if video.seed != request.seed:
            yield RunFinding("prompt_differs", name, "seed", video.seed, request.seed)
