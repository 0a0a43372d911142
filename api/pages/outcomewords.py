"""What outcomes of meetings are called on pages."""

from collections.abc import Mapping

from api.service.outcomes import Outcome
from indexer.bilingual import Bilingual

OUTCOMES: Mapping[Outcome, Bilingual] = {
    Outcome.MET: Bilingual("Đã gặp", "Met"),
    Outcome.FOLLOW_UP: Bilingual("Hẹn tiếp", "Follow-up"),
    Outcome.CONTRACT: Bilingual("Ký hợp đồng", "Contract"),
    Outcome.NO_SHOW: Bilingual("Không đến", "No-show"),
    Outcome.NONE: Bilingual("Chưa ghi", "Not told yet"),
}
# How good the news is, as the colours of tags.
TONES: Mapping[Outcome, str] = {
    Outcome.MET: "info",
    Outcome.FOLLOW_UP: "accent",
    Outcome.CONTRACT: "good",
    Outcome.NO_SHOW: "bad",
    Outcome.NONE: "",
}
