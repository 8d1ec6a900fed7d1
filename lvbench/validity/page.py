"""Write what a validation shows as a page in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lvbench.metrics.verdicts import Verdict
from lvbench.results.files import write_atomic
from lvbench.validity.cheats_outcome import HONEST, Outcome, Standing
from lvbench.validity.findings import Finding, Reacts
from lvbench.validity.heat_map import heat_map, medians
from lvbench.validity.onsets import Onset, median_error, within
from lvbench.validity.presentations import PLAIN
from lvbench.validity.sources import Source
from lvbench.validity.table import Tried

BEGIN, END = "<!-- validate-metrics: begin -->", "<!-- validate-metrics: end -->"
FIGURE = "heat-map.svg"
_MANY = 6  # worst ignored faults that a cell names
DASH = "–"
COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Page:
    """What the page shows.

    Attributes:
        tried: The metrics and their trials.
        sources: The sources.
        findings: By score.
        verdicts: By score.
        cheats: Outcomes of the cheats.
        boards: Boards of the sources and several cheats; empty where these were not tried.
        source_gates: By source, the gates that the untouched clip breaks.
    """

    tried: Tried
    sources: Sequence[Source]
    findings: Mapping[str, Finding]
    verdicts: Mapping[str, Verdict]
    cheats: Sequence[Outcome]
    boards: Sequence[Standing]
    source_gates: Mapping[str, tuple[str, ...]]

    def of_literature(self, score: str) -> bool:
        """Return whether a score is a formula of others, ported for comparison."""
        metric = self.tried.instruments.metrics[metric_of(score)]
        return "lvbench" not in metric.info.cites


def metric_of(score: str) -> str:
    """Return the key of a score's metric."""
    name, at, extractor = score.partition("@")
    return f"{name.partition('.')[0]}{at}{extractor}"


def write_page(page: Page, path: Path) -> None:
    """Write the page between its markers, and its figure in the folder of the page's name.

    A file that has no markers, or is not there, gets the tables alone.
    """
    folder = path.with_suffix("")
    shown = [f for f in page.findings.values() if f.reactions and f.ratios]
    figure = f"{folder.name}/{FIGURE}" if shown else ""
    text = "\n".join(_lines(page, figure))
    if shown:
        faults = [name for name in page.tried.faults if any(name in f.ratios for f in shown)]
        write_atomic(folder / FIGURE, heat_map(shown, faults))
    old = path.read_text("utf-8") if path.is_file() else ""
    new = f"{BEGIN}\n{text}\n{END}"
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    whole, count = pattern.subn(lambda _: new, old)
    write_atomic(path, whole if count else f"# Validity of the metrics\n\n{new}\n")


def _lines(page: Page, figure: str) -> Iterator[str]:
    yield from _what_was_run(page)
    if figure:
        yield from ("", "## Which score reacts to which fault", "", f"![Heat map]({figure})", "")
        yield _FIGURE_TEXT
    own = [score for score in page.findings if not page.of_literature(score)]
    others = [score for score in page.findings if page.of_literature(score)]
    yield from ("", "## Metrics of lvbench", "", _TABLE_TEXT, "", *_summary(page, own))
    yield from ("", "## Formulas of the literature", "", *_summary(page, others))
    yield from ("", "## Declared reactions", "", *_reactions(page))
    yield from ("", "## Cheats", "", *_cheats(page))
    yield from ("", "## Presentations", "", *_presentations(page))
    yield from ("", "## Onsets", "", *_onsets(page))
    yield from ("", "## Scores that do not rank", "", *_failed(page))


_FIGURE_TEXT = (
    "Depth: median over the sources of the change at the middle dose, relative to the strongest "
    "own fault of the score; full colour is 1 or more. A dot: no value, or not tried."
)
_TABLE_TEXT = (
    "*Reactions*: declared reactions that hold: Spearman's correlation of dose and score is at "
    "least 0.95, with the declared sign, on at least 90 % of the sources. *Ignored*: pairs of "
    "ignored fault and source on which the change at the middle dose is under 0.1 of the change "
    "by the strongest own fault; 90 % are needed. *Presentations*: pairs of presentation and "
    "source on which the change is under 0.1 of the change by the smallest own dose."
)

