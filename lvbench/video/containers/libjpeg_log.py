"""Hear what libjpeg complains about, which OpenCV lets it print on standard error."""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# libjpeg decodes on after each of these: its warnings (jerror.h), as they begin.
_WARNING = re.compile(
    rb"^(Corrupt JPEG data|Premature end of JPEG file|Invalid SOS parameters|"
    rb"Inconsistent progression sequence|Application transferred too many scanlines)[^\n]*\n?",
    re.MULTILINE,
)
_ONE_AT_A_TIME = threading.Lock()


@contextmanager
def complaints(heard: list[str]) -> Iterator[None]:
    """Add to a list what libjpeg warns of inside the block.

    Whatever else reaches standard error meanwhile is passed on.
    """
    with _ONE_AT_A_TIME, tempfile.TemporaryFile() as caught:
        kept = os.dup(2)
        os.dup2(caught.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            caught.seek(0)
            said = caught.read()
            heard += [found[0].decode("latin-1").strip() for found in _WARNING.finditer(said)]
            if other := _WARNING.sub(b"", said):
                os.write(2, other)
