"""The HTML page in Chromium: search, filters, links, keyboard, narrow screens, dark, print, hostile titles, size."""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import polars as pl
import pytest

import dedup
from dedup.report.content import Content
from dedup.report.page import render
from dedup.report.view import View

selenium = pytest.importorskip("selenium")
from selenium import webdriver  # noqa: E402 - skipped where it is not installed
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium here (apt-get install chromium-driver)")

DAWN = datetime(2026, 3, 4, 6, tzinfo=UTC)
EVENTS = [
    ("مصرع {n} أشخاص في سيول جارفة اجتاحت وادي السرو", 4),
    ("أحمد الخطابي يفتتح المرحلة الثانية من ميناء الزهراوية", 3),
    ("فرسان التلال يهزم نجوم الميناء ويتصدر الدوري", 2),
]
OUTLETS = ["وكالة واحة", "الضحى", "المرفأ", "Seagull News"]
PLAIN = "عنوان معاد من مصدر مجهول"
HOSTILE = f"<img src=x onerror=alert(1)></script><script>alert(2)</script> {PLAIN}"


def rows():
    for event, (title, width) in enumerate(EVENTS):
        for number in range(width):
            at = DAWN + timedelta(days=event, minutes=[0, 7, 95, 600][number])
            prefix = "عاجل | " if number == 1 else ""
            yield {
                "title": prefix + title.format(n=5), "outlet": OUTLETS[number], "published": at,
                "url": f"https://x.example/{event}/{number}",
            }  # fmt: skip
    yield {"title": "حوار: لن نبيع قطرة ماء", "outlet": "الضحى", "published": DAWN, "url": "https://x.example/only"}
    yield {"title": "طلاب يبتكرون عصا ذكية للمكفوفين", "outlet": "المرفأ", "published": None, "url": None}
    yield {"title": PLAIN, "outlet": "<b>outlet</b>", "published": DAWN, "url": "javascript:alert(3)"}


def write_page(result, path, *, related=None, **view):
    """Write the page of a result in which one title is hostile (reading would have taken the markup away)."""
    headlines, url = result.coverage.headlines, pl.lit("javascript:alert(3)")
    spoilt = pl.col("title") == PLAIN
    headlines = headlines.with_columns(
        title=pl.when(spoilt).then(pl.lit(HOSTILE)).otherwise("title"), url=pl.when(spoilt).then(url).otherwise("url")
    )
    content = Content(
        coverage=replace(result.coverage, headlines=headlines),
        pairs=result.lazy_pairs,
        files=result.files,
        skipped=result.skipped,
        summary=result.summary,
        related=related,
    )
    path.write_text(render(content, View(**view)), encoding="utf-8")
    return path.as_uri()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder, result = tmp_path_factory.mktemp("pages"), dedup.find_duplicates(list(rows()))
    return {language: write_page(result, folder / f"{language}.html", language=language) for language in ("ar", "en")}


