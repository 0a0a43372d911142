"""The match list as files: a workbook to print and filter, a page to read, lines for machines."""

from matcher.export.files import write_match_list

__all__ = ["write_match_list"]
