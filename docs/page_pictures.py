"""Take the pictures of the page: ``python docs/page_pictures.py`` scans the examples and writes ``docs/page*.png``.

It needs Chromium and its driver (``apt-get install chromium-driver``), a font for Arabic (``fonts-noto-core``), and
``pip install -e ".[test]"``.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from selenium import webdriver

import dedup

ROOT = Path(__file__).parents[1]
SHOTS = {
    "page.png": ("ar", "#view=stories&story=0", 1366, 860, "light"),
    "page-overview.png": ("ar", "", 1366, 1250, "light"),
    "page-english-dark.png": ("en", "#view=stories&story=0", 1366, 860, "dark"),
    "page-phone.png": ("ar", "#view=stories", 390, 780, "light"),
}


def main() -> None:
    """Write all pictures."""
    result = dedup.scan(ROOT / "examples" / "feeds")
    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(shutil.which("chromedriver")))
    with tempfile.TemporaryDirectory() as folder:
        for name, (language, fragment, width, height, scheme) in SHOTS.items():
            page = Path(folder) / f"{language}.html"
            page.write_text(result.to_html(timezone="Asia/Riyadh", language=language), encoding="utf-8")
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
            media = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
            driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            driver.get("about:blank")
            driver.get(page.as_uri() + fragment)
            while not driver.execute_script("return document.documentElement.dataset.ready"):
                time.sleep(0.05)
            driver.save_screenshot(str(ROOT / "docs" / name))
    driver.quit()


if __name__ == "__main__":
    main()
