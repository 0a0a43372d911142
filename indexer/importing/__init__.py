"""From spreadsheets to records."""
