"""Files as the tools of the trade write them, with invented headlines, and what is read from each.

A case is (what writes it, name of the file, content, expected rows, exit code); a row is (title, outlet, time, link).
The table of docs/formats.md has one line for each case (test_trade_files.py).
"""

# ruff: noqa: E501 - a file is easier to read whole
from __future__ import annotations

import io
import json
import tarfile
import zipfile
from datetime import datetime
from typing import Any, NamedTuple

BRIDGE, BANK = "افتتاح جسر الوادي الكبير أمام المركبات", "بنك التلال يخفض سعر الفائدة"
ONE, TWO = "مرآة التلال", "صدى الوادي"
LINK_ONE, LINK_TWO = "https://mirror.example/1", "https://sada.example/2"
AT_SIX, AT_SEVEN = "2026-03-03T06:00:00+00:00", "2026-03-03T07:30:00+00:00"
ROWS = ((BRIDGE, ONE, AT_SIX, LINK_ONE), (BANK, TWO, AT_SEVEN, LINK_TWO))
NO_LINKS = tuple((title, outlet, time, None) for title, outlet, time, _ in ROWS)


class Case(NamedTuple):
    """A file of a tool, and what is read from it."""

    tool: str
    name: str
    content: bytes
    rows: tuple[tuple[Any, ...], ...] = ROWS
    code: int = 0
    options: tuple[str, ...] = ()


def as_json(value: object) -> bytes:
    """Write JSON as most tools do."""
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def text(content: str) -> bytes:
    """Encode a text."""
    return content.encode()


def articles(**names: Any) -> list[dict[str, Any]]:
    """Make the two articles with the given names of fields; a function gets the value."""
    records = []
    for title, outlet, time, link in ROWS:
        values = {"title": title, "outlet": outlet, "time": time.replace("+00:00", "Z"), "link": link}
        record: dict[str, Any] = {}
        for field, name in names.items():
            record |= name(values[field]) if callable(name) else {name: values[field]}
        records.append(record)
    return records


NAMED = {"title": "title", "outlet": "source", "time": "published", "link": "url"}


def workbook() -> bytes:
    """Make a workbook with a title line above the header and a second sheet."""
    import openpyxl  # noqa: PLC0415 - of the tests' dependencies

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["تقرير الرصد الإعلامي"])
    sheet.append(["العنوان", "اسم الصحيفة", "تاريخ النشر", "وقت النشر", "الرابط"])
    sheet.append([BRIDGE, ONE, "2026-03-03", "06:00", LINK_ONE])
    second = book.create_sheet("أخرى")
    second.append(["العنوان", "اسم الصحيفة", "تاريخ النشر", "وقت النشر", "الرابط"])
    second.append([BANK, TWO, "2026-03-03", "07:30", LINK_TWO])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def old_workbook() -> bytes:
    """Make a workbook of Excel 97 with typed dates."""
    import xlwt  # noqa: PLC0415 - of the tests' dependencies

    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("رصد")
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM:SS")
    for column, name in enumerate(("العنوان", "الصحيفة", "التاريخ", "الرابط")):
        sheet.write(0, column, name)
    for row, (title, outlet, time, link) in enumerate(ROWS, start=1):
        sheet.write(row, 0, title)
        sheet.write(row, 1, outlet)
        sheet.write(row, 2, datetime.fromisoformat(time).replace(tzinfo=None), style)
        sheet.write(row, 3, link)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def open_document() -> bytes:
    """Make an OpenDocument sheet with typed dates."""

    def cell(value: str, is_date: bool) -> str:
        moment = value.partition("+")[0]
        kind = f'office:value-type="date" office:date-value="{moment}"' if is_date else 'office:value-type="string"'
        return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"

    rows = (("Title", "Source", "Published", "Link"), *ROWS)
    cells = ["".join(cell(str(value), row > 0 and column == 2) for column, value in enumerate(values))
             for row, values in enumerate(rows)]  # fmt: skip
    names = ("office", "table", "text")
    spaces = " ".join(f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names)
    sheet = "".join(f"<table:table-row>{row}</table:table-row>" for row in cells)
    body = f'<office:body><office:spreadsheet><table:table table:name="a">{sheet}</table:table></office:spreadsheet></office:body>'
    return archive("zip", {
        "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
        "META-INF/manifest.xml": b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        "content.xml": text(f"<office:document-content {spaces}>{body}</office:document-content>"),
    })  # fmt: skip


