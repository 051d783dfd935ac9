"""Run the commands that need no index: call the library, then report. Imported only when such a command runs."""

from __future__ import annotations

import platform
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click
import polars as pl

from dedup.arabic.keys import add_keys
from dedup.arabic.learned_furniture import learn_furniture
from dedup.arabic.word_counts import archive_words, word_table
from dedup.cli import arguments
from dedup.cli.console import show
from dedup.cli.delivery import DONE, SKIPPED, deliver, list_remarks, list_skipped
from dedup.cli.progress import ProgressBars
from dedup.core.versions import DISTRIBUTION, dedup_version, versions
from dedup.coverage.outlet_names import merge_names, propose_names
from dedup.errors import InputError
from dedup.fingerprint import fingerprint
from dedup.matching.explain import explain as explain_pair
from dedup.matching.scoring.model import load_model
from dedup.matching.similar import similar as find_similar
from dedup.pipeline import scan as scan_paths
from dedup.report import explain as explanation_report
from dedup.report import terminal
from dedup.report.files import write_file
from dedup.report.json_report import to_json
from dedup.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping


def scan(options: Mapping[str, Any]) -> int:
    """Scan the paths, write and print the results; return the exit code."""
    names = ("window", "pairs_floor", "exact", "calibration", "words")
    threshold = arguments.chosen_threshold(options)
    settings = Settings(
        threshold="default" if threshold is None else threshold, **{name: options[name] for name in names}
    )
    with ProgressBars(wanted=not options["quiet"]) as bars:
        result = scan_paths(
            *options["paths"], settings=settings, memory_limit=options["memory_limit"], progress=bars,
            fix_clocks=options["fix_clocks"], merge_outlets=not options["no_merge_outlets"],
            **arguments.reading_arguments(options),
        )  # fmt: skip
    return deliver(result, options)


def explain(options: Mapping[str, Any]) -> int:
    """Explain a pair of headlines; return the exit code."""
    explanation = explain_pair(
        options["title_a"],
        options["title_b"],
        outlet_a=options["outlet_a"],
        outlet_b=options["outlet_b"],
        published_a=options["published_a"],
        published_b=options["published_b"],
    )
    if options["as_json"]:
        click.echo(to_json(asdict(explanation)))
    else:
        language = options["language"]
        show(lambda _: explanation_report.render(explanation, language), bidi=options["bidi"], language=language)
    return DONE


def similar(options: Mapping[str, Any]) -> int:
    """List the headlines nearest to a headline; return the exit code."""
    with ProgressBars() as bars:
        feeds = arguments.read_paths(options, bars)
    settings = Settings(window=options["window"])
    matches = find_similar(
        options["title"], feeds.headlines, outlet=options["outlet"], published=options["published"], settings=settings
    )
    matches = matches.head(options["top"])
    if options["as_json"]:
        click.echo(to_json({"headlines": matches.to_dicts(), "skipped": feeds.skipped.to_dicts()}))
    else:
        show(lambda _: terminal.nearest(matches), bidi=options["bidi"])
        list_skipped(feeds.skipped)
        list_remarks(feeds.remarks)
    return SKIPPED if feeds.skipped.height else DONE


def outlets(options: Mapping[str, Any]) -> int:
    """Print the names of outlets that are merged, and proposals for others; return the exit code."""
    with ProgressBars() as bars:
        feeds = arguments.read_paths(options, bars)
    headlines, merged = merge_names(
        feeds.headlines, frozenset(options["outlets"].names.values() if options["outlets"] else ())
    )
    table = pl.concat(
        [merged.with_columns(merged=pl.lit("yes")), propose_names(headlines).with_columns(merged=pl.lit("no"))]
    )
    click.echo(table.write_csv(separator="\t"), nl=False)
    list_skipped(feeds.skipped)
    list_remarks(feeds.remarks)
    return SKIPPED if feeds.skipped.height else DONE


def words(options: Mapping[str, Any]) -> int:
    """Count the words of an archive and write the table; return the exit code."""
    with ProgressBars() as bars:
        feeds = arguments.read_paths(options, bars)
    list_skipped(feeds.skipped)
    list_remarks(feeds.remarks)
    keys = add_keys(feeds.headlines, learn_furniture(feeds.headlines))["fuzzy_key"]
    path = click.format_filename(options["output"])
    if not (keys != "").any():
        read = ", ".join(click.format_filename(given) for given in options["paths"])
        raise InputError(read, f"no headline with words to count; {path} was not written")
    write_file(word_table(keys), options["output"])
    table = archive_words(options["output"])
    click.echo(f"wrote {path}: words of {table.headlines:,} different headlines; use it by dedup scan --words {path}")
    return SKIPPED if feeds.skipped.height else DONE


def version_line() -> str:
    """Return the version of dedup and of its score model."""
    model = load_model()
    return f"dedup {dedup_version()}, score model {model.digest} of {model.provenance['date']}"


def version_json() -> str:
    """Return all that a support request needs as JSON: versions, model, fingerprint of the defaults, system."""
    model = load_model()
    return to_json(
        {
            "distribution": DISTRIBUTION,
            "versions": versions(),
            "model": {
                "digest": model.digest,
                "date": model.provenance["date"],
                "thresholds": model.thresholds,
                "figures": model.provenance["figures"],
            },
            "fingerprint": fingerprint(Settings()),
            "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        }
    )
