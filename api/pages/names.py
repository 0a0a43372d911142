"""What roles and permissions are called on pages."""

from collections.abc import Mapping

from api.actors import Action, Role
from indexer.bilingual import Bilingual

ROLES: Mapping[Role, Bilingual] = {
    Role.ADMINISTRATOR: Bilingual("Quản trị viên", "Administrator"),
    Role.ORGANISER: Bilingual("Người tổ chức", "Organiser"),
    Role.OWNER: Bilingual("Chủ sở hữu công nghệ", "Technology owner"),
    Role.ENTERPRISE: Bilingual("Doanh nghiệp", "Enterprise"),
    Role.READER: Bilingual("Người đọc", "Reader"),
}

ACTIONS: Mapping[Action, Bilingual] = {
    Action.SEARCH: Bilingual("Tìm kiếm", "Search"),
    Action.RECORDS_READ: Bilingual("Đọc hồ sơ", "Read records"),
    Action.RECORDS_WRITE: Bilingual("Tạo, sửa, xóa hồ sơ", "Create, change and delete records"),
    Action.RECORDS_IMPORT: Bilingual("Nhập tệp hồ sơ", "Import files of records"),
    Action.RECORDS_EXPORT: Bilingual("Xuất hồ sơ", "Export records"),
    Action.CONTACTS_READ: Bilingual("Đọc thông tin liên hệ", "Read contact data"),
    Action.EVENTS_READ: Bilingual("Xem sự kiện", "See events"),
    Action.EVENTS_WRITE: Bilingual("Tạo và sửa sự kiện", "Create and change events"),
    Action.RUNS_READ: Bilingual("Xem kết quả ghép nối và lịch", "See matches and timetables"),
    Action.RUNS_START: Bilingual("Chạy ghép nối và xếp lịch", "Run matching and planning"),
    Action.FEEDBACK: Bilingual("Ghi kết quả cuộc gặp", "Record outcomes of meetings"),
    Action.LEARN: Bilingual("Học từ đánh giá", "Learn from judgements"),
    Action.SEARCHES: Bilingual("Tìm kiếm đã lưu", "Saved searches"),
    Action.WEBHOOKS: Bilingual("Webhook", "Webhooks"),
    Action.ORGANISATIONS_READ: Bilingual("Xem tổ chức", "See organisations"),
    Action.ORGANISATIONS_WRITE: Bilingual("Tạo và sửa tổ chức", "Create and change organisations"),
    Action.PEOPLE: Bilingual("Quản lý người dùng", "Manage people"),
    Action.KEYS: Bilingual("Khóa API của mình", "One's own API keys"),
    Action.CENTRES: Bilingual("Quản lý trung tâm", "Manage centres"),
    Action.AUDIT: Bilingual("Xem nhật ký", "See the audit"),
    Action.PERSONAL_DATA: Bilingual(
        "Xuất và xóa dữ liệu cá nhân", "Export and erase personal data"
    ),
    Action.METRICS: Bilingual("Số liệu vận hành", "Operating figures"),
}