def archive(kind: str, members: dict[str, bytes]) -> bytes:
    """Make a zip, or a tar compressed by gzip."""
    buffer = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(buffer, "w") as packed:
            for name, content in members.items():
                packed.writestr(name, content)
    else:
        with tarfile.open(fileobj=buffer, mode="w:gz") as packed_tar:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                packed_tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def rss(items: str, title: str = "مجمع الأخبار", link: str = "https://planet.example") -> bytes:
    """Make an RSS feed."""
    return text(f'<rss version="2.0"><channel><title>{title}</title><link>{link}</link>{items}</channel></rss>')


def table(header: str, *dates: str, mark: str = ",") -> bytes:
    """Make a table of the two articles: title, outlet, the date of each (in one column or several), link."""
    rows = (mark.join((title, outlet, date, link)) for (title, outlet, _, link), date in zip(ROWS, dates, strict=True))
    return text("\n".join((header, *rows, "")))


def mojibake(encoding: str) -> bytes:
    """Make a CSV whose UTF-8 was read in another encoding and saved again."""
    rows = "\n".join(f"{title},{outlet},{time},{link}" for title, outlet, time, link in ROWS)
    return text("title,outlet,published,url\n") + rows.encode().decode(encoding).encode()


CSV = "\n".join(f'"{title}","{outlet}","{time}","{link}"' for title, outlet, time, link in ROWS)
PLAIN = "\n".join(f"{title};{outlet};{time};{link}" for title, outlet, time, link in ROWS)

CITED = [{"id": "a", "type": "article-newspaper", "title": title, "container-title": outlet, "URL": link,
          "issued": {"date-parts": [["2026", "3", "3"]]}} for title, outlet, _, link in ROWS]  # fmt: skip
BY_DAY = tuple((title, outlet, "2026-03-03T00:00:00+00:00", link) for title, outlet, _, link in ROWS)


def listed(template: str, head: str = "") -> bytes:
    """Make a file of a part for each article, in which names in braces are replaced."""
    parts = [
        template.format(title=title, outlet=outlet, hour=time[11:16], link=link, host=link.split("/")[2])
        for title, outlet, time, link in ROWS
    ]
    return text(head + "".join(parts))


