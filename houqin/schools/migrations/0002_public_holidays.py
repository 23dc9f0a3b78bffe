"""Ship the published plans of public holidays of 2024, 2025 and 2026."""

from datetime import date, timedelta

from django.db import migrations

# First day, last day, kind, name. Weekends within a holiday are named with it.
PLANS = [
    ("2024-01-01", "2024-01-01", "off", "元旦"),
    ("2024-02-04", "2024-02-04", "work", "春节"),
    ("2024-02-10", "2024-02-17", "off", "春节"),
    ("2024-02-18", "2024-02-18", "work", "春节"),
    ("2024-04-04", "2024-04-06", "off", "清明"),
    ("2024-04-07", "2024-04-07", "work", "清明"),
    ("2024-04-28", "2024-04-28", "work", "劳动节"),
    ("2024-05-01", "2024-05-05", "off", "劳动节"),
    ("2024-05-11", "2024-05-11", "work", "劳动节"),
    ("2024-06-10", "2024-06-10", "off", "端午"),
    ("2024-09-14", "2024-09-14", "work", "中秋"),
    ("2024-09-15", "2024-09-17", "off", "中秋"),
    ("2024-09-29", "2024-09-29", "work", "国庆节"),
    ("2024-10-01", "2024-10-07", "off", "国庆节"),
    ("2024-10-12", "2024-10-12", "work", "国庆节"),
    ("2025-01-01", "2025-01-01", "off", "元旦"),
    ("2025-01-26", "2025-01-26", "work", "春节"),
    ("2025-01-28", "2025-02-04", "off", "春节"),
    ("2025-02-08", "2025-02-08", "work", "春节"),
    ("2025-04-04", "2025-04-06", "off", "清明"),
    ("2025-04-27", "2025-04-27", "work", "劳动节"),
    ("2025-05-01", "2025-05-05", "off", "劳动节"),
    ("2025-05-31", "2025-06-02", "off", "端午"),
    ("2025-09-28", "2025-09-28", "work", "国庆节"),
    ("2025-10-01", "2025-10-05", "off", "国庆节"),
    ("2025-10-06", "2025-10-06", "off", "中秋"),
    ("2025-10-07", "2025-10-08", "off", "国庆节"),
    ("2025-10-11", "2025-10-11", "work", "国庆节"),
    ("2026-01-01", "2026-01-03", "off", "元旦"),
    ("2026-01-04", "2026-01-04", "work", "元旦"),
    ("2026-02-14", "2026-02-14", "work", "春节"),
    ("2026-02-15", "2026-02-23", "off", "春节"),
    ("2026-02-28", "2026-02-28", "work", "春节"),
    ("2026-04-04", "2026-04-06", "off", "清明"),
    ("2026-05-01", "2026-05-05", "off", "劳动节"),
    ("2026-05-09", "2026-05-09", "work", "劳动节"),
    ("2026-06-19", "2026-06-21", "off", "端午"),
    ("2026-09-20", "2026-09-20", "work", "国庆节"),
    ("2026-09-25", "2026-09-27", "off", "中秋"),
    ("2026-10-01", "2026-10-07", "off", "国庆节"),
    ("2026-10-10", "2026-10-10", "work", "国庆节"),
]
YEARS = (2024, 2025, 2026)


def load_plans(apps, schema_editor):
    PublicHoliday = apps.get_model("schools", "PublicHoliday")
    rows = []
    for first, last, kind, name in PLANS:
        day = date.fromisoformat(first)
        while day <= date.fromisoformat(last):
            rows.append(PublicHoliday(date=day, kind=kind, name=name, plan_year=day.year, source="package"))
            day += timedelta(days=1)
    PublicHoliday.objects.bulk_create(rows)


def remove_plans(apps, schema_editor):
    PublicHoliday = apps.get_model("schools", "PublicHoliday")
    PublicHoliday.objects.filter(plan_year__in=YEARS, source="package").delete()


class Migration(migrations.Migration):

    dependencies = [("schools", "0001_initial")]

    operations = [migrations.RunPython(load_plans, remove_plans)]
