"""Frames -> the report as one HTML file: right to left, Arabic labels, nothing loaded from anywhere.

Everything that comes from a feed is escaped; links lead only to http and https; a content security policy forbids
scripts and every request, so that a mistake here stays harmless. Titles take their direction from their own letters,
names and figures stand in isolates (``bdi``), so that Latin names and times do not reorder the line around them.
"""

from __future__ import annotations

from html import escape
from importlib.resources import files as resources
from typing import TYPE_CHECKING, Any

import polars as pl

from dedup.report.view import Totals, View, duration, skipped_lines
from dedup.report.wording import ARABIC, moment, plain, span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedup.coverage import Coverage

_ROLES = {
    "first": "الأول",
    "copy": "نسخة",
    "rewrite": "صياغة أخرى",
    "repeat": "تكرار",
    "single": "منفرد",
    "standing": "عنوان ثابت",
}
_OUTLET_COLUMNS = {
    "headlines": "العناوين",
    "shared": "المشتركة",
    "exclusive": "المنفردة",
    "first": "السبق",
    "tied": "في اللحظة نفسها",
    "copies": "النسخ",
    "rewrites": "صياغات أخرى",
    "repeats": "التكرار",
}


def page(coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View) -> str:
    """The report as the text of an HTML file; the arguments are those of `dedup.report.terminal.render`."""
    shown, found = view.stories(coverage)
    css = (resources("dedup.report") / "page.css").read_text(encoding="utf-8")
    return "\n".join(
        [
            '<!DOCTYPE html>\n<html lang="ar" dir="rtl">\n<head>\n<meta charset="utf-8">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>تغطية الأخبار</title>\n<style>\n{css}</style>\n</head>\n<body>",
            *_head(coverage, files, skipped, view),
            f"<h2>القصص الأوسع انتشارا ({_of(shown.height, found)})</h2>",
            *_stories(shown, coverage.headlines),
            *_outlets(coverage.outlets),
            *_skipped(skipped),
            "</body>\n</html>\n",
        ]
    )


def _head(coverage: Coverage, files: pl.DataFrame, skipped: pl.DataFrame, view: View) -> Iterable[str]:
    totals = Totals.of(coverage)
    yield "<h1>تغطية الأخبار</h1>"
    if totals.first:
        yield f'<p class="soft">من {_ltr(moment(totals.first))} إلى {_ltr(moment(totals.last))} بالتوقيت العالمي</p>'
    if view.filters:
        yield f'<p class="soft" lang="en">{_text(view.filters)}</p>'
    figures = {} if view.index is not None else {"الملفات": files.height}
    figures |= {
        "وسائل الإعلام": totals.outlets,
        "العناوين": totals.headlines,
        "قصص مشتركة": totals.covered,
        "النسخ": totals.copies,
        "صياغات أخرى": totals.rewrites,
        "التكرار": totals.repeats,
        "عناوين منفردة": totals.exclusive,
        "عناوين ثابتة": totals.standing,
        "بلا وقت": totals.undated,
        "مدخلات متروكة": skipped["file"].n_unique(),
    }
    cards = "".join(f"<div><dt>{name}</dt><dd>{figure:,}</dd></div>" for name, figure in figures.items())
    yield f'<dl class="facts">{cards}</dl>'
    yield '<p class="soft">ث ثانية، د دقيقة، س ساعة، ي يوم</p>'


def _stories(shown: pl.DataFrame, headlines: pl.LazyFrame) -> Iterable[str]:
    rows = headlines.join(shown.lazy().select("story_id"), on="story_id", how="semi", maintain_order="left")
    rows = rows.sort("published", pl.col("role") != "first", nulls_last=True, maintain_order=True)
    members = rows.collect().partition_by("story_id", as_dict=True)
    for story in shown.iter_rows(named=True):
        ran = duration(story)
        facts = [f"وسائل الإعلام: {story['n_outlets']}", f"خلال: {'وقت مجهول' if ran is None else span(ran, ARABIC)}"]
        facts += [f"الأول: {_first(story)}", f"النسخ: {story['n_copies']}", f"صياغات أخرى: {story['n_rewrites']}"]
        facts += [f"التكرار: {story['n_repeats']}"] if story["n_repeats"] else []
        facts += [f"بلا وقت: {story['n_undated']}"] if story["n_undated"] else []
        yield f'<details><summary><b dir="auto">{_text(story["title"])}</b>'
        yield f'<span class="soft">{" · ".join(facts)}</span></summary>\n<ol>'
        for row in members[(story["story_id"],)].iter_rows(named=True):
            yield _member(row, leads=row["outlet"] in story["first_outlets"] and row["role"] != "repeat")
        yield "</ol></details>"


def _first(story: dict[str, Any]) -> str:
    names = [f"<bdi>{_text(name)}</bdi>" for name in story["first_outlets"]]
    if not names:
        return "مجهول"
    return " و".join(names) + (" في اللحظة نفسها" if len(names) > 1 else "")


def _member(row: dict[str, Any], *, leads: bool) -> str:
    """One headline of a story: time, role, outlet, title."""
    title, url = _text(row["title"]), row["url"] or ""
    if url.startswith(("http://", "https://")):
        title = f'<a href="{escape(url)}" rel="noreferrer nofollow">{title}</a>'
    role = _ROLES["first"] if leads else _ROLES[row["role"]]
    time = _ltr(f"{row['published']:%m-%d %H:%M}") if row["published"] else "بلا وقت"
    return (
        f"<li{' class=first' if leads else ''}><span>{time}</span><span>{role}</span>"
        f'<bdi>{_text(row["outlet"])}</bdi><span class="title" dir="auto">{title}</span></li>'
    )


def _outlets(outlets: pl.DataFrame) -> Iterable[str]:
    yield "<h2>وسائل الإعلام</h2>"
    yield '<p class="soft">السبق: قصص نشرتها قبل سواها. التأخر: وسيط ما تأخرته عن الأول في غيرها.</p>'
    names = "".join(f"<th>{name}</th>" for name in ("الوسيلة", *_OUTLET_COLUMNS.values(), "التأخر"))
    yield f'<div class="wide"><table><thead><tr>{names}</tr></thead><tbody>'
    for row in outlets.iter_rows(named=True):
        figures = "".join(f"<td>{row[column]:,}</td>" for column in _OUTLET_COLUMNS)
        lag = span(row["median_lag_minutes"], ARABIC)
        yield f"<tr><td><bdi>{_text(row['outlet'])}</bdi></td>{figures}<td>{lag}</td></tr>"
    yield "</tbody></table></div>"


def _skipped(skipped: pl.DataFrame) -> Iterable[str]:
    if skipped.height:
        lines = "".join(f"<li>{_text(line)}</li>" for line in skipped_lines(skipped))
        yield f'<h2>ما لم يقرأ</h2>\n<ul class="skipped" lang="en">{lines}</ul>'


def _of(shown: int, found: int) -> str:
    return f"{shown:,} من {found:,}" if shown < found else f"{found:,}"


def _text(text: str) -> str:
    return escape(plain(text))


def _ltr(text: str) -> str:
    return f'<bdi dir="ltr">{text}</bdi>'
