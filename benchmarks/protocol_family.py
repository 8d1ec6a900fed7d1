"""Table of the shipped protocols, from their files.

python -m benchmarks.protocol_family docs/protocols.md writes it between the page's markers.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.markdown import between, heading, row
from lvbench.generators.contract.requests import requests
from lvbench.protocol.load import list_protocols, load_protocol, protocol_prose
from lvbench.protocol.schema import Protocol

BEGIN, END = "<!-- family: python -m benchmarks.protocol_family -->", "<!-- end of family -->"
HEAD = (
    "protocol", "what it asks", "lengths", "clips", "video", "frames", "size and rate", "metrics",
    "gates",
)  # fmt: skip


def family() -> str:
    """Return the table."""
    versions = [(name, v) for name, all_of in list_protocols().items() for v in all_of]
    rows = [line(load_protocol(f"{name}@{v}")) for name, v in versions]
    return "\n".join([heading(HEAD), *rows])


def line(protocol: Protocol) -> str:
    """Return a protocol's line."""
    draft = " (draft)" if protocol.draft else ""
    gates = [f"{g.metric} > {g.value:g} in > {g.share:.0%}" for g in protocol.gates]
    cells = [
        f"`{protocol.name}` v{protocol.version}{draft}",
        protocol_prose(protocol.name)["title"],
        *asked(protocol),
        str(len(protocol.metrics)),
        "; ".join(gates) or "none",
    ]
    return row(cells)


def asked(protocol: Protocol) -> list[str]:
    """Return lengths, clips, minutes, frames and size of the protocol's requests."""
    if protocol.prompts is None:
        return ["any", "any", "-", "-", "any"]
    made = requests(protocol.prompts)
    lengths = sorted({request.seconds for request in made})
    seconds = sum(request.seconds for request in made)
    frames = sum(round(request.seconds * request.fps) for request in made)
    fps, size = protocol.prompts.fps, f"{protocol.prompts.width}x{protocol.prompts.height}"
    return [
        f"{', '.join(f'{one:g}' for one in lengths)} s",
        str(len(made)),
        f"{seconds / 60:.0f} min",
        f"{frames:,}",
        f"{size}, {fps:g} Hz",
    ]


def written(text: str) -> str:
    """Return a page with the current table between its markers."""
    return between(text, BEGIN, END, family())


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(written(page.read_text("utf-8")), "utf-8")
