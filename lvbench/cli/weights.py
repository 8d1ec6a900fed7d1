"""`lvbench weights`: list, fetch and check the weights of networks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import cell, echo, print_table
from lvbench.cli.options import weights_option
from lvbench.errors import LvbenchError, UsageError, WeightsError

if TYPE_CHECKING:
    from lvbench.weights.catalogue import Entry
    from lvbench.weights.download import Progress


@click.group()
def weights() -> None:
    """List, fetch and check the weights of networks.

    Fetched files are in LVBENCH_HOME; the cache of the Hugging Face Hub is searched too.
    """


@weights.command("list")
@weights_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(weights: Path | None, as_json: bool) -> None:
    """List the catalogue: size, checksum, licence, and whether the file is present."""
    from lvbench.features.weights_users import users
    from lvbench.weights.catalogue import catalogue, readable

    read_by = users()
    rows = [_row(entry, read_by[entry.name], weights) for entry in catalogue().values()]
    if as_json:
        from lvbench.results.files import canonical_json

        echo(canonical_json(rows, indent=1))
        return
    from rich.table import Table

    headings = ("name", "size", "content", "licence of weights", "present", "used by")
    table = Table(*headings, box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    for row in rows:
        kind, _, digits = row["identity"].rpartition(" ")
        content = f"{kind} {digits[:12]}" if len(digits) > 12 else row["identity"]
        size = readable(row["size"])
        present = {"present": "yes", "weights_missing": "no"}.get(row["state"], "wrong file")
        present = "ships with lvbench" if row["shipped"] and present == "yes" else present
        used = ", ".join(row["used_by"])
        cells = (row["name"], size, content, row["licence"]["weights"], present, used)
        table.add_row(*map(cell, cells))
    print_table(table)


def _row(entry: Entry, used_by: list[str], source: Path | None) -> dict[str, Any]:
    from lvbench.weights.locate import locate

    file = entry.main
    row: dict[str, Any] = {
        "name": entry.name,
        "what": entry.what,
        "size": entry.size,
        "size_exact": file.size is not None,
        "sha256": file.sha256,
        "identity": file.identity,
        "licence": entry.licence.model_dump(),
        "used_by": used_by,
        "shipped": entry.shipped,
        "addresses": list(file.addresses),
        "files": [one.file for one in entry.files],
        "state": "present",
        "path": None,
    }
    try:
        found = locate(entry.name, source)
    except WeightsError as error:
        return {**row, "state": error.code}
    return {**row, "path": str(found.path), "sha256": found.sha256}


@weights.command()
@click.argument("names", nargs=-1)
@click.option("--all", "everything", is_flag=True, help="Fetch every entry that has an address.")
@click.option(
    "--protocol", metavar="NAME", help="Fetch the weights that this protocol's metrics read."
)
@click.option(
    "--accept-noncommercial",
    is_flag=True,
    help="Also fetch weights licensed for non-commercial use only.",
)
def pull(
    names: tuple[str, ...], everything: bool, protocol: str | None, accept_noncommercial: bool
) -> int:
    """Fetch the weights NAMES that are missing, and check them.

    Exit code 0: all are present; 1: at least one is missing.
    """
    from lvbench.weights.download import pull as fetch

    failed = []
    for entry in _chosen(names, everything, protocol, accept_noncommercial):
        try:
            with _bar(entry) as progress:
                found = fetch(entry, progress, _warn, accept_noncommercial=accept_noncommercial)
            echo(f"{entry.name}: {found.path} (sha256 {found.sha256})")
        except LvbenchError as error:
            failed.append(entry)
            echo(f"lvbench: {error}", err=True)
    if failed:
        from lvbench.weights.catalogue import readable

        sizes = ", ".join(f"{entry.name} ({readable(entry.size)})" for entry in failed)
        echo(f"not fetched: {sizes}", err=True)
    return 1 if failed else 0


def _warn(line: str) -> None:
    echo(line, err=True)


def _chosen(
    names: tuple[str, ...], everything: bool, protocol: str | None, noncommercial: bool
) -> list[Entry]:
    import difflib

    from lvbench.weights.catalogue import catalogue

    wanted = list(names) + (_of_protocol(protocol) if protocol is not None else [])
    if everything:
        entries = catalogue().values()
        free = [entry for entry in entries if noncommercial or not entry.licence.noncommercial]
        wanted += [entry.name for entry in free if entry.download is not None]
    unknown = [name for name in wanted if name not in catalogue()]
    if unknown or not (wanted or everything or protocol):
        near = (
            difflib.get_close_matches(unknown[0], catalogue(), n=3, cutoff=0.0) if unknown else []
        )
        raise UsageError(
            "fetch weights",
            found=f"no entry '{unknown[0]}'; nearest: {', '.join(near)}" if unknown else "no name",
            where="lvbench weights pull",
            fix="give names of 'lvbench weights list', --all or --protocol NAME",
        )
    return [catalogue()[name] for name in dict.fromkeys(wanted)]


def _of_protocol(name: str) -> list[str]:
    """Return the entries that a protocol's metrics read, directly or through extractors."""
    from lvbench.features.weights_users import needed_by
    from lvbench.metrics.registry import build
    from lvbench.protocol.load import load_protocol

    metrics = load_protocol(name).metrics
    needs = [need for m in metrics for need in build(m.name, dict(m.parameters)).needs]
    readers = [*(m.name for m in metrics), *needs]
    return [entry.name for reader in readers for entry in needed_by(reader)]


@contextmanager
def _bar(entry: Entry) -> Iterator[Progress]:
    """Show the progress of a download."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(entry.name, total=entry.size)
        yield lambda done, total: shown.update(task, completed=done, total=total)


@weights.command()
@weights_option
def verify(weights: Path | None) -> int:
    """Read every present file again, and compare it with the catalogue.

    Exit code 0: all are right; 1: at least one is wrong.
    """
    from lvbench.weights.catalogue import catalogue
    from lvbench.weights.locate import verify as read_again

    verdicts = read_again(weights)
    wrong = 0
    for name, found in verdicts.items():
        if isinstance(found, WeightsError):
            wrong += 1
            echo(f"WRONG  {name}: {found}")
        else:
            echo(f"ok     {name}: {found.path} (sha256 {found.sha256})")
    absent = len(catalogue()) - len(verdicts)
    echo(f"{len(verdicts) - wrong} right, {wrong} wrong, {absent} missing")
    return 1 if wrong else 0
