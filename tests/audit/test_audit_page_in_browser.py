"""The page to label pairs, in Chromium: keyboard, memory, export, hostile titles, no requests."""

from __future__ import annotations

import shutil
import time

import polars as pl
import pytest

from dedup import audit

pytest.importorskip("selenium")
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no Chromium here (apt-get install chromium-driver)")

HOSTILE = "<img src=x onerror=alert(1)></script><script>alert(2)</script>"


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path / "downloads")})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


def open_page(browser, pairs, tmp_path):
    browser.get(audit.write_pairs(pairs, tmp_path / "audit.html").as_uri())


def press(browser, *keys):
    for key in keys:
        browser.find_element(By.TAG_NAME, "body").send_keys(key)


def exported(browser, tmp_path, name="audit.csv"):
    """Export the labels and read them as the report does."""
    browser.find_element(By.ID, "export").click()
    path, deadline = tmp_path / "downloads" / name, time.monotonic() + 20
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    (table,) = audit.read_labels(path).values()
    return table


def test_pairs_are_labelled_by_keys_kept_over_a_reload_and_exported(browser, drawn, tmp_path):
    open_page(browser, drawn, tmp_path)
    assert browser.find_element(By.TAG_NAME, "html").get_attribute("dir") == "rtl"
    press(browser, "1", "2", "3", "4", "0", Keys.ARROW_LEFT)
    # The driver sends no key events for Arabic digits.
    browser.execute_script("document.dispatchEvent(new KeyboardEvent('keydown', {key: '٢'}))")
    press(browser, Keys.ARROW_RIGHT, Keys.BACKSPACE, "3")
    browser.refresh()
    assert "المنجز 6" in browser.find_element(By.ID, "status").text
    browser.find_element(By.ID, "labeller").send_keys("first")
    browser.find_element(By.ID, "note").send_keys('قال "نعم", ثم لا')
    table = exported(browser, tmp_path, "audit-first.csv")
    assert table["label"].head(7).to_list() == ["copy", "same-news", "related", "different", "unsure", None, "related"]
    assert table["note"].drop_nulls().to_list() == ['قال "نعم", ثم لا']
    same = ["pair", "score", "weight", "kind", "left_id", "right_id", "left_title", "is_match"]
    assert table.select(same).equals(drawn.select(same))


def test_digits_typed_into_the_note_are_no_labels(browser, drawn, tmp_path):
    open_page(browser, drawn, tmp_path)
    browser.find_element(By.ID, "note").send_keys("12")
    assert "المنجز 0" in browser.find_element(By.ID, "status").text


def test_digits_are_labels_again_after_enter_in_a_box(browser, drawn, tmp_path):
    open_page(browser, drawn, tmp_path)
    browser.find_element(By.ID, "labeller").send_keys("12", Keys.ENTER)
    press(browser, "3")
    table = exported(browser, tmp_path, "audit-12.csv")
    assert table["label"].drop_nulls().to_list() == ["related"]


def test_the_last_label_leads_to_a_skipped_pair_and_a_finished_sample_says_so(browser, drawn, tmp_path):
    open_page(browser, drawn.head(4), tmp_path)
    press(browser, "1", Keys.ARROW_LEFT, "3", "4")
    status = browser.find_element(By.ID, "status")
    assert "الزوج 2 من 4" in status.text
    assert "حفظ الملف" not in status.text
    press(browser, "2")
    assert "حفظ الملف" in status.text


def test_buttons_do_what_keys_do(browser, drawn, tmp_path):
    open_page(browser, drawn, tmp_path)
    browser.find_elements(By.CSS_SELECTOR, "#choices button")[1].click()
    browser.find_element(By.ID, "previous").click()
    pressed = browser.find_elements(By.CSS_SELECTOR, '#choices button[aria-pressed="true"]')
    assert [button.get_attribute("data-label") for button in pressed] == ["same-news"]


def test_hostile_titles_are_shown_as_text_and_scores_are_not_shown(browser, drawn, tmp_path):
    open_page(browser, drawn.with_columns(left_title=pl.lit(HOSTILE)), tmp_path)
    assert browser.find_element(By.CSS_SELECTOR, "article .title").text == HOSTILE
    assert browser.find_elements(By.CSS_SELECTOR, "article img") == []
    assert f"{drawn['score'][0]:.2f}" not in browser.find_element(By.TAG_NAME, "body").text
    assert browser.get_log("browser") == []


def test_dates_keep_the_order_of_year_month_and_day(browser, drawn, tmp_path):
    time = drawn["left_published"][0]
    open_page(browser, drawn.with_columns(left_published=pl.lit(time)), tmp_path)
    shown = browser.find_element(By.CSS_SELECTOR, "article bdi[dir=ltr]")
    assert shown.text == f"{time:%Y-%m-%d %H:%M}"


def test_a_sample_labelled_in_the_browser_is_reported(browser, drawn, tmp_path):
    open_page(browser, drawn, tmp_path)
    labels = ["2" if score > 0.63 else "4" for score in drawn["score"]]
    press(browser, *labels)
    report = audit.evaluate({"me": exported(browser, tmp_path)}, {"default": 0.63})
    assert report.labelled == len(drawn)
    assert report.thresholds[0].precision == report.thresholds[0].recall == 1.0