_REACTIONS_TEXT = (
    "*Drifts against it*: sources that do not count in *holds on*. Where a clip drifts by itself, "
    "a ramp the other way first makes it steadier, and the right reading falls before it rises: "
    "of a drift of size b and a ramp of size r about |b - r| is left, less than b until r is twice "
    "b. A source is left out for a ramp, and for a score of the change over the entire clip, where "
    "some dose lowers the score, each such dose moves the median source by less than twice the "
    "score of the untouched clip, and the score falls with each dose up to its lowest value and "
    "rises with each dose from there. Any other order is a lost reaction, and a reaction holds "
    "only if at least half of the sources count. Faults that begin at once leave none out: a jump "
    "adds to a drift in either direction.\n\n"
    "*Smallest dose found*: it moves the score, as declared, by more than 95 % of the changes "
    "that presentations make, on at least half of the sources. A smaller dose that moves the score "
    "by no more than that, and by less than a tenth of what the middle dose does, is no part of "
    "the correlation on a source, as long as two doses are left: the file may not display it "
    "(noise of three levels is gone after coding), and such a tie is no wrong order. A larger "
    "change in the wrong direction counts in full."
)


def _what_was_run(page: Page) -> Iterator[str]:
    trials = [trial for found in page.tried.results.values() for trial in found.values()]
    kinds = {kind: len({t.name for t in trials if t.kind == kind})
             for kind in ("fault", "cheat", "presentation")}  # fmt: skip
    yield (
        f"Written by `lvbench validate-metrics --page`. {len(page.tried.results)} sources, "
        f"{kinds['fault']} faults, {kinds['cheat']} cheats, {kinds['presentation']} "
        f"presentations: {len(trials)} clips. Each clip is written as {PLAIN.title} (preset "
        f"{PLAIN.options['preset']}) after the fault was planted, and scored once by all metrics; "
        "at other doses than the middle one, by those that declare a reaction."
    )
    yield ""
    rows = []
    for source in page.sources:
        trial = next((t for t in trials if t.source == source.name and t.size is not None), None)
        if trial is not None and trial.size is not None:
            frames, height, width, fps = trial.size
            broken = ", ".join(page.source_gates.get(source.name, ()))
            gates = broken or ("pass" if page.tried.instruments.protocol.gates else "not tried")
            facts = [f"{width} x {height}", f"{fps:.4g}", str(frames), gates]
            rows.append([source.name, source.kind, source.category, *facts])
    yield from table(
        ["source", "kind", "what", "pixels", "rate (Hz)", "frames", "gates, untouched"], rows
    )


def _summary(page: Page, scores: Iterable[str]) -> Iterator[str]:
    rows = []
    for score in scores:
        finding, verdict = page.findings[score], page.verdicts[score]
        if not finding.reactions and not finding.unavailable:
            continue
        holds = sum(reaction.holds for reaction in finding.reactions)
        rows.append(
            [
                f"`{score}`",
                verdict.status,
                f"{holds} of {len(finding.reactions)}",
                str(finding.ignored_share),
                str(finding.still_share),
                ", ".join(
                    f"{fault} ({median:.2g})"
                    for fault, median, _ in finding.worst_ignored()[:_MANY]
                )
                or DASH,
            ]
        )
    yield from table(
        ["score", "result", "reactions", "ignored", "presentations", "worst of the ignored"], rows
    )


def _reactions(page: Page) -> Iterator[str]:
    rows = [
        [f"`{score}`", f"{reaction.fault}", reaction.sign, str(reaction.share),
         ", ".join(reaction.opposed) or DASH, *_smallest(page, reaction)]
        for score, finding in page.findings.items()
        for reaction in finding.reactions
    ]  # fmt: skip
    yield _REACTIONS_TEXT
    yield ""
    heads = ["score", "fault", "sign", "holds on", "drifts against it", "smallest dose found"]
    yield from table([*heads, "doses tried"], rows)


def _smallest(page: Page, reaction: Reacts) -> list[str]:
    if not reaction.tried:
        return ["not tried", DASH]
    unit = page.tried.faults[reaction.fault].unit
    dose = reaction.smallest_dose
    found = "none" if reaction.smallest else "not tried"
    found = found if dose is None else f"{dose:g} ({unit})"
    return [found, ", ".join(f"{one:g}" for one in reaction.doses)]


