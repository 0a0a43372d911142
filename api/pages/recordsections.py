"""The form of a record, in sections: what is asked, of which side, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

from indexer.bilingual import Bilingual
from indexer.records import Side

NONE = Bilingual("", "")


@dataclass(frozen=True, slots=True)
class Part:
    """One field: `kind` is text, area, short or type; `size` is its lines or the class of its
    width."""

    name: str
    kind: str = "text"
    hint: Bilingual = NONE
    size: str = ""
    side: Side | None = None  # asked of this side only, unless the other has something there
    most: int = 1000


@dataclass(frozen=True, slots=True)
class Section:
    """Fields that belong together."""

    name: str
    title: Bilingual
    parts: Sequence[Part]
    lead: Bilingual = NONE


_S, _D = Side.SUPPLY, Side.DEMAND
_LONG = 50_000
SECTIONS = (
    Section(
        "what",
        Bilingual("Nội dung", "What it is"),
        (
            Part("type", "type"),
            Part(
                "title",
                hint=Bilingual(
                    "Một dòng nói được việc chính, không cần tên riêng của sản phẩm.",
                    "One line that says the main thing; no brand name needed.",
                ),
            ),
            Part(
                "summary",
                "area",
                Bilingual(
                    "Vài câu mà ai cũng được đọc, kể cả khi phần mô tả cần giữ kín.",
                    "A few sentences fit for everybody to read.",
                ),
                "3",
                most=_LONG,
            ),
            Part(
                "description",
                "area",
                Bilingual(
                    "Viết như đang nói với người cùng nghề: vật liệu, máy, phương pháp, con số. "
                    "Tiếng Việt hay tiếng Anh đều được.",
                    "As you would tell a colleague: materials, machines, methods, figures. "
                    "Vietnamese or English.",
                ),
                "7",
                most=_LONG,
            ),
            Part(
                "requirements",
                "area",
                Bilingual(
                    "Giải pháp phải đạt những gì: công suất, tiêu chuẩn, chi phí vận hành…",
                    "What a solution must reach: capacity, standards, cost of operation…",
                ),
                "4",
                _D,
                _LONG,
            ),
            Part(
                "advantages",
                "area",
                Bilingual(
                    "Hơn cách đang làm ở chỗ nào, tiết kiệm bao nhiêu, đã đo ở đâu.",
                    "What is better than today, how much it saves, where that was measured.",
                ),
                "4",
                _S,
                _LONG,
            ),
            Part("applications", "area", NONE, "3", _S, _LONG),
            Part(
                "keywords",
                hint=Bilingual("Cách nhau bằng dấu phẩy.", "Separated by commas."),
                most=_LONG,
            ),
        ),
    ),
    Section(
        "terms",
        Bilingual("Mức sẵn sàng, tiền, thời gian", "Readiness, money, time"),
        (
            Part(
                "trl",
                "short",
                Bilingual(
                    "Từ 1 đến 9, ví dụ: 7 hoặc 6-7. Để trống nếu chưa rõ.",
                    "1 to 9, e.g. 7 or 6-7. Leave it empty if you do not know.",
                ),
                most=200,
            ),
            Part(
                "money",
                "text",
                Bilingual("Ví dụ: 2–5 tỷ; 20.000 USD.", "E.g. 2–5 tỷ; 20,000 USD."),
                "medium",
                most=200,
            ),
            Part(
                "starts",
                "short",
                Bilingual("Ngày/tháng/năm.", "Day/month/year."),
                most=200,
                side=_D,
            ),
            Part(
                "ends", "short", Bilingual("Ngày/tháng/năm.", "Day/month/year."), most=200, side=_D
            ),
            Part(
                "expires",
                "short",
                Bilingual(
                    "Ngày/tháng/năm. Sau ngày này, hồ sơ không được ghép nữa.",
                    "Day/month/year. It is not matched after that day.",
                ),
                most=200,
            ),
            Part("transfer", side=_S, size="medium"),
            Part("cooperation", side=_D, size="medium"),
        ),
    ),
    Section(
        "rights",
        Bilingual("Sở hữu trí tuệ", "Intellectual property"),
        (
            Part(
                "ip_type",
                hint=Bilingual(
                    "Sáng chế, giải pháp hữu ích, kiểu dáng, bí mật kinh doanh…",
                    "Patent, utility solution, design, trade secret…",
                ),
                size="medium",
                side=_S,
            ),
            Part(
                "ip_status",
                hint=Bilingual("Đang nộp, đã được cấp, hết hiệu lực…", "Filed, granted, expired…"),
                size="medium",
                side=_S,
            ),
            Part("ip_number", size="medium", side=_S),
        ),
    ),
    Section(
        "whose",
        Bilingual("Đơn vị và lĩnh vực", "Organisation and field"),
        (
            Part("owner"),
            Part("organisation", "organisation"),
            Part("field", size="medium"),
            Part(
                "codes",
                hint=Bilingual(
                    "Ghi hệ phân loại rồi đến mã, ví dụ: IPC: C02F 3/12; VSIC 2025: 3700",
                    "The scheme, then the code, e.g. IPC: C02F 3/12; VSIC 2025: 3700",
                ),
            ),
            Part("place", size="medium"),
            Part("country", size="medium"),
        ),
    ),
    Section(
        "contact",
        Bilingual("Người liên hệ", "Contact"),
        (
            Part("person", size="medium"),
            Part("phone", size="medium"),
            Part("email", size="medium"),
        ),
        Bilingual(
            "Dữ liệu cá nhân được giữ riêng, không dùng để ghép, không hiện trong kết quả tìm. "
            "Mỗi lần có người xem đều được ghi lại.",
            "Personal data are kept apart: never matched, never shown in results. Every look at "
            "them is recorded.",
        ),
    ),
)
