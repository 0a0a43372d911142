"""One router per resource; no scoring here."""
