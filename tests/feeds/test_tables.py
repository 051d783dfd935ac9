from __future__ import annotations

import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.errors import SettingError
from dedup.feeds import Limits, read_feeds
from dedup.feeds.document import Document
from dedup.feeds.files.limits import Watch
from dedup.feeds.formats import tables

FIRST, SECOND, THIRD = "فتح باب التسجيل في مسبح المدينة", "سباق القوارب يبدأ غدا", "عودة قطار الليل"


@pytest.fixture
def read(tmp_path):
    def write_and_read(name, content, **options):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_feeds(path, **options)

    return write_and_read


def titles(feeds):
    return feeds.headlines["title"].to_list()


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_delimiters_line_ends_and_marks_are_seen(read, mark, end, start):
    text = start + end.join(mark.join(row) for row in (("id", "Headline"), ("1", FIRST), ("2", SECOND))) + end
    feeds = read("a.csv", text)
    assert titles(feeds) == [FIRST, SECOND]
    assert feeds.headlines["headline_id"].to_list() == ["1", "2"]
    assert feeds.skipped.is_empty()


def test_rows_of_other_width_are_kept_and_named_by_line(read):
    feeds = read("a.csv", f"id,title,url\n1,{FIRST},u\n2,{SECOND}\n3,{THIRD},u,v,w\n")
    assert titles(feeds) == [FIRST, SECOND, THIRD]
    assert feeds.skipped["place"].to_list() == ["line 3", "line 4"]


def test_quoted_line_ends_and_quotation_marks_are_part_of_the_title(read):
    feeds = read("a.csv", 'id,title\n1,"سطر\nثان"\n2,"قال ""نعم"""\n3,قال "لا" اليوم\n')
    assert titles(feeds) == ["سطر ثان", 'قال "نعم"', 'قال "لا" اليوم']
    assert feeds.skipped.is_empty()


@pytest.mark.parametrize("rest", [f"2,{SECOND}\n3,{THIRD}\n", f'2,"{SECOND}"\n3,"{THIRD}"\n'])
def test_a_quotation_that_never_closes_costs_its_own_line_only(read, rest):
    feeds = read("a.csv", f'id,title\n1,"{FIRST}\n{rest}')
    assert titles(feeds) == [SECOND, THIRD]
    assert feeds.skipped["place"].to_list() == ["line 2"]
    assert feeds.files["items"].item() == 3


def test_a_thousand_open_quotations_are_read_in_linear_time(read):
    feeds = read("a.csv", "id,title\n" + "".join(f'{number},"{FIRST}\n' for number in range(3_001)))
    assert feeds.counts["items"] == 3_001
    assert feeds.skipped.height <= 1_001


def test_quotation_marks_in_tsv_belong_to_the_headline_unless_they_enclose_it(read):
    feeds = read("a.tsv", 'title\turl\n"نعم" للحديقة\tu\n"كل ""هذا"" عنوان"\tv\n')
    assert titles(feeds) == ['"نعم" للحديقة', 'كل "هذا" عنوان']


def test_words_that_other_readers_take_for_null_are_headlines(read):
    assert titles(read("a.csv", "title,url\nNA,u\nnull,v\n#وسم,w\n")) == ["NA", "null", "#وسم"]


def test_a_missing_title_column_lists_what_there_is_and_a_mapping_helps(read):
    text = f"رقم,المتن\n1,{FIRST}\n"
    assert "المتن" in read("a.csv", text).skipped["reason"].item()
    assert titles(read("a.csv", text, columns={"title": "المتن"})) == [FIRST]
    assert "'x'" in read("a.csv", text, columns={"title": "x"}).skipped["reason"].item()
    with pytest.raises(SettingError, match="headline"):
        read("a.csv", text, columns={"headline": "المتن"})


def test_two_title_columns_are_ambiguous(read):
    assert "title" in read("a.csv", "title,Title\nأ,ب\n").skipped["reason"].item()


