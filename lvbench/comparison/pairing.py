"""Pair the videos of two runs that were made for the same request."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter

from lvbench.results.schema import ItemRecord

Pairs = list[tuple[ItemRecord, ItemRecord]]
_Prompt = Callable[[ItemRecord], str]
SEED, PROMPT, ID = "prompt and seed", "prompt", "id"


@dataclass(frozen=True, slots=True)
class RunPairing:
    """Pairs of item records, base first, and the videos without a partner.

    Attributes:
        by: `prompt and seed` (and sample, where the manifests number samples) if every video of
            both runs has them; `prompt` if the runs share prompts but no seed; else `id`.
        pairs: The pairs.
        only_base: Ids of the base's videos without a partner.
        only_head: Ids of the head's videos without a partner.
    """

    by: str
    pairs: tuple[tuple[ItemRecord, ItemRecord], ...]
    only_base: tuple[str, ...]
    only_head: tuple[str, ...]


def pair(base: Sequence[ItemRecord], head: Sequence[ItemRecord]) -> RunPairing:
    """Pair the videos of two runs by their requests, whatever the names of their files.

    Prompt schedule, seed and sample come from the manifest. Items of a submission have no prompts,
    but a cluster for each. Where the runs share no seed, the videos of a prompt are paired in the
    order of their seeds and samples: each prompt is still compared with itself. Videos are paired
    by id where one has no prompt or no seed, or two have the same.
    """
    for prompt in (_schedule, _cluster):
        if _known(base, prompt) and _known(head, prompt):
            exact = _exact(base, head, prompt)
            if exact is not None:
                by, found = (SEED, exact) if exact else (PROMPT, _in_order(base, head, prompt))
                return _pairing(by, found + _lost(found, base, head, prompt), base, head)
    return _pairing(ID, _by_id(base, head), base, head)


def _schedule(item: ItemRecord) -> str:
    """Return the prompt schedule as text, empty where there is none."""
    return json.dumps(item.video.prompts, sort_keys=True) if item.video.prompts else ""


def _cluster(item: ItemRecord) -> str:
    """Return the name of the prompt, empty where the video is its own cluster."""
    return "" if item.video.cluster == item.video.id else item.video.cluster


def _known(items: Sequence[ItemRecord], prompt: _Prompt) -> bool:
    """Return whether prompt and seed of all videos are known, except where a record was lost."""
    known = [bool(_key(item, prompt)) for item in items]
    lost = [item.video.status == "failed" for item in items]
    return any(known) and all(k or gone for k, gone in zip(known, lost, strict=True))


def _exact(base: Sequence[ItemRecord], head: Sequence[ItemRecord], prompt: _Prompt) -> Pairs | None:
    """Return the pairs of equal prompt, seed and sample; None where two of a run have the same."""
    ours, theirs = ([(key, i) for i in run if (key := _key(i, prompt))] for run in (base, head))
    if any(len(dict(run)) < len(run) for run in (ours, theirs)):
        return None
    partner = dict(theirs)
    return [(item, partner[key]) for key, item in sorted(ours, key=itemgetter(0)) if key in partner]


def _in_order(base: Sequence[ItemRecord], head: Sequence[ItemRecord], prompt: _Prompt) -> Pairs:
    ours, theirs = _by_prompt(base, prompt), _by_prompt(head, prompt)
    found: Pairs = []
    for name in sorted(ours):
        found += zip(ours[name], theirs.get(name, []), strict=False)
    return found


def _by_id(base: Iterable[ItemRecord], head: Iterable[ItemRecord]) -> Pairs:
    theirs = {item.video.id: item for item in head}
    ours = sorted(base, key=lambda item: item.video.id)
    return [(item, theirs[item.video.id]) for item in ours if item.video.id in theirs]


def _lost(
    found: Pairs, base: Sequence[ItemRecord], head: Sequence[ItemRecord], prompt: _Prompt
) -> Pairs:
    """Return by id the pairs left over because a worker died and its record has no prompt."""
    ours, theirs = {one.video.id for one, _ in found}, {other.video.id for _, other in found}
    left = (
        [i for i in base if i.video.id not in ours],
        [i for i in head if i.video.id not in theirs],
    )
    return [both for both in _by_id(*left) if not all(_key(item, prompt) for item in both)]


def _pairing(
    by: str, pairs: Pairs, base: Sequence[ItemRecord], head: Sequence[ItemRecord]
) -> RunPairing:
    ours, theirs = (Counter(both[side].video.id for both in pairs) for side in (0, 1))
    return RunPairing(
        by,
        tuple(pairs),
        tuple(sorted(item.video.id for item in base if item.video.id not in ours)),
        tuple(sorted(item.video.id for item in head if item.video.id not in theirs)),
    )


def _by_prompt(items: Sequence[ItemRecord], prompt: _Prompt) -> dict[str, list[ItemRecord]]:
    found: dict[str, list[ItemRecord]] = defaultdict(list)
    for item in sorted(items, key=_order):
        if prompt(item):
            found[prompt(item)].append(item)
    return found


def _order(item: ItemRecord) -> tuple[int, int, str]:
    return item.video.seed or 0, item.video.sample or 0, item.video.id


def _key(item: ItemRecord, prompt: _Prompt) -> str:
    """Return prompt, seed and sample as text; empty where prompt or seed is not known."""
    name = prompt(item)
    if not name or item.video.seed is None:
        return ""
    return json.dumps([name, item.video.seed, item.video.sample])
