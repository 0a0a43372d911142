"""What the fields of records, the meanings of columns and the tiers are called on pages."""

from indexer.bilingual import Bilingual
from indexer.importing.headings import MAPPABLE
from indexer.records import Side, Visibility

_OFFER = {
    "trl": Bilingual("Mức sẵn sàng đã đạt (TRL)", "Readiness reached (TRL)"),
    "money": Bilingual("Giá chào", "Price"),
}
_NEED = {
    "trl": Bilingual("Mức sẵn sàng cần có (TRL)", "Readiness asked for (TRL)"),
    "money": Bilingual("Kinh phí dự kiến", "Budget"),
}
NAMES = {
    "type": Bilingual("Loại", "Type"),
    "title": Bilingual("Tên", "Title"),
    "summary": Bilingual("Tóm tắt", "Summary"),
    "description": Bilingual("Mô tả", "Description"),
    "advantages": Bilingual("Ưu điểm, hiệu quả", "Advantages, benefits"),
    "applications": Bilingual("Dùng ở đâu, cho ai", "Applications, customers"),
    "requirements": Bilingual("Yêu cầu cần đạt", "Requirements"),
    "keywords": Bilingual("Từ khóa", "Keywords"),
    "owner": Bilingual("Đơn vị", "Organisation"),
    "organisation": Bilingual("Thuộc tổ chức đã đăng ký", "Of a registered organisation"),
    "field": Bilingual("Lĩnh vực", "Field"),
    "codes": Bilingual("Mã phân loại", "Classification codes"),
    "trl": Bilingual("Mức sẵn sàng (TRL)", "Readiness (TRL)"),
    "ip_type": Bilingual("Loại sở hữu trí tuệ", "Type of intellectual property"),
    "ip_status": Bilingual("Tình trạng bảo hộ", "Status of protection"),
    "ip_number": Bilingual("Số bằng, số đơn", "Patent or application number"),
    "transfer": Bilingual("Hình thức chuyển giao", "Mode of transfer"),
    "cooperation": Bilingual("Hình thức hợp tác", "Mode of cooperation"),
    "money": Bilingual("Giá, kinh phí", "Price, budget"),
    "starts": Bilingual("Bắt đầu", "Starts"),
    "ends": Bilingual("Kết thúc", "Ends"),
    "place": Bilingual("Tỉnh, thành phố", "Place"),
    "country": Bilingual("Quốc gia", "Country"),
    "language": Bilingual("Ngôn ngữ", "Language"),
    "visibility": Bilingual("Ai được xem", "Who may see it"),
    "expires": Bilingual("Hết hạn", "Expires"),
    "contact": Bilingual("Liên hệ", "Contact"),
    "person": Bilingual("Người liên hệ", "Contact person"),
    "phone": Bilingual("Điện thoại", "Telephone"),
    "email": Bilingual("Thư điện tử", "E-mail"),
    "extra": Bilingual("Mục khác", "Other entries"),
    "same_as": Bilingual("Trùng với hồ sơ", "Repeats record"),
}
# What a column may be taken for, in the order people look for it.
COLUMNS = {
    "title": NAMES["title"],
    "summary": NAMES["summary"],
    "description": NAMES["description"],
    "advantages": NAMES["advantages"],
    "applications": NAMES["applications"],
    "requirements": NAMES["requirements"],
    "keywords": NAMES["keywords"],
    "owner": NAMES["owner"],
    "field": NAMES["field"],
    "codes": NAMES["codes"],
    "trl": NAMES["trl"],
    "money": NAMES["money"],
    "money_low": Bilingual("Giá, kinh phí: từ", "Price, budget: from"),
    "money_high": Bilingual("Giá, kinh phí: đến", "Price, budget: to"),
    "currency": Bilingual("Đơn vị tiền", "Currency"),
    "place": NAMES["place"],
    "country": NAMES["country"],
    "starts": NAMES["starts"],
    "ends": NAMES["ends"],
    "period": Bilingual("Thời gian (từ – đến)", "Period (from – to)"),
    "expires": NAMES["expires"],
    "ip_type": NAMES["ip_type"],
    "ip_status": NAMES["ip_status"],
    "ip_number": NAMES["ip_number"],
    "transfer": NAMES["transfer"],
    "cooperation": NAMES["cooperation"],
    "id": Bilingual("Mã hồ sơ", "Code of the record"),
    "type": NAMES["type"],
    "side": Bilingual("Cung hay cầu", "Offer or need"),
    "visibility": NAMES["visibility"],
    "language": NAMES["language"],
    "contact": Bilingual("Liên hệ (tên, điện thoại, thư)", "Contact (name, telephone, e-mail)"),
    "person": NAMES["person"],
    "phone": NAMES["phone"],
    "email": NAMES["email"],
    "extra": Bilingual("Giữ làm văn bản, vẫn tìm được", "Keep as text, still searchable"),
    "skip": Bilingual("Bỏ cột này", "Leave this column out"),
}
assert set(COLUMNS) == set(MAPPABLE)
# Recognised, but nothing one would choose.
NUMBERS = Bilingual("Số thứ tự, không nhập", "Running number, not imported")

# Who sees a record of each tier; `matcher.export.labels` has their names.
TIERS = {
    Visibility.PUBLIC: Bilingual(
        "Ai cũng xem được, không cần đăng nhập.", "Everybody, without signing in."
    ),
    Visibility.RESTRICTED: Bilingual(
        "Người đã đăng nhập, ở mọi trung tâm trong mạng lưới.",
        "Whoever has signed in, at any centre of the network.",
    ),
    Visibility.PRIVATE: Bilingual(
        "Cán bộ của trung tâm và tổ chức đứng tên.",
        "The staff of the centre, and the organisation it belongs to.",
    ),
    Visibility.CONFIDENTIAL: Bilingual(
        "Chỉ tổ chức đứng tên và những tổ chức được cấp quyền xem. Nếu không thuộc tổ chức "
        "nào: cán bộ quản lý hồ sơ của trung tâm.",
        "Only the organisation it belongs to and those it lets read it. Where it belongs to "
        "none: the staff of the centre who keep its records.",
    ),
}


def name_of(field: str, side: Side | None = None) -> Bilingual:
    """What a field of a record of that side is called."""
    own = _OFFER if side is Side.SUPPLY else _NEED if side is Side.DEMAND else {}
    return own.get(field) or NAMES[field]