def test_a_text_file_is_a_headline_a_line_if_its_name_says_so(read):
    assert titles(read("a.txt", f"{FIRST}\r{SECOND}\r")) == [FIRST, SECOND]
    assert titles(read("b.txt", f"\ufeff{FIRST}\n\n{SECOND}".encode("utf-16"))) == [FIRST, SECOND]
    assert read("notes.md", f"{FIRST}\n").files["status"].item() == "failed"


def test_windows_1256_tables_come_out_right(read):
    feeds = read("a.csv", f"title;url\n{FIRST};u\n{SECOND};v\n".encode("cp1256"))
    assert titles(feeds) == [FIRST, SECOND]
    assert "windows-1256" in feeds.remarks["remark"].item()
    assert feeds.skipped.is_empty()


def test_a_bad_byte_costs_its_row_a_note_and_no_other_row(read):
    content = f"title\turl\n{FIRST}\tu\n".encode() + b"\xd9\xff\xd8\xa7 word\tv\n" + f"{THIRD}\tw\n".encode()
    feeds = read("a.tsv", content)
    assert (titles(feeds)[0], titles(feeds)[2]) == (FIRST, THIRD)
    assert "line 3" in feeds.skipped["place"].to_list()


def test_json_lines_are_decided_one_by_one(read):
    lines = [f'{{"title": "{FIRST}"}}', "oops", f'"{SECOND}"', "[1]", '{"title": null}', '{"x": 1}', "",
             f'{{"title": "{THIRD}", "n": NaN, "m": 1e400}}', "[" * 100_000, '{"title": "\\ud83d"}']  # fmt: skip
    feeds = read("a.jsonl", "\n".join(lines))
    assert titles(feeds) == [FIRST, SECOND, THIRD, "\ufffd"]
    assert sorted(feeds.skipped["place"]) == ["line 10", "line 2", "line 4", "line 5", "line 6", "line 9"]
    assert feeds.files["items"].item() == 9


def test_of_a_list_cut_off_the_items_before_are_kept(read):
    feeds = read("a.json", f'[{{"title": "{FIRST}"}}, {{"title": "{SECOND}"}}, {{"ti')
    assert titles(feeds) == [FIRST, SECOND]
    assert feeds.files["status"].item() == "warned"


def test_nested_names_and_numbers_are_taken(read):
    feeds = read("a.json", f'[{{"id": 7, "title": {{"rendered": "{FIRST}"}}, "source": {{"name": "الميناء"}}}}]')
    assert feeds.headlines.select("headline_id", "outlet", "title").rows() == [("7", "الميناء", FIRST)]


def test_parquet_of_bytes_gives_what_is_text_and_names_the_rest(read):
    buffer = io.BytesIO()
    pl.DataFrame({"title": [FIRST.encode(), b"\xff\xfe", None]}).write_parquet(buffer)
    feeds = read("a.parquet", buffer.getvalue())
    assert titles(feeds) == [FIRST]
    assert feeds.skipped["place"].to_list() == ["row 2", "row 3"]


@pytest.mark.parametrize("cut", [8, 30, 200])
def test_damaged_parquet_is_named(read, cut):
    buffer = io.BytesIO()
    pl.DataFrame({"title": [FIRST, SECOND]}).write_parquet(buffer)
    assert "parquet" in read("a.parquet", buffer.getvalue()[:-cut]).skipped["reason"].item()


def test_what_passes_a_limit_is_named(read):
    assert read("a.txt", f"{FIRST}\n{SECOND}\n", limits=Limits(items=1)).skipped["reason"].str.contains("limit").all()
    assert "limit" in read("a.txt", FIRST, limits=Limits(file_bytes=5)).skipped["reason"].item()
    feeds = read("a.txt", "خبر " * 500)
    assert feeds.headlines["title"].str.len_chars().item() <= 1_000
    assert feeds.counts["cut_titles"] == 1
    assert "title" in feeds.skipped["reason"].item()
    with pytest.raises(SettingError, match="items"):
        Limits(items=0)


