"""Check a prompt set and list its faults by line and key."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from lvbench.protocol.prompt_balance import duplicates, imbalances
from lvbench.protocol.prompt_rules import rule_faults
from lvbench.protocol.prompt_set import StoryPrompt, parse_prompt, prompt_lines
from lvbench.protocol.prompt_text import writing_faults


class PromptFault(NamedTuple):
    """A fault: line (0 for the entire set), key, and message."""

    line: int
    key: str
    message: str


def check_prompt_set(path: str | Path, whole: bool = True) -> list[PromptFault]:
    """Return the faults of a prompt set, in the order of its lines; none of a valid one.

    Args:
        path: The file.
        whole: Check size and balance of a standard set too.

    Raises:
        ConfigError: The file cannot be read.
    """
    faults: list[PromptFault] = []
    prompts: list[tuple[int, StoryPrompt]] = []
    for number, text in enumerate(prompt_lines(Path(path)), 1):
        try:
            prompt = parse_prompt(text)
        except ValueError as error:
            key, _, message = str(error).partition(": ")
            faults.append(PromptFault(number, key, message))
            continue
        prompts.append((number, prompt))
        for key, message in (*rule_faults(prompt), *writing_faults(prompt)):
            faults.append(PromptFault(number, key, message))
    faults += [PromptFault(*fault) for fault in duplicates(prompts)]
    faults.sort(key=lambda fault: fault.line)
    if not prompts and not faults:
        faults.append(PromptFault(0, "the set", "no prompt"))
    elif whole:
        faults += [PromptFault(0, *fault) for fault in imbalances([p for _, p in prompts])]
    return faults
