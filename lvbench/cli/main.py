"""The `lvbench` command: a subcommand is imported when it is called."""

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

COMMANDS = {
    "evaluate": "Score videos by a protocol and write a run folder.",
    "generate": "Generate the clips of a protocol.",
    "world": "Render clips of the procedural world, with ground truth.",
    "generators": "Check that a generator conforms to the contract.",
    "plan": "Estimate frames, time, memory and downloads before a run.",
    "report": "Write the report of a run.",
    "compare": "Compare two runs, video by video.",
    "verify": "Recompute a run from its items and its videos.",
    "merge": "Merge the shards of a run.",
    "pair": "Compare a video with its original, frame by frame (PSNR, SSIM, LPIPS, VMAF).",
    "leaderboard": "Submit runs, check submissions and build the boards.",
    "validate-metrics": "Plant faults in clips, and show which metrics react to what.",
    "list": "List metrics, protocols, extractors or generators.",
    "show": "Print a resolved protocol or the facts of an extractor.",
    "prompts": "Show, count and check the prompts of a prompt set.",
    "explain": "Explain a metric, or one score of a run.",
    "cite": "Print the citations for a protocol or a run.",
    "data": "Audit a video dataset before training on it or comparing with it.",
    "stats": "Compute real-set statistics for FVD and related metrics.",
    "reference": "Train, sample and describe the reference long-clip diffusion model.",
    "demo": "Generate, score and compare clips of the reference model.",
    "new": "Create a metric, generator or protocol from a template.",
    "weights": "List, fetch and check the weights of networks.",
    "doctor": "Check this machine.",
}

INTERRUPTED = 130
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


class _LazyGroup(click.Group):
    """List the commands by name; import one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = name.replace("-", "_")
        attribute = f"{name}_command" if name in ("list",) else module
        command: click.Command = getattr(import_module(f"lvbench.cli.{module}"), attribute)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=3, cutoff=0.0)
            ctx.fail(f"no command '{args[0]}'; nearest: {', '.join(near)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    context_settings={"auto_envvar_prefix": "LVBENCH", "help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="lvbench")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Benchmark and evaluation suite for long-video generation."""


def exit_code(error: LvbenchError) -> int:
    """Return the exit code of an error."""
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
        shown = error if isinstance(error, LvbenchError) else shortage(error)
        if debug or shown is None:
            raise
        echo(f"lvbench: {shown}", err=True)
        if shown is not error:
            # Libraries that were loaded in part may crash when the interpreter unloads them.
            os._exit(exit_code(shown))
        sys.exit(exit_code(shown))
    except KeyboardInterrupt:
        echo("interrupted; run the same command again to resume", err=True)
        sys.exit(INTERRUPTED)


def _unwritten(error: OSError) -> int:
    """Print that output could not be written; return the exit code."""
    with contextlib.suppress(OSError, ValueError):
        # The rest of the buffer would fail again when the process ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    from lvbench.results.files import storage_error

    shown = storage_error(Path(str(error.filename or "standard output")), error)
    echo(f"lvbench: {shown}", err=True)
    return exit_code(shown)


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
