"""Values of single cells: money, dates, readiness levels, codes and choices from words."""

from indexer.values.absent import Unclear, is_absent
from indexer.values.choices import (
    ip_status_in,
    parse_language,
    parse_side,
    parse_type,
    parse_visibility,
)
from indexer.values.codes import parse_codes
from indexer.values.dates import parse_date, parse_period
from indexer.values.money import currency_of, money_between, parse_money
from indexer.values.trl import parse_trl

__all__ = [
    "Unclear",
    "currency_of",
    "ip_status_in",
    "is_absent",
    "money_between",
    "parse_codes",
    "parse_date",
    "parse_language",
    "parse_money",
    "parse_period",
    "parse_side",
    "parse_trl",
    "parse_type",
    "parse_visibility",
]
