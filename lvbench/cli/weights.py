"""`lvbench weights`: what networks are loaded from: list it, fetch it, check it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from lvbench.cli.echo import cell, echo
from lvbench.cli.options import weights_option
from lvbench.errors import LvbenchError, UsageError, WeightsError

if TYPE_CHECKING:
    from lvbench.features.weights_catalogue import Entry
    from lvbench.features.weights_download import Progress


@click.group()
def weights() -> None:
    """List, fetch and check the weights of networks.

    Files of the Hugging Face Hub live in its own cache (HF_HOME), others in LVBENCH_HOME.
    """


@weights.command("list")
@weights_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def list_command(weights: Path | None, as_json: bool) -> None:
    """List the catalogue: size, what pins the content, licence, and whether it is there."""
    from lvbench.features.weights_catalogue import catalogue, readable
    from lvbench.features.weights_users import users

    read_by = users()
    rows = [_row(entry, read_by[entry.name], weights) for entry in catalogue().values()]
    if as_json:
        from lvbench.results.files import canonical_json

        echo(canonical_json(rows, indent=1))
        return
    from rich.console import Console
    from rich.table import Table

    headings = ("name", "size", "content", "licence of weights", "here", "used by")
    table = Table(*headings, box=None, pad_edge=False)
    table.columns[0].no_wrap = True
    table.columns[-1].overflow = "fold"
    for row in rows:
        kind, _, digits = row["identity"].rpartition(" ")
        content = f"{kind} {digits[:12]}" if len(digits) > 12 else row["identity"]
        size = readable(row["size"])
        here = {"present": "yes", "weights_missing": "no"}.get(row["state"], "wrong file")
        used = ", ".join(row["used_by"])
        told = (row["name"], size, content, row["licence"]["weights"], here, used)
        table.add_row(*map(cell, told))
    Console(width=120, highlight=False).print(table)


def _row(entry: Entry, used_by: list[str], source: Path | None) -> dict[str, Any]:
    from lvbench.features.weights import locate

    file = entry.download or entry.files[0]
    row: dict[str, Any] = {
        "name": entry.name,
        "what": entry.what,
        "size": entry.size,
        "size_exact": file.size is not None,
        "sha256": file.sha256,
        "identity": file.identity,
        "licence": entry.licence.model_dump(),
        "used_by": used_by,
        "address": file.address,
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
@click.option("--all", "everything", is_flag=True, help="Everything that has an address.")
@click.option("--protocol", metavar="NAME", help="Everything that this protocol's metrics read.")
def pull(names: tuple[str, ...], everything: bool, protocol: str | None) -> int:
    """Fetch the weights NAMES, where they are not there yet, and check them.

    Exit code 0 if all are there in the end, 1 if any is not.
    """
    from lvbench.features.weights_download import pull as fetch

    failed = []
    for entry in _chosen(names, everything, protocol):
        try:
            with _bar(entry) as progress:
                found = fetch(entry, progress)
            echo(f"{entry.name}: {found.path} (sha256 {found.sha256})")
        except LvbenchError as error:
            failed.append(entry)
            echo(f"lvbench: {error}", err=True)
    if failed:
        from lvbench.features.weights_catalogue import readable

        sizes = ", ".join(f"{entry.name} ({readable(entry.size)})" for entry in failed)
        echo(f"not fetched: {sizes}", err=True)
    return 1 if failed else 0


def _chosen(names: tuple[str, ...], everything: bool, protocol: str | None) -> list[Entry]:
    import difflib

    from lvbench.features.weights_catalogue import catalogue

    wanted = list(names) + (_of_protocol(protocol) if protocol is not None else [])
    if everything:
        wanted += [entry.name for entry in catalogue().values() if entry.download is not None]
    unknown = [name for name in wanted if name not in catalogue()]
    if unknown or not (wanted or protocol):
        near = (
            difflib.get_close_matches(unknown[0], catalogue(), n=3, cutoff=0.0) if unknown else []
        )
        raise UsageError(
            "fetch weights",
            found=f"no entry '{unknown[0]}'; nearest: {', '.join(near)}" if unknown else "no name",
            where="lvbench weights pull",
            mend="give names of 'lvbench weights list', --all or --protocol NAME",
        )
    return [catalogue()[name] for name in dict.fromkeys(wanted)]


def _of_protocol(name: str) -> list[str]:
    """Return the entries that a protocol's metrics read, through extractors or themselves."""
    from lvbench.features.weights_users import needed_by
    from lvbench.metrics.registry import build
    from lvbench.protocol.load import load_protocol

    metrics = load_protocol(name).metrics
    needs = [need for m in metrics for need in build(m.name, dict(m.parameters)).needs]
    readers = [*(m.name for m in metrics), *needs]
    return [entry.name for reader in readers for entry in needed_by(reader)]


@contextmanager
def _bar(entry: Entry) -> Iterator[Progress]:
    """Show how much has come; the Hub's own client draws a bar of its own."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

    if entry.download is not None and entry.download.hub is not None:
        yield lambda done, total: None
        return
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
    """Read every file that is there again, and compare it with the catalogue.

    Exit code 0 if all are right, 1 if one is wrong.
    """
    from lvbench.features.weights_catalogue import catalogue
    from lvbench.features.weights_verify import verify as read_again

    verdicts = read_again(weights)
    for verdict in verdicts:
        if verdict.error is None:
            echo(f"ok     {verdict.name}: {verdict.where} (sha256 {verdict.sha256})")
        else:
            echo(f"WRONG  {verdict.name}: {verdict.error}")
    wrong = sum(verdict.error is not None for verdict in verdicts)
    absent = len(catalogue()) - len(verdicts)
    echo(f"{len(verdicts) - wrong} right, {wrong} wrong, {absent} not here")
    return 1 if wrong else 0