@contextmanager
def chromium(width, height):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    flags = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
    )
    for flag in (*flags, f"--window-size={width},{height}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        yield driver
    finally:
        driver.quit()


@pytest.fixture(scope="module")
def desktop():
    with chromium(1366, 900) as driver:
        yield driver


@pytest.fixture(scope="module")
def phone():
    with chromium(360, 740) as driver:
        yield driver


def wait_for(condition, seconds=20):
    """Return the value of the condition once it is true."""
    end = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < end, "the page did not get there in time"
        time.sleep(0.05)
    return value


def visit(driver, page, fragment=""):
    driver.get("about:blank")
    driver.get(page + fragment)
    wait_for(lambda: driver.execute_script("return document.documentElement.dataset.ready"))


def titles(driver):
    """The titles in the list, from the top."""
    return driver.execute_script(
        "return [...document.querySelectorAll('#list .item')].sort((a, b) => a.dataset.index - b.dataset.index)"
        ".map((item) => item.querySelector('.title').textContent)"
    )


def count(driver):
    return driver.find_element(By.ID, "count").text


def set_value(driver, name, value):
    driver.execute_script(
        "const e = document.getElementById(arguments[0]); e.value = arguments[1];"
        "e.dispatchEvent(new Event(e.type === 'search' ? 'input' : 'change'))",
        name,
        value,
    )


def messages(driver):
    return [entry["message"] for entry in driver.get_log("browser")]


@pytest.mark.parametrize("language", ["ar", "en"])
@pytest.mark.parametrize("view", ["overview", "stories", "exclusives", "outlets", "notes"])
def test_every_view_opens_without_an_error(desktop, pages, language, view):
    messages(desktop)
    visit(desktop, pages[language], f"#view={view}")
    assert messages(desktop) == []
    assert desktop.execute_script("return document.documentElement.dir") == {"ar": "rtl", "en": "ltr"}[language]
    assert desktop.find_elements(By.CSS_SELECTOR, "section:not([hidden])")


def test_counts_follow_the_grammar_of_arabic(desktop, pages):
    visit(desktop, pages["ar"], "#view=stories")
    assert count(desktop) == "3 قصص"
    visit(desktop, pages["ar"], "#view=stories&min=3")
    assert count(desktop) == "قصتان"
    visit(desktop, pages["ar"], "#view=stories&min=4")
    assert count(desktop) == "قصة واحدة"


@pytest.mark.parametrize("query", ["احمد", "أحمد", "الزهراويه", "إفتتح الخطّابي".replace("إ", "ي"), "مينــاء الخطابى"])
def test_search_folds_letters_as_the_keys_do(desktop, pages, query):
    visit(desktop, pages["ar"], "#view=stories")
    set_value(desktop, "q", query)
    wait_for(lambda: count(desktop) == "قصة واحدة")
    assert titles(desktop) == [EVENTS[1][0]]


def test_what_others_had_and_an_outlet_had_not_takes_two_steps(desktop, pages):
    visit(desktop, pages["ar"])
    set_value(desktop, "ask-outlet", "Seagull News")
    desktop.find_element(By.ID, "ask-go").click()
    assert set(titles(desktop)) == {EVENTS[1][0], EVENTS[2][0]}
    assert "part=missed" in desktop.current_url


@pytest.mark.parametrize(("part", "expected"), [("ran", 3), ("first", 0), ("late", 3), ("missed", 0)])
def test_an_outlets_part_in_stories_is_filtered(desktop, pages, part, expected):
    visit(desktop, pages["ar"], f"#view=stories&outlet={quote('الضحى')}&part={part}")
    assert len(titles(desktop)) == expected


def test_days_bound_the_stories(desktop, pages):
    visit(desktop, pages["ar"], "#view=stories&since=2026-03-05&until=2026-03-05")
    assert titles(desktop) == [EVENTS[1][0]]


@pytest.mark.parametrize(("sort", "order"), [("wide", [0, 1, 2]), ("new", [2, 1, 0]), ("old", [0, 1, 2])])
def test_stories_are_sorted(desktop, pages, sort, order):
    visit(desktop, pages["ar"], f"#view=stories&sort={sort}")
    assert titles(desktop) == [EVENTS[event][0].format(n=5) for event in order]


def test_the_fastest_story_comes_first_when_sorted_by_spread(desktop, pages):
    visit(desktop, pages["ar"], "#view=stories&sort=fast")
    assert titles(desktop)[0] == EVENTS[2][0]


def test_filters_stay_in_the_address_and_the_back_button_undoes_a_step(desktop, pages):
    visit(desktop, pages["ar"], "#view=stories")
    set_value(desktop, "min", "3")
    assert desktop.current_url.endswith("#view=stories&min=3")
    desktop.find_element(By.CSS_SELECTOR, "#list .open").click()
    assert "story=0" in desktop.current_url
    desktop.back()
    wait_for(lambda: "story=" not in desktop.current_url)
    assert count(desktop) == "قصتان"
    assert desktop.find_elements(By.CSS_SELECTOR, ".detail .members") == []


def test_a_story_shows_who_ran_it_when_how_and_why(desktop, pages):
    visit(desktop, pages["ar"], "#view=stories&story=0")
    detail = desktop.find_element(By.ID, "detail")
    members = detail.find_elements(By.CSS_SELECTOR, ".members > li")
    assert [member.find_element(By.TAG_NAME, "bdi").text for member in members] == OUTLETS
    assert members[0].find_element(By.CLASS_NAME, "badge").text == "الأول"
    assert "بعد ساعة و35 دقيقة" in members[2].text
    assert members[0].find_element(By.TAG_NAME, "a").get_attribute("href") == "https://x.example/0/0"
    members[1].find_element(By.TAG_NAME, "summary").click()
    assert "احتمال أنهما خبر واحد" in members[1].text
    assert members[1].find_elements(By.CSS_SELECTOR, "td.plus")
    assert len(detail.find_elements(By.CSS_SELECTOR, ".strip svg > :not(rect:first-child)")) >= 4
    assert "أضعف صلة" in detail.text


def test_a_story_leads_to_its_related_stories(desktop, tmp_path):
    result = dedup.find_duplicates(list(rows()))
    stories, alone = result.stories["story_id"], result.headlines.filter(pl.col("url") == "https://x.example/only")
    table = [(stories[0], stories[1], 0.6, 24.0), (stories[0], alone["story_id"].item(), 0.4, 0.0)]
    related = pl.DataFrame(table, schema=["story_id", "related_id", "related_score", "hours_apart"], orient="row")
    page = write_page(result, tmp_path / "related.html", related=related)
    visit(desktop, page, "#view=stories&story=0")
    follow_up, single = desktop.find_elements(By.CSS_SELECTOR, ".detail .related > li")
    assert "3 وسائل" in follow_up.text
    assert "بدأت بعدها بمدة يوم" in follow_up.text
    assert "الضحى" in single.text
    assert single.find_element(By.TAG_NAME, "a").get_attribute("href") == "https://x.example/only"
    follow_up.find_element(By.TAG_NAME, "a").click()
    wait_for(lambda: desktop.find_element(By.CSS_SELECTOR, ".detail h2").text == EVENTS[1][0])
    assert not desktop.find_elements(By.CSS_SELECTOR, ".detail .related")


def test_bars_that_lead_to_stories_are_reached_and_used_by_keyboard(desktop, pages):
    visit(desktop, pages["ar"])
    bars = desktop.find_elements(By.CSS_SELECTOR, ".bars button")
    focused = []
    for _ in range(40):
        desktop.switch_to.active_element.send_keys(Keys.TAB)
        focused.append(desktop.switch_to.active_element)
    assert bars
    assert [bar for bar in bars if bar not in focused] == []
    bars[0].send_keys(Keys.ENTER)
    wait_for(lambda: "view=stories" in desktop.current_url)


def test_the_list_is_used_with_the_keyboard_alone(desktop, pages):
    visit(desktop, pages["ar"], "#view=overview")
    body = desktop.find_element(By.TAG_NAME, "body")
    body.send_keys("/")
    assert desktop.switch_to.active_element.get_attribute("id") == "q"
    visit(desktop, pages["ar"], "#view=stories")
    desktop.execute_script("document.querySelector('#list .open').focus()")
    desktop.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
    desktop.switch_to.active_element.send_keys(Keys.ENTER)
    wait_for(lambda: "story=4" in desktop.current_url)
    assert desktop.switch_to.active_element.get_attribute("id") == "detail"
    desktop.switch_to.active_element.send_keys(Keys.ESCAPE)
    wait_for(lambda: "story=" not in desktop.current_url)
    assert desktop.switch_to.active_element.find_element(By.CLASS_NAME, "title").text == EVENTS[1][0]


def test_exclusives_are_listed_by_outlet(desktop, pages):
    visit(desktop, pages["ar"], "#view=exclusives")
    assert count(desktop) == "3 انفرادات"
    visit(desktop, pages["ar"], f"#view=exclusives&outlet={quote('الضحى')}")
    assert titles(desktop) == ["حوار: لن نبيع قطرة ماء"]
    assert desktop.find_element(By.CSS_SELECTOR, "#list .open").get_attribute("href") == "https://x.example/only"


def test_the_table_of_outlets_is_sorted_by_its_heads(desktop, pages):
    visit(desktop, pages["ar"], "#view=outlets")
    head = desktop.find_element(By.CSS_SELECTOR, "#outlets [data-column='2']")
    head.click()
    cells = [cell.text for cell in desktop.find_elements(By.CSS_SELECTOR, "#outlets tbody td:nth-child(4)")]
    assert cells == sorted(cells, reverse=True)
    assert head.find_element(By.XPATH, "..").get_attribute("aria-sort") == "descending"
    assert desktop.find_elements(By.CSS_SELECTOR, "#matrix td.ahead")
    assert desktop.find_elements(By.CSS_SELECTOR, "#hours td i")


def test_markup_in_titles_neither_runs_nor_becomes_elements(desktop, pages):
    messages(desktop)
    visit(desktop, pages["ar"], "#view=exclusives")
    assert HOSTILE in titles(desktop)
    assert desktop.find_elements(By.CSS_SELECTOR, "img, #list b") == []
    assert "javascript:" not in desktop.execute_script("return document.querySelector('#list').innerHTML")
    assert messages(desktop) == []


def test_no_request_leaves_the_page(desktop, pages):
    desktop.get_log("performance")
    visit(desktop, pages["ar"])
    sent = [entry["message"] for entry in desktop.get_log("performance") if "requestWillBeSent" in entry["message"]]
    assert sent
    assert [
        message for message in sent if "http://" in message.replace("http://www.w3.org", "") or "https://" in message
    ] == []


@pytest.mark.parametrize("view", ["overview", "stories", "stories&story=0", "exclusives", "outlets", "notes"])
@pytest.mark.parametrize("language", ["ar", "en"])
def test_nothing_is_wider_than_a_phone(phone, pages, view, language):
    visit(phone, pages[language], f"#view={view}")
    assert phone.execute_script("return document.documentElement.scrollWidth") <= 360


def test_a_long_line_of_names_does_not_widen_a_phone(phone, tmp_path):
    names = [f"وكالة الأنباء الوطنية لإقليم {region}" for region in ("التلال", "الهضبة", "الساحل")]
    tie = [{"title": EVENTS[0][0].format(n=5), "outlet": name, "published": DAWN} for name in names]
    page = write_page(dedup.find_duplicates(tie), tmp_path / "tie.html")
    for fragment in ("#view=stories", "#view=stories&story=0"):
        visit(phone, page, fragment)
        assert phone.execute_script("return document.documentElement.scrollWidth") <= 360
        assert phone.execute_script("return innerWidth") == 360


def test_exclusives_are_not_sorted_by_breadth(desktop, pages):
    visit(desktop, pages["ar"], "#view=exclusives")
    options = desktop.find_elements(By.CSS_SELECTOR, "#sort option")
    assert [option.get_attribute("value") for option in options if option.is_enabled()] == ["new", "old"]
    assert desktop.find_element(By.ID, "sort").get_attribute("value") == "new"
    visit(desktop, pages["ar"], "#view=stories")
    assert all(option.is_enabled() for option in desktop.find_elements(By.CSS_SELECTOR, "#sort option"))


def test_a_story_covers_the_screen_of_a_phone_and_can_be_closed(phone, pages):
    visit(phone, pages["ar"], "#view=stories")
    phone.find_element(By.CSS_SELECTOR, "#list .open").click()
    detail = phone.find_element(By.ID, "detail")
    assert detail.rect["width"] == 360
    detail.find_element(By.TAG_NAME, "button").click()
    wait_for(lambda: not phone.find_element(By.ID, "detail").is_displayed())


def luminance(colour):
    parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removeprefix("rgba(").rstrip(")").split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_of_wcag_aa_in_light_and_dark(desktop, pages, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    visit(desktop, pages["ar"], "#view=stories&story=0")
    paper = luminance(desktop.execute_script("return getComputedStyle(document.body).backgroundColor"))
    assert (paper < 0.1) == (scheme == "dark")
    for selector in ("body", ".soft", ".first", ".badge.copy", ".badge.rewrite", ".badge.repeat", ".item .meta"):
        ink = luminance(
            desktop.execute_script(
                "const e = document.querySelector(arguments[0]); return e ? getComputedStyle(e).color : ''", selector
            )
            or "rgb(0,0,0)" * (scheme == "light")
            or "rgb(255,255,255)"
        )
        low, high = sorted((paper, ink))
        assert (high + 0.05) / (low + 0.05) >= 4.5, selector


def test_print_lists_the_chosen_stories_instead_of_the_controls(desktop, pages):
    visit(desktop, pages["ar"], "#view=stories&min=3")
    desktop.execute_script("dispatchEvent(new Event('beforeprint'))")
    desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    printed = desktop.find_element(By.ID, "printed")
    assert len(printed.find_elements(By.TAG_NAME, "section")) == 2
    assert not desktop.find_element(By.ID, "tools").is_displayed()
    desktop.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_without_scripts_the_widest_stories_are_there(pages):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    try:
        driver.get(pages["ar"])
        assert EVENTS[1][0] in driver.find_element(By.TAG_NAME, "main").text
    finally:
        driver.quit()


def test_all_stories_of_86_000_headlines_are_small_and_quick(desktop, data, tmp_path):
    result = dedup.scan(data / "egypt2013.jsonl.gz")
    page = write_page(result, tmp_path / "egypt.html")
    assert (tmp_path / "egypt.html").stat().st_size < 8_000_000
    begun = time.monotonic()
    visit(desktop, page, "#view=stories&min=1")
    assert time.monotonic() - begun < 20
    assert count(desktop).startswith(f"{result.stories.height:,}")
    assert len(titles(desktop)) < 50
    desktop.execute_script("scrollTo(0, document.body.scrollHeight / 2)")
    wait_for(lambda: desktop.execute_script("return document.querySelector('#list .item').dataset.index > 1000"))
    assert len(titles(desktop)) < 60
    begun = time.monotonic()
    set_value(desktop, "q", "الرئيس")
    wait_for(lambda: not count(desktop).startswith(f"{result.stories.height:,}"))
    assert time.monotonic() - begun < 5