def _cheats(page: Page) -> Iterator[str]:
    if not page.cheats:
        yield "Not tried."
        return
    made = [outcome for outcome in page.cheats if outcome.cheat != COPIED]
    caught = sum(outcome.caught for outcome in made)
    gated = [one.cheat for one in made if one.place == "gate failed" and not one.caught]
    more = (
        f"; {', '.join(gated)} fail one as a model of all clips, and do not rank" if gated else ""
    )
    yield (
        f"{caught} of {len(made)} cheats fail a gate on every source or rank below the sources"
        f"{more}. Cells name the gates that fail. *Board*: place on a board of two rows, the "
        "sources and the cheat made of them, by the scores that passed; it needs eight sources. "
        "*Always worse*: scores that passed on which the cheat is worse than its source on every "
        f"source. `{COPIED}` is the source itself, which only a comparison with other videos can "
        "find (`memorisation`)."
    )
    yield ""
    names = sorted({source for outcome in page.cheats for source in outcome.gates})
    rows = [
        [outcome.cheat, outcome.place, ", ".join(outcome.worse) or DASH,
         *(_gates(outcome, source) for source in names)]
        for outcome in page.cheats
    ]  # fmt: skip
    yield from table(["cheat", "board", "always worse", *names], rows)
    if page.boards:
        yield from _boards(page.boards)


def _boards(boards: Sequence[Standing]) -> Iterator[str]:
    alone = sum(board.honest_alone for board in boards)
    yield ""
    yield (
        f"One board of the sources and {len(boards) - 1} cheats, each a model of "
        f"{boards[0].sources} videos, and the board without each cheat: the sources are alone on "
        f"top of {alone} of {len(boards)}. A comma is between models that are tied."
    )
    yield ""
    rows = [
        [f"without {board.left_out}" if board.left_out else "all",
         " > ".join(", ".join(group) for group in board.groups) or DASH,
         ", ".join(board.gate_failed) or DASH,
         ", ".join(board.unranked) or DASH,
         "yes" if board.honest_alone else "no"]
        for board in boards
    ]  # fmt: skip
    heads = ["board", "order, best first", "gate failed", "not ranked", f"{HONEST} alone on top"]
    yield from table(heads, rows)


def _gates(outcome: Outcome, source: str) -> str:
    if source not in outcome.gates:
        return "not tried"
    return ", ".join(outcome.gates[source]) or DASH


def _presentations(page: Page) -> Iterator[str]:
    names = sorted({name for f in page.findings.values() for name in f.presentations})
    if not names:
        yield "Not tried."
        return
    yield (
        "Median over the sources of the change, relative to the change by the smallest dose of the "
        "strongest own fault."
    )
    yield ""
    rows = [
        [f"`{score}`", *(_ratio(medians(f.presentations.get(name, {}))) for name in names)]
        for score, f in page.findings.items()
        if f.presentations
    ]
    yield from table(["score", *names], rows)


def _ratio(value: float | None) -> str:
    return DASH if value is None else f"{value:.2g}"


def _onsets(page: Page) -> Iterator[str]:
    instruments = page.tried.instruments
    segment = instruments.protocol.segment_seconds
    rows: list[list[str]] = []
    steps: list[Onset] = []
    for key in instruments.keys:
        found = page.tried.onsets(key)
        for fault in dict.fromkeys(one.fault for one in found):
            own = [one for one in found if one.fault == fault]
            shape = page.tried.faults[fault].shape
            steps += own if shape == "step" else []
            error = median_error(own)
            rows.append(
                [f"`{key}`", fault, shape, str(within(own, segment)),
                 DASH if error is None else f"{error:.2f}",
                 str(sum(one.error is None for one in own))]
            )  # fmt: skip
    yield (
        "Faults that begin within the clip, at their largest dose. *Within a segment*: sources on "
        f"which the onset or an event is at most {segment:g} s from the planted start. A *step* "
        "begins at once and stays; an *event* ends before the clip does, so that its end may be "
        "the larger step of the two, and one that is shorter than two segments has no onset. "
        f"Of all steps, {within(steps, segment)} are within a segment."
    )
    yield ""
    heads = ["metric", "fault", "shape", "within a segment", "median error (s)"]
    yield from table([*heads, "without an onset"], rows)


def _failed(page: Page) -> Iterator[str]:
    rows = [
        [f"`{score}`", verdict.status, "; ".join(verdict.reasons)]
        for score, verdict in page.verdicts.items()
        if verdict.status != "passed"
    ]
    yield from table(["score", "result", "why"], rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table in Markdown; a bar within a cell is escaped."""
    yield f"| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