DATED = (
    ("2026-03-03 06:00", "الضحى", "افتتاح متحف القرية القديمة", "https://duha.example/1"),
    ("2026-03-03 07:00", "المرفأ", "تأجيل مباراة النهائي إلى الأحد", "https://marfa.example/2"),
    ("2026-03-04 08:00", "الضحى", "عودة القطار البطيء إلى الخدمة", "https://duha.example/3"),
)


def table(*columns, header=""):
    rows = (",".join(row[column] for column in columns) for row in DATED)
    return "\n".join([*([header] if header else []), *rows])


@pytest.mark.parametrize("header", ["x,y,z,w", "يوم النزول,الجهة,المادة,المسار", "2026-03-03 06:00,a,b,c"])
def test_no_file_with_an_unusual_header_is_read_without_one(read, header):
    feeds = read("a.csv", table(0, 1, 2, 3, header=header))
    assert feeds.headlines.is_empty()
    assert header.split(",")[1] in feeds.skipped["reason"].item()


def test_columns_without_a_header_are_taken_by_their_values_and_a_note_says_how(read):
    feeds = read("a.csv", table(0, 1, 2, 3))
    assert feeds.headlines.select("outlet", "title", "url").rows() == [row[1:] for row in DATED]
    assert feeds.counts["undated"] == 0
    [remark] = feeds.remarks["remark"]
    assert "1 for published, 2 for outlet, 3 for title, 4 for url; --map title=NUMBER" in remark


def test_names_of_sections_are_no_outlets_without_a_header(read):
    names = {"الضحى": "سياسة", "المرفأ": "رياضة"}
    rows = [",".join((time, names[outlet], title, url)) for time, outlet, title, url in DATED]
    outlets = read("a.csv", "\n".join(rows)).headlines["outlet"].to_list()
    assert outlets == ["duha.example", "marfa.example", "duha.example"]


def test_columns_are_named_by_numbers_where_values_settle_nothing(read):
    assert "--map title=1" in read("a.csv", table(1, 2)).skipped["reason"].item()
    feeds = read("a.csv", table(1, 2), columns={"title": "2", "outlet": "1"})
    assert feeds.headlines.select("outlet", "title").rows() == [row[1:3] for row in DATED]
    assert read("a.csv", table(2), columns={"title": "1"}).headlines.height == 3
    assert read("a.csv", table(1, 2), columns={"title": "0"}).headlines.is_empty()


def test_a_text_of_paragraphs_is_read_by_lines_and_a_note_says_so(read):
    paragraph = "أعلنت البلدية أن العمل في الجسر انتهى وأن المركبات ستعبره ابتداء من صباح الغد. " * 5
    [remark] = read("a.txt", f"{FIRST}\n{paragraph}\n{paragraph}\n").remarks["remark"]
    assert remark.startswith("2 of 3 lines have over 300 characters")
    assert read("b.txt", f"{FIRST}\n{SECOND}\n").remarks.is_empty()


@settings(deadline=None)
@given(st.text('ab",\n', max_size=60), st.integers(1, 7))
def test_rows_read_in_blocks_are_those_read_one_by_one(text, size):
    def rows(blocks):
        return [(place, row) for places, block in blocks for place, row in zip(places, block, strict=True)]

    lines = tables.lines_of(text)
    documents = Document("csv", "line"), Document("csv", "line")
    plain = tables._over_lines(lines, ",", documents[0], 0, Watch(Limits()), 0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "BLOCK", size)
        found = rows(tables._quoted(lines, ",", documents[1], 0, Watch(Limits())))
    assert found == rows(plain)
    assert documents[0].notes.all() == documents[1].notes.all()


