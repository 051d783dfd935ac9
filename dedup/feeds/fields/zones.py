"""Names of time zones as feeds and papers write them."""

from __future__ import annotations

import re
from datetime import timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo, available_timezones

from dedup.core.letters import fold_letters
from dedup.errors import SettingError

ABBREVIATIONS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "cet": 60, "west": 60, "wat": 60, "bst": 60, "cest": 120, "eet": 120,
    "cat": 120, "sast": 120, "eest": 180, "ksa": 180, "ast": 180, "eat": 180, "msk": 180, "trt": 180, "irst": 210,
    "gst": 240, "pkt": 300, "est": -300, "edt": -240, "cst": -360, "cdt": -300, "mst": -420, "mdt": -360, "pst": -480,
    "pdt": -420,
}  # fmt: skip
"""Minutes east of Greenwich: RFC 822's names, and those of the Arab world and its neighbours. AST is Arabia's."""
PLACES = {
    "Asia/Riyadh": "مكة الرياض السعودية المملكة جدة mecca makkah riyadh saudi ksa jeddah arab",
    "Africa/Cairo": "القاهرة مصر cairo egypt",
    "UTC": "غرينتش جرينتش غرينيتش جرينيتش جرينتش greenwich utc gmt",
    "Asia/Beirut": "بيروت لبنان beirut lebanon",
    "Asia/Damascus": "دمشق سوريا سورية damascus syria",
    "Asia/Amman": "الأردن amman jordan",
    "Asia/Jerusalem": "القدس jerusalem",
    "Asia/Gaza": "غزة gaza",
    "Asia/Hebron": "فلسطين palestine",
    "Asia/Baghdad": "بغداد العراق baghdad iraq arabic",
    "Asia/Kuwait": "الكويت kuwait",
    "Asia/Qatar": "قطر الدوحة qatar doha",
    "Asia/Bahrain": "البحرين المنامة bahrain manama",
    "Asia/Dubai": "الإمارات دبي أبوظبي uae dubai emirates arabian",
    "Asia/Muscat": "مسقط muscat oman",
    "Asia/Aden": "اليمن صنعاء عدن yemen sanaa aden",
    "Africa/Khartoum": "الخرطوم السودان khartoum sudan",
    "Africa/Tripoli": "طرابلس ليبيا tripoli libya",
    "Africa/Tunis": "تونس tunis tunisia",
    "Africa/Algiers": "الجزائر algiers algeria alger",
    "Africa/Casablanca": "الرباط المغرب rabat casablanca morocco",
    "Africa/Nouakchott": "نواكشوط موريتانيا nouakchott mauritania",
    "Europe/Istanbul": "إسطنبول اسطنبول أنقرة تركيا istanbul ankara turkey",
    "Asia/Tehran": "طهران إيران tehran iran",
    "Europe/Moscow": "موسكو moscow",
    "Europe/London": "لندن london",
    "Europe/Paris": "باريس paris",
    "Europe/Berlin": "برلين berlin",
    "America/New_York": "نيويورك واشنطن washington",
}
"""Zone -> names of places whose time is meant («بتوقيت مكة المكرمة», "Riyadh time"), one word each. «عمان» is left out:
it may be Amman or Oman. Windows calls three of them "Arab", "Arabic" and "Arabian Standard Time"."""


@lru_cache(maxsize=16)
def check_timezone(name: str) -> str | timedelta:
    """Return a zone's name, or the offset of a text such as ``+03:00``.

    Raises:
        SettingError: the zone is unknown.
    """
    offset = re.fullmatch(r"([+-])(\d{1,2}):?(\d{2})?", name)
    if offset and int(offset[2]) <= 14:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timedelta(minutes=-minutes if offset[1] == "-" else minutes)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise SettingError(
            "timezone", name, "a zone's name such as Africa/Cairo, or an offset such as +03:00"
        ) from None
    return name


@cache
def _zones_of_places() -> dict[str, str]:
    return {fold_letters(place).removeprefix("ال"): zone for zone, places in PLACES.items() for place in places.split()}


@cache
def _zones() -> dict[str, str]:
    return {name.lower(): name for name in available_timezones()}


@lru_cache(maxsize=1024)
def zone_named(phrase: str) -> str | None:
    """Return the zone that a phrase names, None if it is unknown.

    Examples:
        >>> zone_named("مكة المكرمة"), zone_named("asia/riyadh"), zone_named("المريخ")
        ('Asia/Riyadh', 'Asia/Riyadh', None)
    """
    if "/" in phrase:
        return _zones().get(phrase.strip().lower())
    words = [word.removeprefix("ال") for word in fold_letters(phrase).split()]
    return next((_zones_of_places()[word] for word in words[:3] if word in _zones_of_places()), None)
