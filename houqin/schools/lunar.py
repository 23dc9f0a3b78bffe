"""The statutory days of a year, for years whose plan is not published yet.

Law in force since 2025-01-01: New Year 1 day, Spring Festival 4 (eve to third), Qingming 1, Labour Day 2,
Dragon Boat 1, Mid-Autumn 1, National Day 3. Which weekends are moved is only known from the plan of the year.
"""

from datetime import date, timedelta

# First day of the first lunar month, fifth of the fifth, fifteenth of the eighth (month-day). Two independent
# lunar calendars agree on these; the years after the table know their solar days only.
_LUNAR_DAYS = {
    2020: "01-25 06-25 10-01",
    2021: "02-12 06-14 09-21",
    2022: "02-01 06-03 09-10",
    2023: "01-22 06-22 09-29",
    2024: "02-10 06-10 09-17",
    2025: "01-29 05-31 10-06",
    2026: "02-17 06-19 09-25",
    2027: "02-06 06-09 09-15",
    2028: "01-26 05-28 10-03",
    2029: "02-13 06-16 09-22",
    2030: "02-03 06-05 09-12",
    2031: "01-23 06-24 10-01",
    2032: "02-11 06-12 09-19",
    2033: "01-31 06-01 09-08",
    2034: "02-19 06-20 09-27",
    2035: "02-08 06-10 09-16",
    2036: "01-28 05-30 10-04",
    2037: "02-15 06-18 09-24",
    2038: "02-04 06-07 09-13",
    2039: "01-24 05-27 10-02",
    2040: "02-12 06-14 09-20",
    2041: "02-01 06-03 09-10",
    2042: "01-22 06-22 09-28",
    2043: "02-10 06-11 09-17",
    2044: "01-30 05-31 10-05",
    2045: "02-17 06-19 09-25",
    2046: "02-06 06-08 09-15",
    2047: "01-26 05-29 10-04",
    2048: "02-14 06-15 09-22",
    2049: "02-02 06-04 09-11",
    2050: "01-23 06-23 09-30",
}


def statutory_days(year: int) -> dict[date, str]:
    """Return the days off that the law itself names, with their Chinese names. No weekend is moved."""
    days = {
        date(year, 1, 1): "元旦",
        date(year, 5, 1): "劳动节",
        date(year, 5, 2): "劳动节",
        date(year, 10, 1): "国庆节",
        date(year, 10, 2): "国庆节",
        date(year, 10, 3): "国庆节",
        _qingming(year): "清明",
    }
    if year in _LUNAR_DAYS:
        spring, dragon_boat, mid_autumn = (
            date.fromisoformat(f"{year}-{month_day}") for month_day in _LUNAR_DAYS[year].split()
        )
        days |= {spring + timedelta(days=offset): "春节" for offset in range(-1, 3)}
        days |= {dragon_boat: "端午", mid_autumn: "中秋"}
    return days


def _qingming(year: int) -> date:
    """Return the solar term Qingming, by the usual formula for the years 2000 to 2099."""
    y = year % 100
    return date(year, 4, int(y * 0.2422 + 4.81) - y // 4)
