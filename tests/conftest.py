"""Fixtures that every test may use."""

from __future__ import annotations

import os
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings

from dedup.frames import HEADLINES

# Time is no property of the code here: two runs of one example differ by a factor of four on a busy machine.
settings.register_profile("dedup", deadline=None)
settings.load_profile("dedup")


@pytest.fixture(scope="session")
def data() -> Path:
    """The folder of real corpora, labels and feeds; tests that need it skip where it is absent."""
    folder = Path(os.environ.get("DEDUP_DATA", Path(__file__).parents[1] / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        pytest.skip(f"no corpora at {folder} (set DEDUP_DATA)")
    return folder


EVENTS = (
    "مصرع {n} أشخاص في سيول جارفة اجتاحت {place}",
    "{who} يفتتح المرحلة {rank} من ميناء {place}",
    "{who} ينفي إغلاق جسر {place} أمام الشاحنات",
    "حريق هائل يلتهم سوق {place} القديم دون إصابات",
    "ارتفاع أسعار الزيتون في {place} بنسبة {n}%",
    "{who} يهنئ رئيس {place} بذكرى الاستقلال",
    "فريق {place} يهزم نجوم الميناء بنتيجة {n}-1 ويتصدر الدوري",
    "طلاب جامعة {place} يبتكرون عصا ذكية للمكفوفين",
)
PLACES = ("وادي السرو", "الزهراوية", "سمرانيا", "أروندا", "جزيرة النوارس", "إقليم التلال", "الفيروز", "قرى الهضبة")
PEOPLE = ("وزير الري نزار الخطابي", "ميرخوفيتش", "رئيس الجمهورية", "سامر الدهيبي", "محافظ الشمال", "ليان الصافي")
RANKS = ("الأولى", "الثانية", "الثالثة", "الرابعة")
OUTLETS = ("الضحى", "المرفأ", "السدرة", "الراصد", "السنبلة", "القنديل", "")
MANNERS = (
    lambda title: title,
    lambda title: f"عاجل | {title}",
    lambda title: f"بالفيديو.. {title}",
    lambda title: title.replace("ي ", "ى ").replace("أ", "ا"),
    lambda title: " ".join(sorted(title.split(), key=len)),
    lambda title: " ".join(title.split()[:-2]),
    lambda title: title.replace("يلتهم", "يأتي على").replace("مصرع", "وفاة").replace("يفتتح", "يدشن"),
)
STANDING = ("كاريكاتير", "حالة الطقس المتوقعة اليوم", "أسعار الذهب اليوم في أسواق الزهراوية")


@pytest.fixture(scope="session")
def newsroom():
    """Make HEADLINES of some days of invented news: events in several outlets' words, standing titles, odd ones."""

    def made(count: int, *, seed: int = 7, days: int = 6, undated: float = 0.05) -> pl.DataFrame:
        dice, rows = random.Random(seed), []  # noqa: S311 - it makes news, not secrets
        dawn = datetime(2026, 3, 1, 6, tzinfo=UTC)
        while len(rows) < count:
            at = dawn + timedelta(minutes=dice.randrange(days * 24 * 60))
            if dice.random() < 0.1:
                rows.append((dice.choice(OUTLETS), dice.choice((*STANDING, "!!!", "Flood kills 5")), at))
                continue
            output = {"n": dice.randint(2, 40), "place": dice.choice(PLACES), "who": dice.choice(PEOPLE)}
            title = dice.choice(EVENTS).format(rank=dice.choice(RANKS), **output)
            for _ in range(dice.randint(1, 5)):
                rows.append((dice.choice(OUTLETS), dice.choice(MANNERS)(title), at))
                at += timedelta(minutes=dice.choice((0, 7, 90, 600)))
        return pl.DataFrame(
            [
                (f"h{number:04}", outlet, title, None, None if dice.random() < undated else at, "made")
                for number, (outlet, title, at) in enumerate(rows[:count])
            ],
            schema=HEADLINES,
            orient="row",
        )

    return made
