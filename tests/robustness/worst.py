"""The worst inputs found for each format, of any size."""

from __future__ import annotations

import gzip
import io
import json
import zipfile

import polars as pl
import zstandard

HEAD = '<?xml version="1.0"?><rss><channel><title>ا</title>'


def rss(inside, end="</channel></rss>"):
    return ("a.xml", f"{HEAD}{inside}{end}".encode())


def html(inside):
    return ("a.html", f"<html><body>{inside}".encode())


def table(text, name="a.csv"):
    return (name, text.encode())


def archive(members, method=zipfile.ZIP_DEFLATED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for number, data in enumerate(members):
            file.writestr(f"{number}.txt", data)
    return ("a.zip", packed.getvalue())


def parquet(frame):
    packed = io.BytesIO()
    frame.write_parquet(packed, compression="zstd")
    return ("a.parquet", packed.getvalue())


def attributes(count):
    return " ".join(f"a{i}='b'" for i in range(count))


def declared(entities, inside):
    return ("a.xml", f"<!DOCTYPE rss [{entities}]><rss><channel><item>{inside}</item></channel></rss>".encode())


def nested_entities(count):
    entities = "".join(f"<!ENTITY a{i + 1} '&a{i};&a{i};'>" for i in range(count))
    return declared(f"<!ENTITY a0 'x'>{entities}", f"<title>&a{count};</title>")


def feed_titled(title):
    return ("a.xml", f"<rss><channel><title>{title}</title>{ITEM}</channel></rss>".encode())


def records(record, count):
    """JSON lines made of a template with {i} for the number."""
    return ("a.jsonl", "".join(record.replace("{i}", str(i)) + "\n" for i in range(count)).encode())


ITEM = "<item><title>خبر</title></item>"
TOKENS = (
    "<!--", "<![CDATA[", "<item>", "<title>", "</item>", "<title", "<item ", "<", "&", "&amp;", "<a ", "<a x='",
    "<link href='", "<!ENTITY a ", "]]>", "<title><![CDATA[", "<x:y ", "<guid>", "<!DOCTYPE", "<?", "<item><title>خبر",
    "<title>&lt;b&gt;",
)  # fmt: skip
HTML_TOKENS = (
    "<a ", "<a x='", "<!--", "<![CDATA[", "</", "<?", "<div>", "<b><p>", "<table><tr><td>", "<script>", "&", "<ul><li>",
    '<p title="', "\0", "<a><p>", "<select><option>", "<li>خبر",
)  # fmt: skip
WORST = {
    # XML that is well-formed
    "xml: comment": lambda n: rss(f"<!--{'-x' * n}-->{ITEM}"),
    "xml: items without link and time": lambda n: rss(ITEM * n),
    "xml: attributes": lambda n: rss(f"<item {attributes(n)}><title>خبر</title></item>"),
    "xml: elements in a title": lambda n: rss(f"<item><title>{'<b/>' * n}خبر</title></item>"),
    "xml: lines in a title": lambda n: rss(f"<item><title>{chr(10) * n}خبر</title></item>"),
    "xml: references in a title": lambda n: rss(f"<item><title>{'&#1576;' * n}</title></item>"),
    "xml: undeclared entities": lambda n: rss(f"<item><title>{''.join(f'&u{i};' for i in range(n))}</title></item>"),
    "xml: entities": lambda n: declared("<!ENTITY a '" + "x" * 60 + "'>", f"<title>{'&a;' * n}</title>"),
    "xml: long entity": lambda n: declared("<!ENTITY a '" + "x" * n + "'>", f"<title>{'&a;' * 100}</title>"),
    "xml: entities in a link": lambda n: declared("<!ENTITY a '" + "x" * 60 + "'>", f"<link href='{'&a;' * n}'/>"),
    "xml: nested entities": lambda n: nested_entities(n // 100),
    "xml: namespaces": lambda n: rss(''.join(f"<item><n{i}:title>خبر</n{i}:title></item>" for i in range(n))),
    "xml: nesting": lambda n: rss("<a>" * n),
    "xml: long feed title": lambda n: feed_titled(f"ا{' ' * n}-{' ' * n}ب"),
    "xml: feed title of separators": lambda n: feed_titled("- " * n + "ب"),
    # XML and HTML that is not
    **{f"tolerant: {token}": lambda n, token=token: rss(f"{ITEM}<item><b & {token * n}") for token in TOKENS},
    **{f"html: {token}": lambda n, token=token: html(token * n) for token in HTML_TOKENS},
    "html: blanks": lambda n: html(f"<p>مقالات مشابهة</p><li>{' ' * n}خبر"),
    "page: lines": lambda n: table("مقالات مشابهة\n" + "• خبر\n" * n, "page.txt"),
    "page: dashes": lambda n: table(f"{'ا' * 30} {'- ' * n}\nمقالات مشابهة\n• خبر\n", "page.txt"),
    # Tables and text
    "csv: long lines with opening quotes": lambda n: table("title,url\n" + f'"{"ا" * 1000},x\n' * (n // 10)),
    "csv: outlet of dashes": lambda n: table("title,outlet\nخبر," + " -" * n + "ب\nخبر,ا" + "- rss " * n),
    "csv: opening quotes": lambda n: table("title,url\n" + '"خبر,x\n' * n),
    "csv: quotes": lambda n: table("title,url\n" + '"' * n),
    "csv: odd quotes": lambda n: table("title,url\n" + '"a""b,\n' * n),
    "csv: quote on each line": lambda n: table("title,url\n" + 'a"\n"' * n),
    "csv: quoted newlines": lambda n: table('title,url\n"' + "\n" * n + '",x'),
    "csv: columns": lambda n: table("title" + ",a" * n + "\nخبر" + ",b" * n),
    "csv: titles in the header": lambda n: table("title," * n + "\nخبر"),
    "csv: fields": lambda n: table("title,url\n" + "خبر" + "," * n),
    "csv: one field": lambda n: table("title,url\n" + "ا" * n),
    "csv: carriage returns": lambda n: table("title,url\n" + "خبر\r" * n),
    "csv: short rows": lambda n: table("title,url\n" + "خبر\n" * n),
    "tsv: quotes": lambda n: table('title\turl\n"' + '""' * n + "\n", "a.tsv"),
    "txt: blank lines": lambda n: table("خبر" + "\n" * n + "1 of", "a.txt"),
    "txt: tags of citations": lambda n: table("HD خبر\nPD x\nSN x\n" * (n // 10), "a.txt"),
    "txt: entries of citations": lambda n: table("@a{b,\n" + "title = {" + "{" * n + "}" * n + "\n", "a.txt"),
    "txt: equal lines": lambda n: table("خبر عاجل من الميناء\n" * n, "a.txt"),
    "txt: one line": lambda n: table("خبر " * n, "a.txt"),
    "txt: tags": lambda n: table(("<b" * n) + "\n", "a.txt"),
    "txt: scripts": lambda n: table(("<script>" * n) + "\n", "a.txt"),
    "txt: references": lambda n: table("\n".join(f"خبر &#{i};" for i in range(n)), "a.txt"),
    "txt: marks": lambda n: table("ا" + "\u064b\u0651" * n, "a.txt"),
    "txt: blanks": lambda n: table("خبر" + " " * n + "خبر", "a.txt"),
    # JSON
    "json: values far apart": lambda n: table(('{"title":"خبر"}' + " " * 2_000) * (n // 10), "a.json"),
    "json: nesting": lambda n: table("[" * n, "a.json"),
    "json: nested objects": lambda n: table('{"a":' * n, "a.json"),
    "json: cut list": lambda n: table("[" + '{"title":"خبر"},' * n, "a.json"),
    "json: keys": lambda n: table(json.dumps([{f"k{i}": "", "title": "خبر"} for i in range(n)]), "a.json"),
    "json: keys of one": lambda n: table(json.dumps([{f"k{i}": i for i in range(n)} | {"title": "خبر"}]), "a.json"),
    "json: numbers": lambda n: table('[{"title":' + "9" * n + "}]", "a.json"),
    "json: items": lambda n: table('{"a":[{' * n, "a.json"),
    "json: blanks": lambda n: table('{' + " " * n + '"items"' + " " * n, "a.json"),
    "jsonl: bad lines": lambda n: table('{"title":"خبر"}\n' + "{\n" * n, "a.jsonl"),
    "jsonl: one id": lambda n: records('{"id":"a","title":"خبر {i}"}', n),
    "jsonl: keys": lambda n: records('{"title":"خبر","k{i}":1}', n),
    "jsonl: nested titles": lambda n: table('{"title":' + '{"name":' * n + '"خبر"' + "}" * n + "}\n", "a.jsonl"),
    "jsonl: lists as titles": lambda n: table('{"title":' + "[" * n + "]" * n + "}\n" + '{"title":"خبر"}\n', "a.jsonl"),
    "jsonl: dates": lambda n: records('{"title":"خبر {i}","published":"11111111111111111111 {i}"}', n),
    "jsonl: long date": lambda n: table(f'{{"title":"خبر","published":"{"24 March " * n}"}}\n', "a.jsonl"),
    "jsonl: long url": lambda n: table(f'{{"title":"خبر","url":"http://{"a." * n}?{"a=b&" * n}"}}\n', "a.jsonl"),
    "jsonl: long outlet": lambda n: table(f'{{"title":"خبر","outlet":"{"a - " * n}"}}\n', "a.jsonl"),
    "jsonl: outlets": lambda n: records('{"title":"خبر {i}","outlet":"a{i}"}', n),
    # Containers
    "gzip: members": lambda n: ("a.txt.gz", gzip.compress(b"a\n") * n),
    "gzip: zeros": lambda n: ("a.txt.gz", gzip.compress(b"\0" * (100 * n))),
    "gzip: damaged": lambda n: ("a.txt.gz", gzip.compress(b"\xd8\xae\n" * n)[:-20] + b"\xff" * 20),
    "gzip: garbage behind": lambda n: ("a.txt.gz", gzip.compress(b"a\n") + b"x" * n),
    "zstd: frames": lambda n: ("a.txt.zst", zstandard.compress(b"a\n") * n),
    "zip: members": lambda n: archive([b"a\n"] * (n // 20)),
    "zip: empty members": lambda n: archive([b""] * (n // 20)),
    "zip: bombs": lambda n: archive([bytes(40 << 20)] * max(n // 20_000, 1), zipfile.ZIP_BZIP2),
    "zip: gzip bombs": lambda n: archive([gzip.compress(bytes(40 << 20), 1)] * max(n // 20_000, 1), zipfile.ZIP_STORED),
    "parquet: rows": lambda n: parquet(pl.DataFrame({"title": ["خبر"] * n})),
    "parquet: dictionary": lambda n: parquet(pl.DataFrame({"title": ["خ" * 10_000] * n})),
    "parquet: columns": lambda n: parquet(pl.DataFrame({f"k{i}": [1] for i in range(n // 100)} | {"title": ["خبر"]})),
}  # fmt: skip
