"""The words of the exported files, in both languages."""

from indexer.bilingual import Bilingual
from indexer.records import RecordType, Side, Visibility
from matcher.export.clean import clean

TITLE = Bilingual("Danh sách ghép nối cung – cầu", "Supply–demand match list")
NOTHING = Bilingual("Không có mục nào.", "Nothing to list.")
NO_WHY = Bilingual("Nội dung gần nhau về tổng thể", "Close as a whole")
SCORE_HELP = Bilingual(
    "Điểm từ 0 đến 1, càng cao càng phù hợp. Điểm do máy tính, cần người có chuyên môn xem lại.",
    "Scores run from 0 to 1; higher fits better. They are computed: let an expert confirm them.",
)
# `evaluation.readers.gradecolumns` knows the column by this heading.
GRADE = Bilingual("Đánh giá (0–3)", "Grade (0–3)")
GRADES = (
    Bilingual("không liên quan", "no"),
    Bilingual("chỉ gặp nếu còn bàn trống", "only if a table is free"),
    Bilingual("đáng gặp", "worth a meeting"),
    Bilingual("nhất định nên gặp", "arrange it"),
)
GRADE_HELP = Bilingual(
    "Muốn biết danh sách tốt đến đâu: điền cột Đánh giá (3 = nhất định nên gặp, 2 = đáng gặp, "
    "1 = chỉ gặp nếu còn bàn trống, 0 = không liên quan), lưu lại rồi chạy `cungcau evaluate` với "
    "tệp này.",
    "To learn how good the list is: fill the column Grade (3 = arrange it, 2 = worth a meeting, "
    "1 = only if a table is free, 0 = no), save, and run `cungcau evaluate` on this file.",
)
PRIVATE_NOTICE = Bilingual(
    "Danh sách có hồ sơ hạn chế hoặc riêng tư: không gửi ra ngoài ban tổ chức.",
    "This list holds restricted or private records: keep it within the organising team.",
)

SIDES = {Side.DEMAND: Bilingual("Nhu cầu", "Need"), Side.SUPPLY: Bilingual("Nguồn cung", "Offer")}

TYPES: dict[RecordType, Bilingual] = {
    RecordType.TECHNOLOGY: Bilingual("Công nghệ", "Technology"),
    RecordType.PATENT: Bilingual("Sáng chế", "Patent"),
    RecordType.PROTOTYPE: Bilingual("Mẫu thử nghiệm", "Prototype"),
    RecordType.PUBLICATION: Bilingual("Công bố khoa học", "Publication"),
    RecordType.EXPERT: Bilingual("Chuyên gia", "Expert"),
    RecordType.SERVICE: Bilingual("Dịch vụ", "Service"),
    RecordType.FACILITY: Bilingual("Phòng thí nghiệm, thiết bị", "Facility"),
    RecordType.STARTUP: Bilingual("Doanh nghiệp khởi nghiệp", "Startup"),
    RecordType.TRAINING: Bilingual("Đào tạo", "Training"),
    RecordType.FUNDING: Bilingual("Nguồn kinh phí", "Funding"),
    RecordType.DATASET: Bilingual("Bộ dữ liệu", "Dataset"),
    RecordType.NEED: Bilingual("Nhu cầu công nghệ", "Need"),
    RecordType.CHALLENGE: Bilingual("Bài toán lớn", "Challenge"),
    RecordType.RESEARCH_ORDER: Bilingual("Đặt hàng nghiên cứu", "Research order"),
    RecordType.TRAINING_NEED: Bilingual("Nhu cầu đào tạo", "Training need"),
    RecordType.PROCUREMENT: Bilingual("Mua sắm", "Procurement"),
    RecordType.PARTNER_SEARCH: Bilingual("Tìm đối tác", "Partner search"),
}

VISIBILITIES: dict[Visibility, Bilingual] = {
    Visibility.PUBLIC: Bilingual("Công khai", "Public"),
    Visibility.RESTRICTED: Bilingual("Hạn chế", "Restricted"),
    Visibility.PRIVATE: Bilingual("Riêng tư", "Private"),
    Visibility.CONFIDENTIAL: Bilingual("Bí mật", "Confidential"),
}

FIELDS: dict[str, Bilingual] = {
    "title": Bilingual("Tên", "Title"),
    "summary": Bilingual("Tóm tắt", "Summary"),
    "description": Bilingual("Mô tả", "Description"),
    "advantages": Bilingual("Ưu điểm", "Advantages"),
    "applications": Bilingual("Lĩnh vực áp dụng", "Applications"),
    "requirements": Bilingual("Yêu cầu", "Requirements"),
    "keywords": Bilingual("Từ khóa", "Keywords"),
    "field": Bilingual("Lĩnh vực", "Field"),
}

SETTINGS: dict[str, Bilingual] = {
    "encoder": Bilingual("Bộ mã hóa ngữ nghĩa", "Encoder"),
    "owner_cap": Bilingual(
        "Số hồ sơ tối đa của một đơn vị trong mỗi danh sách", "Most records of one owner in a list"
    ),
    "lexical_weight": Bilingual("Trọng số so khớp từ ngữ", "Weight of word matching"),
    "floor": Bilingual("Ngưỡng điểm", "Score floor"),
    "k": Bilingual("Số kết quả tối đa mỗi hồ sơ", "Most matches a record"),
    "today": Bilingual("Ngày xét hết hạn", "Expiry judged on"),
    "database": Bilingual("Cơ sở dữ liệu", "Database"),
}


def field_label(name: str) -> Bilingual:
    """The name of a record's field; a column nobody understood keeps its own heading."""
    heading = clean(name.removeprefix("extra:"))
    return FIELDS.get(name, Bilingual(heading, heading))


def setting_label(key: str) -> Bilingual:
    return SETTINGS.get(key, Bilingual(clean(key), clean(key)))
