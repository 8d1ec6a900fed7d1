"""The `lvbench` command: verbs are imported when they are called."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import click

from lvbench import __version__
from lvbench.cli.echo import echo
from lvbench.errors import (
    ComparabilityError,
    ConfigError,
    LvbenchError,
    RegistryError,
    UsageError,
)
from lvbench.memory import shortage

VERBS = {
    "evaluate": "Judge videos by a protocol and write a run folder.",
    "generate": "Have a generator make a protocol's clips.",
    "world": "Make clips of the procedural world, with ground truth.",
    "generators": "Try whether a generator keeps its contract.",
    "plan": "Say what an evaluation would read, take and need.",
    "report": "Write the report of a run.",
    "compare": "Compare two runs, video by video.",
    "verify": "Recompute a run from its items and its videos.",
    "merge": "Unite the parts of a run that were judged apart.",
    "pair": "Hold one video against a real one, frame by frame.",
    "leaderboard": "Build boards of runs.",
    "list": "List metrics, protocols, extractors or generators.",
    "show": "Print a protocol, resolved, or an extractor's spec.",
    "prompts": "Show, count and check the prompts that generators are asked for.",
    "explain": "Say what is behind a metric, or how a score came about.",
    "cite": "Print what to cite with a protocol's or a run's numbers.",
    "data": "Look at sets of videos before they are trained on or compared with.",
    "stats": "Build statistics of real sets for FVD and its kin.",
    "reference": "Train, sample and describe the reference long-clip diffusion model.",
    "demo": "Generate, judge and compare clips of the reference model.",
    "new": "Create a metric, generator or protocol from a template.",
    "weights": "List, fetch and check the weights of networks.",
    "doctor": "Check this machine.",
}

INTERRUPTED = 130
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _LazyGroup(click.Group):
    """Know the verbs by name; import one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in VERBS:
            return None
        attribute = f"{name}_command" if name in ("list",) else name
        command: click.Command = getattr(import_module(f"lvbench.cli.{name}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in VERBS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], VERBS, n=3, cutoff=0.0)
            ctx.fail(f"no verb '{args[0]}'; nearest: {', '.join(near)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(
    cls=_LazyGroup,
    context_settings={"auto_envvar_prefix": "LVBENCH", "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="lvbench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Benchmark and evaluation suite for long-video generation."""


def exit_code(error: LvbenchError) -> int:
    """Return the exit code that stands for an error."""
    if isinstance(error, UsageError | RegistryError):
        return 2
    if isinstance(error, ConfigError | ComparabilityError):
        return 3
    return 1


def main() -> None:
    """Run the command and end the process with its exit code."""
    # Before numpy is imported: sums in this process are not split over cores.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    debug = "--debug" in sys.argv or os.environ.get("LVBENCH_DEBUG")
    try:
        code = run(sys.argv[1:])
        sys.stdout.flush()
        sys.exit(code)
    except (LvbenchError, MemoryError, ImportError, OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            sys.exit(_unwritten(error))
        told = error if isinstance(error, LvbenchError) else shortage(error)
        if debug or told is None:
            raise
        echo(f"lvbench: {told}", err=True)
        if told is not error:
            # Libraries that were loaded in part may crash when they are put away.
            os._exit(exit_code(told))
        sys.exit(exit_code(told))
    except KeyboardInterrupt:
        echo("interrupted; run the same command again to resume", err=True)
        sys.exit(INTERRUPTED)


def _unwritten(error: OSError) -> int:
    """Say that output could not be written; return the exit code."""
    with contextlib.suppress(OSError, ValueError):
        # What is still in the buffer would fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    from lvbench.results.files import storage_error

    said = storage_error(Path(str(error.filename or "standard output")), error)
    echo(f"lvbench: {said}", err=True)
    return exit_code(said)


def run(arguments: list[str]) -> Any:
    """Run the command with these arguments; return its exit code, or raise."""
    try:
        return cli.main(args=arguments, standalone_mode=False)
    except click.exceptions.Abort:
        raise KeyboardInterrupt from None
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
