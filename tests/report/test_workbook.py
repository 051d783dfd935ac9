"""The workbook as a spreadsheet program reads it."""

from __future__ import annotations

from datetime import UTC, datetime

import openpyxl
import polars as pl
import pytest

import dedup
from dedup.report import workbook

pytestmark = pytest.mark.filterwarnings("ignore:.*extension is not supported")  # openpyxl and data bars

FLOODS = "مصرع 5 أشخاص في سيول جارفة اجتاحت وادي السرو"
ROWS = [
    {
        "title": FLOODS,
        "outlet": "الضحى",
        "published": datetime(2026, 3, 4, 22, 30, tzinfo=UTC),
        "url": "https://x.example/1",
    },
    {
        "title": FLOODS,
        "outlet": "المرفأ",
        "published": datetime(2026, 3, 4, 23, tzinfo=UTC),
        "url": "javascript:alert(1)",
    },
    {"title": '=HYPERLINK("http://x.example") للتفاصيل', "outlet": "+السدرة", "published": None, "url": None},
]


@pytest.fixture(scope="module")
def result():
    return dedup.find_duplicates(ROWS)


@pytest.fixture
def book(result, tmp_path):
    paths = result.write(tmp_path, format="xlsx", timezone="Asia/Riyadh")
    assert [path.name for path in paths] == ["dedup.xlsx", "summary.json"]
    return openpyxl.load_workbook(tmp_path / "dedup.xlsx")


def rows(sheet):
    head, *body = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in body]


def test_sheets_run_from_right_to_left_with_fixed_heads_and_filters(book):
    assert book.sheetnames == [
        "عن التقرير",
        "القصص",
        "العناوين",
        "الانفرادات",
        "قصص ذات صلة",
        "وسائل الإعلام",
        "من يتبع من",
        "ما لم يُقرأ",
    ]
    for sheet in book.worksheets[1:]:
        assert sheet.sheet_view.rightToLeft
        assert sheet.freeze_panes == "A2"
        assert all(table.autoFilter for table in sheet.tables.values())


def test_a_workbook_in_english_has_the_names_of_columns(result, tmp_path):
    result.write(tmp_path, format="xlsx", language="en")
    sheet = openpyxl.load_workbook(tmp_path / "dedup.xlsx")["Stories"]
    assert not sheet.sheet_view.rightToLeft
    assert rows(sheet)[0]["Outlets"] == 2


def test_times_are_local_and_the_zone_is_named(book):
    assert ("الأوقات بتوقيت", "Asia/Riyadh", None) in list(book["عن التقرير"].iter_rows(values_only=True))
    published = [row["وقت النشر"] for row in rows(book["العناوين"])]
    assert published == [None, datetime(2026, 3, 5, 1, 30), datetime(2026, 3, 5, 2, 0)]


def test_titles_are_text_and_never_formulas(book):
    cells = {cell.value: cell.data_type for row in book["الانفرادات"].iter_rows(min_row=2) for cell in row}
    assert cells['=HYPERLINK("http://x.example") للتفاصيل'] == "s"
    assert cells["+السدرة"] == "s"


def test_web_addresses_are_links_and_others_are_not(book):
    sheet = book["العناوين"]
    linked = {cell.value for row in sheet.iter_rows(min_row=2) for cell in row if cell.hyperlink}
    assert linked == {"https://x.example/1"}


def test_rows_beyond_the_limit_of_excel_are_left_out_and_counted(result, tmp_path, monkeypatch):
    monkeypatch.setattr(workbook, "_MAX_ROWS", 2)
    result.write(tmp_path, format="xlsx")
    book = openpyxl.load_workbook(tmp_path / "dedup.xlsx")
    assert len(rows(book["العناوين"])) == 2
    [row] = [row for row in book["عن التقرير"].iter_rows(values_only=True) if row[0] == "العناوين"]
    assert row[1] == 3
    assert "تُركت 1 من الصفوف" in row[2]


def test_the_first_sheet_leads_to_the_others_with_their_rows(book):
    sheet = book["عن التقرير"]
    linked = {cell.value: cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert linked == {name: f"'{name}'!A1" for name in book.sheetnames[1:]}
    texts = [row[1] for row in sheet.iter_rows(values_only=True)]
    assert "من 5 مارس 2026، 01:30 إلى 5 مارس 2026، 02:00" in texts


def test_editors_see_roles_in_words_and_stories_by_title_and_no_ids(book):
    headlines = rows(book["العناوين"])
    assert [(row["الدور"], row["القصة"]) for row in headlines] == [
        ("منفرد", None),
        ("الأول", FLOODS),
        ("نسخة", FLOODS),
    ]
    assert not any(
        "معرّف" in name for sheet in book for row in sheet.iter_rows(max_row=1, values_only=True) for name in row if name
    )


@pytest.mark.parametrize("language", ["ar", "en"])
def test_every_column_has_a_name_in_both_languages(result, tmp_path, language):
    result.write(tmp_path, format="xlsx", language=language)
    heads = {
        name
        for sheet in openpyxl.load_workbook(tmp_path / "dedup.xlsx").worksheets[1:]
        for name in next(sheet.iter_rows(values_only=True))
    }
    assert [name for name in heads if "_" in name] == []


def test_related_stories_are_a_sheet_with_titles_and_none_without_them(result, tmp_path):
    story, alone = result.stories["story_id"].item(), result.headlines.filter(role="single")["story_id"].item()
    related = pl.DataFrame(
        {"story_id": [story], "related_id": [alone], "related_score": [0.8], "hours_apart": [None]},
        schema_overrides={"hours_apart": pl.Float32},
    )
    tables = {"headlines": result.coverage.headlines, "exclusives": result.coverage.exclusives()}
    tables |= {name: getattr(result, name).lazy() for name in ("stories", "outlets", "overlap", "skipped")}
    for name, given in (("with", {"related": related.lazy()}), ("without", {})):
        path = tmp_path / f"{name}.xlsx"
        workbook.write_workbook({**tables, **given}, result.summary, path, zone=UTC, language="ar")
        book = openpyxl.load_workbook(path)
        assert ("قصص ذات صلة" in book.sheetnames) is bool(given)
    [row] = rows(openpyxl.load_workbook(tmp_path / "with.xlsx")["قصص ذات صلة"])
    assert (row["القصة"], row["القصة ذات الصلة"]) == (FLOODS, '=HYPERLINK("http://x.example") للتفاصيل')