CASES = (
    # tables
    Case("R write.csv, pandas QUOTE_ALL", "quoted.csv", text(f'"title","outlet","published","url"\n{CSV}\n')),
    Case("Meltwater export (UTF-16, tabs, quotes)", "export.csv", (
        '"Date"\t"Headline"\t"URL"\t"Source"\n'
        f'"03-Mar-2026 06:00AM"\t"{BRIDGE}"\t"{LINK_ONE}"\t"{ONE}"\n'
        f'"03-Mar-2026 07:30AM"\t"{BANK}"\t"{LINK_TWO}"\t"{TWO}"\n').encode("utf-16")),
    Case("Excel in Arabic locale (sep=;)", "excel.csv", text(f"sep=;\nالعنوان;المصدر;تاريخ النشر;الرابط\n{PLAIN}\n")),
    Case("Excel in Arabic locale (windows-1256)", "cp1256.csv", (
        f"العنوان;المصدر;تاريخ النشر;الرابط\n{PLAIN}\n").encode("cp1256")),
    Case("Report with notes above the header", "report.csv", text(
        "Report:,Mentions\nFrom:,Sun Mar 01 2026\n\nQuery Id,Date,Title,Snippet,Url,Domain\n"
        f"1,2026-03-03 06:00:00,{BRIDGE},…,{LINK_ONE},{ONE}\n2,2026-03-03 07:30:00,{BANK},…,{LINK_TWO},{TWO}\n")),
    Case("CSV without a header", "a.csv", text("".join(f"{at[:19]},{outlet},{title},{link}\n" for title, outlet, at, link in ROWS))),
    Case("Text with tabs, without a header", "a.txt", text("".join(f"{title}\t{outlet}\t{link}\t3/3/2026\t{at[11:16]}\n" for title, outlet, at, link in ROWS))),
    Case("Concatenated CSVs (header repeated)", "joined.csv", text(
        "title,outlet,published,url\n" + "\ntitle,outlet,published,url\n".join(
            f"{title},{outlet},{time},{link}" for title, outlet, time, link in ROWS))),
    Case("Header cells with marks of direction", "marks.csv", text(
        "\u200fالعنوان\u200f,\u202bالمصدر\u202c,التاريخ والوقت,رابط الخبر\n" + "\n".join(map(",".join, ROWS)))),
    Case("Monitoring table in Arabic", "rasd.csv", text(
        "م,عنوان الخبر,وسيلة الإعلام,تاريخ الخبر,ساعة النشر,رابط المادة\n"
        f"1,{BRIDGE},{ONE},2026/03/03,6:00 ص,{LINK_ONE}\n2,{BANK},{TWO},2026/03/03,7:30 ص,{LINK_TWO}\n")),
    Case("Monitoring table in French", "veille.csv", table(
        "Titre;Nom du média;Date de publication;Heure;Lien", "03/03/2026;06:00", "03/03/2026;07:30", mark=";")),
    Case("US export (month first)", "us.csv", text(
        f"Headline,Publication,Date,Link\n{BRIDGE},{ONE},3/3/2026 6:00 AM,{LINK_ONE}\n"
        f"{BANK},{TWO},3/3/2026 7:30 AM,{LINK_TWO}\nسباق القوارب,{TWO},3/13/2026 8:00 PM,https://sada.example/3\n"),
        (*ROWS, ("سباق القوارب", TWO, "2026-03-13T20:00:00+00:00", "https://sada.example/3"))),
    Case("Excel serial numbers as dates", "serial.csv", table("title,source,date,url", "46084.25", "46084.3125")),
    Case("Hijri dates", "hijri.csv", table(
        "العنوان,الصحيفة,التاريخ,الرابط", "14 رمضان 1447 هـ 06:00", "١٤/٩/١٤٤٧هـ ٠٧:٣٠")),
    Case("Hijri and Gregorian columns", "calendars.csv", table(
        "العنوان,الصحيفة,التاريخ الهجري,التاريخ الميلادي,الرابط",
        "14/09/1447,03/03/2026 06:00", "14/09/1447,03/03/2026 07:30")),
    Case("Names of columns with notes, zone in the name", "notes.csv", text(
        "Title (EN),Headline (AR),Outlet/Channel,Publish Date (GMT+3),Link\n"
        f"Bridge opens,{BRIDGE},{ONE},2026-03-03 09:00,{LINK_ONE}\nRates cut,{BANK},{TWO},2026-03-03 10:30,{LINK_TWO}\n")),
    Case("A column of time zones", "zones.csv", table(
        "title,source,published_at,timezone,url", "2026-03-03 09:00,Asia/Riyadh", "2026-03-03 07:30,UTC")),
    Case("Year, month and day in three columns", "parts.csv", table(
        "العنوان,الصحيفة,اليوم,الشهر,السنة,الوقت,الرابط", "3,3,2026,06:00", "3,3,2026,07:30")),
    Case("Times as the French write them", "heures.csv", table(
        "Titre;Média;Date de parution;Heure;Lien", "03/03/2026;06h00", "03/03/2026;7h30", mark=";")),
    Case("Own names of columns (publish_ts)", "own.csv", table(
        "headline_text,publisher_name,publish_ts,link", "2026-03-03 06:00", "2026-03-03 07:30")),
    Case("Cells guarded against formulas", "guarded.csv", text(
        f'title,source,date,url\n"=""{BRIDGE}""",{ONE},2026-03-03 06:00,{LINK_ONE}\n'
        f"{BANK},{TWO},2026-03-03 07:30,{LINK_TWO}\n")),
    Case("Markdown table", "table.md", text(
        "| title | outlet | published | url |\n|---|:--|---|---|\n" + "".join(f"| {' | '.join(row)} |\n" for row in ROWS))),
    Case("HTML table named as a workbook", "cms.xls", text(
        "<html><meta charset=utf-8><table><tr><th>Title<th>Source<th>Date<th>Link</tr>" + "".join(
            f"<tr>{''.join(f'<td>{value}</td>' for value in row)}</tr>" for row in ROWS) + "</table></html>")),
    Case("Excel 97 workbook", "old.xls", old_workbook()),
    Case("OpenDocument sheet", "sheet.ods", open_document()),
    Case("WhatsApp chat", "chat.txt", text(
        f"03/03/2026, 06:00 - {ONE}: {BRIDGE}\nبقية الرسالة\n03/03/2026, 7:30 ص - {TWO}: {BANK}\n"), NO_LINKS),
    Case("tar archive of feeds", "feeds.tar.gz", archive("tar", {
        f"feeds/{number}.csv": text(f"title,outlet,published,url\n{','.join(row)}\n") for number, row in enumerate(ROWS)})),
    Case("CrowdTangle CSV", "crowdtangle.csv", text(
        "Page Name,Post Created,Type,Message,URL\n"
        f'{ONE},2026-03-03 06:00:00 UTC,Link,"{BRIDGE}",{LINK_ONE}\n'
        f'{TWO},2026-03-03 07:30:00 UTC,Photo,"{BANK}",{LINK_TWO}\n')),
    Case("Media Cloud CSV", "mediacloud.csv", text(
        "id,indexed_date,language,media_name,media_url,publish_date,title,url\n"
        f"a1,2026-03-05 01:00:00,ar,{ONE},mirror.example,2026-03-03 06:00:00,{BRIDGE},{LINK_ONE}\n"
        f"a2,2026-03-05 01:00:00,ar,{TWO},sada.example,2026-03-03 07:30:00,{BANK},{LINK_TWO}\n")),
    Case("Excel workbook, several sheets", "rasd.xlsx", workbook()),
    Case("UTF-8 read as windows-1252", "latin.csv", mojibake("latin-1")),
    Case("UTF-8 read as Mac Roman", "mac.csv", mojibake("mac_roman")),
    Case("Letters lost to question marks", "lost.csv", text("title,outlet\n???? ??? ?????,a\n"),
         (("???? ??? ?????", "a", None, None),), 3),
    # JSON
    Case("scrapy -o items.json twice", "items.json", as_json(articles(**NAMED)[:1]) + as_json(articles(**NAMED)[1:])),
    Case("Scrapy JSON lines", "items.jl", b"\n".join(json.dumps(row).encode() for row in articles(**NAMED))),
    Case("Objects behind commas, lone commas", "commas.json", b",\n,".join(json.dumps(row).encode() for row in articles(**NAMED))),
    Case("Answer of an API with an error", "error.json", as_json({"status": "error", "message": "too many requests"}), (), 3),
    Case("An array a line", "pages.jsonl", b"\n".join(json.dumps([row]).encode() for row in articles(**NAMED))),
    Case("Scrapy items of one-element lists", "scraped.jsonl", b"\n".join(
        json.dumps({key: [value] for key, value in row.items()}).encode() for row in articles(**NAMED))),
    Case("NewsAPI", "newsapi.json", as_json({"status": "ok", "totalResults": 2, "articles": articles(
        title="title", outlet=lambda name: {"source": {"id": None, "name": name}}, time="publishedAt", link="url")})),
    Case("GNews", "gnews.json", as_json({"totalArticles": 2, "articles": articles(
        title="title", outlet=lambda name: {"source": {"name": name, "url": "https://x.example"}}, time="publishedAt",
        link="url")})),
    Case("Event Registry", "er.json", as_json({"articles": {"page": 1, "results": articles(
        title="title", outlet=lambda name: {"date": "2026-03-03", "source": {"uri": "x.example", "title": name}},
        time="dateTimePub", link="url")}})),
    Case("GDELT DOC", "gdelt.json", as_json({"articles": [
        {"url": link, "url_mobile": "", "title": title, "seendate": f"20260303T{time[11:13]}{time[14:16]}00Z",
         "domain": outlet, "language": "Arabic"} for title, outlet, time, link in ROWS]})),
    Case("Guardian and other nested results", "response.json", as_json({"response": {"status": "ok", "results": articles(
        title="webTitle", outlet=lambda name: {"publication": name}, time="webPublicationDate", link="webUrl")}})),
    Case("Elasticsearch hits", "hits.json", as_json({"took": 3, "hits": {"total": 2, "hits": [
        {"_index": "news", "_id": str(number), "_source": row}
        for number, row in enumerate(articles(title="title", outlet="media_name", time="published_at", link="url"))]}})),
    Case("JSON:API (Strapi, Drupal)", "strapi.json", as_json({"data": [
        {"id": number, "attributes": row} for number, row in enumerate(articles(
            title="title", outlet="publisher", time="publishedAt", link="url"))], "meta": {}})),
    Case("WordPress REST", "wp.json", as_json([
        {"id": number, "date": "2026-03-03T09:00:00", "date_gmt": time[:19], "link": link, "slug": "x",
         "title": {"rendered": title}, "content": {"rendered": "<p>…</p>"}, "source": outlet}
        for number, (title, outlet, time, link) in enumerate(ROWS)])),
    Case("Google Reader API (Inoreader, FreshRSS)", "starred.json", as_json({"id": "user/-/state", "title": "Starred", "items": [
        {"id": f"tag:{number}", "title": title, "published": 1772517600 + 5400 * number,
         "crawlTimeMsec": "1772530000000", "canonical": [{"href": link}], "alternate": [{"href": link}],
         "origin": {"streamId": "feed/x", "title": outlet}} for number, (title, outlet, _, link) in enumerate(ROWS)]})),
    Case("Feedly stream", "feedly.json", as_json({"id": "user/1", "items": [
        {"id": str(number), "title": title, "published": 1772517600000 + 5400000 * number, "crawled": 1772530000009,
         "origin": {"title": outlet, "htmlUrl": "https://x.example"}, "alternate": [{"href": link, "type": "text/html"}]}
        for number, (title, outlet, _, link) in enumerate(ROWS)]})),
    Case("Miniflux entries", "miniflux.json", as_json({"total": 2, "entries": articles(
        title="title", outlet=lambda name: {"feed": {"id": 3, "title": name, "site_url": "https://x.example"}},
        time="published_at", link="url")})),
    Case("Nextcloud News", "nextcloud.json", as_json({
        "feeds": [{"id": 1, "title": ONE}, {"id": 2, "title": TWO}],
        "items": [{"id": 9 + number, "feedId": number + 1, "title": title, "pubDate": 1772517600 + 5400 * number, "url": link}
                  for number, (title, _, _, link) in enumerate(ROWS)]})),
    Case("CrowdTangle API", "ct.json", as_json({"status": 200, "result": {"posts": [
        {"id": str(number), "date": time[:19].replace("T", " "), "message": title, "postUrl": link,
         "account": {"name": outlet, "platform": "Facebook"}} for number, (title, outlet, time, link) in enumerate(ROWS)]}})),
    Case("Telegram Desktop result.json", "result.json", as_json({"name": ONE, "type": "public_channel", "id": 7, "messages": [
        {"id": 1, "type": "service", "date": "2026-03-03T05:00:00", "action": "create_channel", "title": ONE, "text": ""},
        {"id": 2, "type": "message", "date": "2026-03-03T09:00:00", "date_unixtime": "1772517600", "from": ONE,
         "text": [{"type": "bold", "text": "عاجل"}, f" | {BRIDGE}\n\n", {"type": "link", "text": LINK_ONE}]}]}),
        ((f"عاجل | {BRIDGE}", ONE, AT_SIX, None),)),
    Case("Telegram Desktop, all chats", "chats.json", as_json({"chats": {"list": [
        {"name": outlet, "type": "public_channel", "messages": [
            {"id": 2, "type": "message", "date": "2026-03-03T09:00:00", "text": title,
             "date_unixtime": str(1772517600 + 5400 * number)}]}
        for number, (title, outlet, _, _) in enumerate(ROWS)]}}), NO_LINKS),
    Case("X (Twitter) API", "tweets.json", as_json({
        "data": [{"id": str(number), "text": f"{title} https://t.co/x", "created_at": time, "author_id": str(number)}
                 for number, (title, _, time, _) in enumerate(ROWS)],
        "includes": {"users": [{"id": str(number), "name": row[1], "username": "x"} for number, row in enumerate(ROWS)]}}),
        NO_LINKS),
    Case("Bing News, schema.org", "bing.json", as_json({"_type": "News", "value": articles(
        title="name", outlet=lambda name: {"provider": [{"_type": "Organization", "name": name}]}, time="datePublished",
        link="url")})),
    Case("Mastodon statuses", "statuses.json", as_json([
        {"id": str(number), "created_at": time, "url": link, "content": f"<p>{title}</p><p>تفاصيل أخرى</p>",
         "account": {"acct": "x", "display_name": outlet}} for number, (title, outlet, time, link) in enumerate(ROWS)])),
    Case("Reddit listing", "reddit.json", as_json({"kind": "Listing", "data": {"children": [
        {"kind": "t3", "data": row} for row in articles(title="title", outlet="domain", time="created", link="url")]}})),
    Case("pandas to_json()", "columns.json", as_json({
        name: {str(number): row[place] for number, row in enumerate(ROWS)}
        for place, name in enumerate(("title", "outlet", "published", "url"))})),
    Case("pandas orient=split", "split.json", as_json({
        "columns": ["title", "outlet", "published", "url"], "index": [0, 1], "data": [list(row) for row in ROWS]})),
    Case("Objects by key (Firebase)", "firebase.json", as_json({
        "news": {f"-N{number}": row for number, row in enumerate(articles(**NAMED))}})),
    Case("Rows below a header (Sheets API)", "sheets.json", as_json({
        "range": "A1", "values": [["title", "outlet", "published", "url"], *map(list, ROWS)]})),
    Case("JSONP and JavaScript archives", "data.js", b"window.news = " + as_json(articles(**NAMED)) + b";"),
    Case("Nested fields by --map", "nested.jsonl", b"\n".join(
        json.dumps({"article": {"head": {"text": title}}, "paper": [{"label": outlet}], "published": time, "url": link},
                   ensure_ascii=False).encode() for title, outlet, time, link in ROWS),
        options=("--map", "title=article.head.text", "--map", "outlet=paper.0.label")),
    Case("JSON Feed of several sites", "feed.json", as_json({
        "version": "https://jsonfeed.org/version/1.1", "title": "مجمع", "home_page_url": "https://planet.example",
        "items": articles(title="title", outlet=lambda name: {"authors": [{"name": name}]}, time="date_published",
                          link="url")})),
    Case("MongoDB export ($date, $numberLong)", "mongo.json", b"\n".join(as_json(row) for row in articles(
        title="title", outlet=lambda name: {"source": {"name": name}}, link="url",
        time=lambda time: {"publishedAt": {"$date": time if "06" in time else {"$numberLong": "1772523000000"}}}))),
    Case("Firestore and Datastore export", "firestore.jsonl", b"\n".join(json.dumps({"document": {"fields": {
        "title": {"stringValue": title}, "outlet": {"stringValue": outlet}, "published": {"timestampValue": time},
        "url": {"stringValue": link}}}}).encode() for title, outlet, time, link in ROWS)),
    Case("feedparser dump (published_parsed)", "dump.json", as_json([
        {"feed": {"title": outlet}, "entries": [
            {"title": title, "link": link, "published_parsed": [2026, 3, 3, *map(int, time[11:19].split(":")), 1, 62, 0]}]}
        for title, outlet, time, link in ROWS])),
    Case("X (Twitter) archive", "tweets.js", b"window.YTD.tweets.part0 = " + as_json([
        {"tweet": {"full_text": BRIDGE, "created_at": "Tue Mar 03 06:00:00 +0000 2026", "id_str": "1"}}]),
        ((BRIDGE, "tweets", AT_SIX, None),)),
    Case("XML converted to JSON", "converted.json", as_json({"rss": {"channel": {"title": ONE, "item": [
        {"title": {"__cdata": BRIDGE}, "link": {"$t": LINK_ONE}, "pubDate": {"_text": AT_SIX}}]}}}), ROWS[:1]),
    Case("JSON-LD graph", "graph.json", as_json({"@context": "https://schema.org", "@graph": [
        {"@type": "NewsArticle", **row} for row in articles(
            title="headline", outlet=lambda name: {"publisher": {"name": name}}, time="datePublished", link="url")]})),
    # XML
    Case("Google News RSS", "gnews.xml", rss("".join(
        f"<item><title>{title} - {outlet}</title><link>{link}</link><pubDate>Tue, 03 Mar 2026 {time[11:19]} GMT</pubDate>"
        f'<source url="https://x.example">{outlet}</source></item>' for title, outlet, time, link in ROWS),
        '"جسر" - أخبار Google', "https://news.google.com/search?q=x"),
        tuple((f"{title} - {outlet}", outlet, time, link) for title, outlet, time, link in ROWS)),
    Case("Planet in Atom (source)", "planet.xml", text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>مجمع</title>' + "".join(
            f'<entry><title>{title}</title><link href="{link}"/><published>{time}</published>'
            f"<source><id>x</id><title>{outlet}</title></source></entry>" for title, outlet, time, link in ROWS) + "</feed>")),
    Case("News sitemap", "news-sitemap.xml", text(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">' + "".join(
            f"<url><loc>{link}</loc><lastmod>2026-03-04</lastmod><news:news><news:publication><news:name>{outlet}</news:name>"
            "<news:language>ar</news:language></news:publication>"
            f"<news:publication_date>{time}</news:publication_date><news:title>{title}</news:title></news:news></url>"
            for title, outlet, time, link in ROWS) + "</urlset>")),
    Case("Sitemap with headlines in its addresses", "slugs.xml", text(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://mirror.example/2026/افتتاح-جسر-الوادي-الكبير</loc>'
        "<lastmod>2026-03-03T06:00:00Z</lastmod></url></urlset>"),
        (("افتتاح جسر الوادي الكبير", "mirror.example", AT_SIX, "https://mirror.example/2026/افتتاح-جسر-الوادي-الكبير"),)),
    Case("Google Alerts", "alerts.xml", text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Google Alert - جسر</title><entry>'
        f'<title type="html">{BRIDGE.replace("جسر", "&lt;b&gt;جسر&lt;/b&gt;")}</title><published>{AT_SIX}</published>'
        f'<link href="https://www.google.com/url?rct=j&amp;url={LINK_ONE}&amp;ct=ga"/></entry></feed>'),
        ((BRIDGE, "mirror.example", AT_SIX, LINK_ONE),)),
    Case("YouTube channel", "videos.xml", text(
        f'<feed xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom"><title>{ONE}</title>'
        f'<link rel="alternate" href="https://www.youtube.com/channel/UC1"/><entry><title>{BRIDGE}</title>'
        f'<link rel="alternate" href="{LINK_ONE}"/><published>{AT_SIX}</published><media:group><media:title>x</media:title>'
        "</media:group></entry></feed>"), ROWS[:1]),
    Case("X account by Nitter", "nitter.xml", rss(
        f"<item><title>{BRIDGE}</title><link>{LINK_ONE}</link><pubDate>Tue, 03 Mar 2026 06:00:00 GMT</pubDate></item>",
        f"{ONE} / @mirror", "https://nitter.net/mirror"), ROWS[:1]),
    Case("Sitemap without headlines", "sitemap.xml", text(
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>https://mirror.example/1</loc></url></urlset>'),
        (), 3),
    Case("Telegram channel by a bridge, untitled posts", "channel.xml", rss(
        f"<item><title></title><link>{LINK_ONE}</link><description>&lt;p&gt;{BRIDGE}&lt;/p&gt;&lt;p&gt;المزيد…&lt;/p&gt;"
        "</description><pubDate>Tue, 03 Mar 2026 06:00:00 GMT</pubDate></item>", f"{ONE} - Telegram Channel",
        "https://t.me/s/mirror"), ROWS[:1]),
    # tables of other languages, exports of press databases and reference managers
    Case("Persian table", "a.csv", listed("{title},{outlet},۲۰۲۶-۰۳-۰۳ {hour},{link}\n", "تیتر,خبرگزاری,تاریخ انتشار,لینک\n")),
    Case("Urdu table", "a.csv", listed("{title},{outlet},2026-03-03 {hour},{link}\n", "سرخی,ذریعہ,تاریخ,لنک\n")),
    Case("Turkish table", "a.csv", listed("{title};{outlet};03.03.2026 {hour};{link}\n", "Başlık;Kaynak;Yayın Tarihi;Bağlantı\n")),
    Case("Hebrew table", "a.csv", listed("{title},{outlet},2026-03-03 {hour},{link}\n", "כותרת,מקור,תאריך,קישור\n")),
    Case("Cision export (Link to Article)", "a.csv", listed("2026-03-03 {hour},{title},{outlet},Online,{link}\n", "News Date,News Headline,Outlet Name,Media Type,Link to Article\n")),
    Case("Brandwatch export (lines before the header)", "a.csv", listed("1,2026-03-03 {hour}:00.0,{title},{link},{outlet}\n", 'Report:,"رصد"\nFrom:,"Mon Mar 02 00:00:00 UTC 2026"\n\nQuery Id,Date,Title,Url,Source Name\n')),
    Case("Zotero CSV", "a.csv", listed('"newspaperArticle","{title}","{outlet}","{link}","2026-03-03","2026-03-05 10:00:00"\n', '"Item Type","Title","Publication Title","Url","Date","Date Added"\n'), BY_DAY),
    Case("Zotero CSL JSON", "a.json", as_json(CITED), BY_DAY),
    Case("RIS (ProQuest, EBSCO, Zotero)", "a.ris", listed("TY  - NEWS\nTI  - {title}\nT2  - {outlet}\nDA  - 2026/03/03/\nUR  - {link}\nER  - \n\n"), BY_DAY),
    Case("EndNote", "a.enw", listed("%0 Newspaper Article\n%T {title}\n%J {outlet}\n%8 2026-03-03\n%U {link}\n\n"), BY_DAY),
    Case("BibTeX", "a.bib", listed("@article{{a,\n  title = {{{title}}},\n  journal = {{{outlet}}},\n  date = {{2026-03-03}},\n  url = {{{link}}}\n}}\n\n"), BY_DAY),
    Case("Factiva text", "a.txt", listed("HD \n{title}\nWC 120 words\nPD 3 March 2026\nET {hour}\nSN {outlet}\nLA Arabic\nLP\nنص الخبر\n\n"), NO_LINKS),
    Case("GDELT GKG", "a.csv", listed("20260303060000-1\t20260303060000\t1\t{host}\t{link}\t\t<PAGE_TITLE>{title}</PAGE_TITLE>\n"), tuple((title, link.split("/")[2], AT_SIX, link) for title, _, _, link in ROWS)),
    # what is no feed
    Case("Zotero RDF", "a.rdf", text('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:bib="http://purl.org/net/biblio#" xmlns:dc="http://purl.org/dc/elements/1.1/"><bib:Article><dc:title>' + BRIDGE + "</dc:title></bib:Article></rdf:RDF>"), (), 3),
    Case("LexisNexis text", "a.txt", text(f"1 of 2 DOCUMENTS\n\n{BRIDGE}\n\nLENGTH: 120 words\nLOAD-DATE: March 3, 2026\n"), (), 3),
    Case("mbox mailbox", "mail.mbox", text("From a@b Tue Mar  3 06:00:00 2026\nSubject: x\n\nx\n"), (), 3),
    Case("Excel 2003 workbook in XML", "book.xls", text(
        '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'), (), 3),
    Case("Telegram chat in HTML", "messages.html", text(
        f'<html><body><div class="message default clearfix"><div class="text">{BRIDGE}</div></div></body></html>'), (), 3),
    Case("PDF document", "clips.pdf", text("%PDF-1.7\n"), (), 3),
    Case("WARC archive", "crawl.warc", text("WARC/1.0\r\nWARC-Type: warcinfo\r\n\r\n"), (), 3),
)  # fmt: skip
"""Every tool, with what is read from its file."""
