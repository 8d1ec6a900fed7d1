"""Run `lvbench` in this process: what it prints and its exit code are those of a process."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from pathlib import Path
from unittest.mock import patch

from lvbench.cli.main import main


def lvbench(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command and return its output."""
    arguments = ["lvbench", *map(str, words)]
    out, err = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        patch("sys.argv", arguments),
        patch.dict(os.environ, environment),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = ended.code
    returned = code if isinstance(code, int) else int(bool(code))
    return subprocess.CompletedProcess(arguments, returned, out.getvalue(), err.getvalue())
