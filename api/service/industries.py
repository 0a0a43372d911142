"""The industries a need speaks of, and the provinces, by the words people use for them."""

from dataclasses import dataclass

from indexer.bilingual import Bilingual


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry; `words` are lower-case, as written with accents, or English."""

    name: Bilingual
    words: tuple[str, ...]


def _of(vi: str, en: str, words: str) -> Industry:
    return Industry(Bilingual(vi, en), tuple(words.split("|")))


INDUSTRIES = (
    _of("Nông nghiệp", "Agriculture", "lúa|gạo|cà phê|cây trồng|trồng trọt|rau|trái cây|hoa quả|"
        "xoài|vải thiều|sầu riêng|thanh long|hồ tiêu|phân bón|tưới|nhà kính|nông sản|nông nghiệp|"
        "thu hoạch|giống cây|sâu bệnh|crop|crops|rice|fruit|fruits|farm|farms|mango|coffee|"
        "agriculture|irrigation|greenhouse"),
    _of("Chăn nuôi, thú y", "Livestock", "chăn nuôi|thú y|lợn|heo|gia cầm|đàn bò|đàn gà|bò sữa|"
        "chuồng trại|thức ăn chăn nuôi|livestock|poultry|pig|pigs|cattle|dairy|veterinary"),
    _of("Thủy sản", "Aquaculture and fisheries", "thủy sản|thuỷ sản|hải sản|nuôi tôm|tôm|cá tra|"
        "ao nuôi|cá|shrimp|fish|aquaculture|fishery|seafood"),
    _of("Thực phẩm", "Food", "thực phẩm|đồ uống|chế biến|bảo quản|sấy|máy sấy|sấy khô|đóng gói|"
        "nước mắm|bánh|food|beverage|drying|preservation|packaging"),
    _of("Môi trường", "Environment", "nước thải|chất thải|rác|rác thải|khí thải|bụi|ô nhiễm|"
        "xử lý nước|xử lí nước|mùi hôi|bùn thải|môi trường|wastewater|sewage|waste|emissions|dust|"
        "pollution|water treatment|sludge"),
    _of("Năng lượng", "Energy", "năng lượng|điện mặt trời|điện gió|tiết kiệm điện|tiền điện|"
        "nồi hơi|pin|khí sinh học|lưới điện|energy|solar|wind power|battery|batteries|boiler|"
        "biogas|electricity"),
    _of("Cơ khí, tự động hóa", "Machinery and automation", "cơ khí|máy bơm|dây chuyền|robot|"
        "tự động hóa|tự động hoá|tự động|khuôn|bảo trì|vòng bi|gia công|máy móc|nhà xưởng|machine|"
        "machines|machining|maintenance|pump|pumps|automation|bearing|factory"),
    _of("Vật liệu, hóa chất", "Materials and chemicals", "vật liệu|hóa chất|hoá chất|sơn|nhựa|"
        "cao su|thép|gốm|composite|polymer|chống gỉ|ăn mòn|material|materials|chemical|chemicals|"
        "plastic|rubber|steel|ceramic|coating|corrosion"),
    _of("Dệt may, da giày", "Textiles and footwear", "dệt|dệt nhuộm|nhuộm|vải sợi|may mặc|dệt may|"
        "da giày|textile|textiles|garment|garments|dyeing|footwear|leather"),
    _of("Công nghệ thông tin", "Information technology", "phần mềm|dữ liệu|trí tuệ nhân tạo|"
        "chuyển đổi số|ứng dụng di động|cơ sở dữ liệu|an ninh mạng|software|data|"
        "artificial intelligence|machine learning|cybersecurity|mobile app"),
    _of("Y tế, dược", "Health", "bệnh viện|y tế|bệnh nhân|dược|dược liệu|thuốc|xét nghiệm|"
        "phòng khám|khám bệnh|hospital|medical|patient|patients|drug|clinic|diagnosis|health"),
    _of("Xây dựng, giao thông", "Construction and transport", "xây dựng|bê tông|cầu đường|"
        "giao thông|công trình|sạt lở|ngập|kẹt xe|construction|concrete|traffic|road|bridge|"
        "flood|building"),
    _of("Kho vận", "Logistics", "kho lạnh|kho hàng|vận chuyển|giao hàng|chuỗi cung ứng|logistics|"
        "warehouse|cold chain|supply chain|delivery"),
    _of("Giáo dục, đào tạo", "Education and training", "đào tạo|trường học|sinh viên|học sinh|"
        "dạy học|thời khóa biểu|tập huấn|training|school|schools|students|teaching|course"),
)  # fmt: skip

# As they have been called since 2025, then those they were joined from.
PROVINCES = tuple(
    "Hà Nội|Huế|Quảng Ninh|Cao Bằng|Lạng Sơn|Lai Châu|Điện Biên|Sơn La|Thanh Hóa|Nghệ An|Hà Tĩnh|"
    "Tuyên Quang|Lào Cai|Thái Nguyên|Phú Thọ|Bắc Ninh|Hưng Yên|Hải Phòng|Ninh Bình|Quảng Trị|"
    "Đà Nẵng|Quảng Ngãi|Gia Lai|Khánh Hòa|Lâm Đồng|Đắk Lắk|TP. Hồ Chí Minh|Đồng Nai|Tây Ninh|"
    "Cần Thơ|Vĩnh Long|Đồng Tháp|Cà Mau|An Giang|"
    "Hà Giang|Yên Bái|Bắc Kạn|Vĩnh Phúc|Hòa Bình|Bắc Giang|Thái Bình|Hải Dương|Hà Nam|Nam Định|"
    "Quảng Bình|Quảng Nam|Kon Tum|Bình Định|Phú Yên|Ninh Thuận|Bình Thuận|Đắk Nông|Bình Dương|"
    "Bà Rịa - Vũng Tàu|Bình Phước|Long An|Sóc Trăng|Hậu Giang|Bến Tre|Trà Vinh|Tiền Giang|"
    "Bạc Liêu|Kiên Giang".split("|")
)
# Other ways to write some of them.
SPELLED = {
    "hồ chí minh": "TP. Hồ Chí Minh",
    "tp.hcm": "TP. Hồ Chí Minh",
    "tphcm": "TP. Hồ Chí Minh",
    "hcm": "TP. Hồ Chí Minh",
    "sài gòn": "TP. Hồ Chí Minh",
    "saigon": "TP. Hồ Chí Minh",
    "hanoi": "Hà Nội",
    "hn": "Hà Nội",
    "da nang": "Đà Nẵng",
    "danang": "Đà Nẵng",
    "hai phong": "Hải Phòng",
    "haiphong": "Hải Phòng",
    "can tho": "Cần Thơ",
    "vũng tàu": "Bà Rịa - Vũng Tàu",
    "đắc lắc": "Đắk Lắk",
    "thanh hoá": "Thanh Hóa",
    "khánh hoà": "Khánh Hòa",
    "hoà bình": "Hòa Bình",
}