def test_faults_of_rows_in_the_middle_of_a_long_table_are_noted_and_limits_hold(read):
    rows = [f"{number},{FIRST} {number}" for number in range(10_000)]
    rows[4_000], rows[6_000], rows[8_000] = "id,title", f"6000,{SECOND},x,y", f',"{THIRD}\n"'
    table = "\n".join(["id,title", *rows])
    feeds = read("a.csv", table)
    assert feeds.headlines.height == 9_999
    assert titles(feeds)[5_999] == SECOND
    assert titles(feeds)[7_999] == THIRD
    assert feeds.skipped["place"].to_list() == ["line 6002"]
    assert feeds.remarks["remark"].to_list() == ["1 rows repeat the header and were skipped"]
    for most in (1, 4_095, 4_096, 9_000):
        cut = read("a.csv", table, limits=Limits(items=most))
        assert cut.headlines.height == most
        assert "over the limit" in cut.skipped["reason"].to_list()[-1]


def test_quotation_marks_escaped_by_backslashes_are_read_as_such(read):
    feeds = read("a.csv", f'title,source\n"{FIRST}: \\"غدا\\"","المرفأ"\n"{SECOND}, قريبا","المرفأ"\n')
    assert titles(feeds) == [f'{FIRST}: "غدا"', f"{SECOND}, قريبا"]
    assert feeds.headlines["outlet"].to_list() == ["المرفأ"] * 2
    assert "written" in feeds.remarks["remark"].item()
    plain = read("b.csv", f'title,source\n"{FIRST}\\","المرفأ"\n')
    assert titles(plain) == [f"{FIRST}\\"]


def test_a_table_with_columns_of_fixed_width_is_named(read):
    feeds = read("a.txt", f"title{' ' * 40}source\n{FIRST:<44} المرفأ\n")
    assert feeds.headlines.is_empty()
    assert "fixed width" in feeds.skipped["reason"].item()


def test_rows_of_sums_are_not_matched(read):
    feeds = read("a.csv", f"العنوان,عدد\n{FIRST},3\nالإجمالي,3\nالمجموع الكلي,3\nGrand Total,3\n")
    assert feeds.counts["placeholder_titles"] == 3


def test_rows_without_an_outlet_beside_others_are_named(read):
    remarks = read("a.csv", f"المصدر,العنوان\nالمرفأ,{FIRST}\n,{SECOND}\n").remarks["remark"].to_list()
    assert remarks == ["column 'المصدر': 1 of 2 rows have no outlet (merged cells?)"]
    assert read("b.csv", f"المصدر,العنوان\nالمرفأ,{FIRST}\n").remarks.is_empty()


def test_tables_of_ms_dos_come_out_right(read):
    feeds = read("a.csv", f"title,source\n{FIRST},المرفأ\n{SECOND},المرفأ\n".encode("cp720"))
    assert titles(feeds) == [FIRST, SECOND]


def test_a_chat_with_marks_inside_its_dates_is_a_chat(read):
    rows = [
        f"٠٣\u200f/٠٣\u200f/٢٠٢٦، ٨:١{digit} م - المرفأ: {title}"
        for digit, title in zip("٠١", (FIRST, SECOND), strict=True)
    ]
    feeds = read("a.txt", "\n".join(rows))
    assert feeds.headlines.select("outlet", "title").rows() == [("المرفأ", FIRST), ("المرفأ", SECOND)]
    assert [time.isoformat() for time in feeds.headlines["published"]] == [
        "2026-03-03T20:10:00+00:00", "2026-03-03T20:11:00+00:00",
    ]  # fmt: skip


def test_a_hidden_sheet_is_read_and_named(read):
    openpyxl = pytest.importorskip("openpyxl")
    pytest.importorskip("fastexcel")
    book, file = openpyxl.Workbook(), io.BytesIO()
    for sheet, title in ((book.active, FIRST), (book.create_sheet("قديم"), SECOND)):
        sheet.append(["العنوان"])
        sheet.append([title])
    book["قديم"].sheet_state = "hidden"
    book.save(file)
    feeds = read("a.xlsx", file.getvalue())
    assert titles(feeds) == [FIRST, SECOND]
    [(place, remark)] = feeds.remarks.rows()
    assert place.endswith("!قديم")
    assert "hidden" in remark
