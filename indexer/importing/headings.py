"""The headings people write over their columns, Vietnamese and English, by what they mean.

Keys are folded (no case, no accents, no punctuation), see `key`. Sources: the headings listed in
the field survey of the project and the forms of technology markets; misspellings are left to
fuzzy comparison.
"""

import re
from functools import cache

from indexer.text import fold, normalise

# What a column can mean, beside the fields of a record:
#   id number side contact person phone email money_low money_high currency period type language
#   ip (type and status in one cell) name (title where nothing better is there)
# "extra" keeps a column's text searchable, "skip" leaves it out; both may be named in --map.
_HEADINGS = {
    "id": """
        ma | ma so | ma so ho so | ma ho so | ma dang ky | ma cong nghe | ma giai phap |
        ma nhu cau | ma san pham | ma thiet bi | ma bai toan | ma de xuat | ma nhiem vu |
        ma so nhu cau | ma so cong nghe | ma dinh danh | so ho so | so hieu | so ky hieu |
        ky hieu | ma tin | id | code | ref | reference | reference number | record id |
        identifier | key | uid | uuid | offer id | need id | offer code | need code |
        project code | pod reference | topic number | profile reference | ma don""",
    "number": """
        stt | tt | so tt | so thu tu | thu tu | no | nr | s no | sn | sr no | serial |
        serial no | serial number | row | index | item no | dong trong tep | ly do bi loai |
        row in the file | why it was rejected""",
    "title": """
        ten cong nghe | ten cong nghe thiet bi | ten thiet bi | ten cong nghe giai phap |
        ten cong nghe san pham | ten cong nghe san pham chao ban | ten cong nghe chao ban |
        ten giai phap | ten giai phap cong nghe | ten san pham | ten san pham cong nghe |
        ten san pham dich vu | ten dich vu | ten sang che | ten de tai | ten du an |
        ten nhiem vu | ten nhu cau | ten nhu cau cong nghe | ten cong nghe can tim |
        ten cong nghe can mua | ten bai toan | ten van de | ten quy trinh |
        ten ket qua nghien cuu | ten tai san tri tue | ten chuyen gia | ten phong thi nghiem |
        ten khoa hoc | ten thach thuc | ten de xuat | tieu de | tua de | tieu de nhu cau |
        ten goi | ten hang muc | ten thiet bi cong nghe | cong nghe chao ban |
        cong nghe can mua | nhu cau cong nghe | nhu cau ve cong nghe | title | solution name |
        solution title | technology name | technology title | name of technology |
        product name | project title | need title | name of need | offer title | topic title |
        challenge title | name of solution | service name | patent title |
        title of invention | ten cong nghe tieng viet | ten cong nghe tieng anh""",
    "name": """
        ten | name | nhu cau | need | needs | giai phap | solution | cong nghe | technology |
        san pham | product | bai toan | challenge | problem | de xuat | proposal | offer |
        dich vu | service | nhu cau cua doanh nghiep | noi dung nhu cau | mo ta nhu cau |
        chu de | topic | subject""",
    "summary": """
        tom tat | tom tat cong khai | mo ta ngan | mo ta tom tat | tom luoc | gioi thieu |
        gioi thieu chung | gioi thieu ngan | mo ta ngan gon | tom tat noi dung |
        tom tat cong nghe | tom tat giai phap | summary | abstract | short description |
        brief description | brief | executive summary | short summary | overview""",
    "description": """
        mo ta | mo ta chi tiet | mo ta cong nghe | mo ta quy trinh |
        mo ta quy trinh cong nghe | mo ta giai phap | mo ta san pham | mo ta van de |
        noi dung | noi dung chi tiet | chi tiet | thong tin chi tiet |
        thong tin chi tiet cong nghe | noi dung cong nghe | noi dung giai phap |
        quy trinh cong nghe | dac diem | dac diem cong nghe | thong so | thong so ky thuat |
        thong tin cong nghe | thong tin them | dien giai | mo ta hien trang | hien trang |
        thuc trang | boi canh | van de can giai quyet | kho khan vuong mac | description |
        detailed description | details | detail | content | text | full description |
        technical description | technology description | background | body |
        problem statement | specifications | technical specifications""",
    "advantages": """
        uu diem | uu diem noi bat | tinh moi | tinh moi tinh sang tao | uu diem tinh moi |
        uu the | diem noi bat | loi the | loi the canh tranh | hieu qua | hieu qua kinh te |
        hieu qua kinh te xa hoi | hieu qua mang lai | loi ich | ket qua dat duoc |
        uu diem cua cong nghe | tinh uu viet | diem moi | gia tri | tinh nang noi bat |
        uu diem so voi cong nghe hien co | advantages | advantages and innovations |
        advantages innovations | innovation | innovations | benefits | benefit | novelty |
        key features | features | innovative aspects | strengths | value proposition | results""",
    "applications": """
        linh vuc ap dung | linh vuc ung dung | pham vi ung dung | pham vi ap dung | ung dung |
        kha nang ung dung | kha nang ap dung | dia chi ap dung | dia chi ung dung |
        khach hang muc tieu | doi tuong khach hang | doi tuong ap dung | doi tuong su dung |
        doi tuong ung dung | thi truong muc tieu | khach hang | linh vuc su dung |
        noi ap dung | muc dich su dung | applications | application | target clients |
        target client | target customers | target market | markets | use cases |
        fields of application | application areas | areas of application | end users |
        market applications | customers""",
    "requirements": """
        yeu cau | yeu cau mong muon | mo ta yeu cau | mo ta yeu cau mong muon |
        yeu cau cong nghe | yeu cau ky thuat | tieu chi | tieu chi ky thuat | yeu cau cu the |
        yeu cau chi tiet | chi tieu | chi tieu ky thuat | yeu cau ve cong nghe |
        yeu cau doi voi cong nghe | yeu cau dau ra | ket qua mong muon | ket qua mong doi |
        muc tieu | mong muon | yeu cau khac | yeu cau san pham | san pham dau ra |
        yeu cau doi voi giai phap | dieu kien | muc tieu can dat | requirements |
        requirement | technical requirements | expected results | expected outcome |
        expected outcomes | desired outcome | objective | objectives | criteria | must have |
        what we need | technical specification sought | technology sought | expertise sought""",
    "keywords": """
        tu khoa | tu khoa tim kiem | the | nhan | keywords | keyword | tags | tag |
        key words | technology keywords | market keywords""",
    "owner": """
        ten don vi | ten don vi doanh nghiep | ten doanh nghiep | ten doanh nghiep don vi |
        don vi | doanh nghiep | ten cong ty | cong ty | ten to chuc | to chuc | ten co quan |
        co quan | ten to chuc ca nhan | to chuc ca nhan | co quan chu tri | don vi chu tri |
        to chuc chu tri | co quan chu quan | don vi chu quan | chu so huu |
        chu so huu cong nghe | don vi so huu | chu don | chu bang | chu van bang |
        chu so huu van bang | vien truong | truong vien | vien | truong | don vi chao ban |
        ben chao ban | don vi cung cap | nha cung cap | ben cung | ben cau | don vi de xuat |
        don vi co nhu cau | doanh nghiep co nhu cau | don vi dat hang | don vi dang ky |
        co quan don vi | ten vien truong | ten co quan don vi | noi cong tac |
        don vi tham gia | don vi chuyen giao | don vi thuc hien | owner | organisation |
        organization | organisation name | organization name | company | company name |
        institution | institute | university | applicant | affiliation | firm | agency |
        proprietor | rights holder | right holder | provider | supplier | technology owner |
        entity | submitted by | client | enterprise | employer""",
    "author": """
        tac gia | nhom tac gia | chu nhiem | chu nhiem de tai | tac gia sang che |
        nha sang che | author | authors | inventor | inventors | principal investigator""",
    "field": """
        linh vuc | linh vuc cong nghe | linh vuc khoa hoc | linh vuc nghien cuu |
        linh vuc khoa hoc cong nghe | linh vuc kh cn | linh vuc hoat dong | nganh |
        nganh nghe | nganh linh vuc | linh vuc nganh nghe | nganh hang | nhom nganh |
        chuyen nganh | nhom cong nghe | nhom linh vuc | danh muc | phan loai | chuyen muc |
        nganh nghe kinh doanh | nganh nghe linh vuc | linh vuc chuyen mon | field | fields |
        field of science | industry | industries | sector | sectors | domain | area |
        category | categories | technology areas | technology area | technology field |
        discipline | research area | sector group | subject area | theme | themes | vertical""",
    "codes": """
        ma nganh | ma nganh nghe | ma nganh vsic | vsic | vsic 2025 | ma vsic | ma linh vuc |
        ipc | cpc | nace | ma ipc | phan loai ipc | chi so phan loai ipc |
        chi so phan loai sang che quoc te | ipc code | cpc code | nace code | nace codes |
        ma nace | ipc codes | fos | fos code | phan loai sang che | nace keywords |
        industry code""",
    "trl": """
        trl | muc trl | muc do trl | cap do trl | chi so trl | trl toi thieu | trl yeu cau |
        trl mong muon | muc do phat trien | muc do san sang | muc do san sang cong nghe |
        muc san sang cong nghe | muc do san sang cua cong nghe | cap do san sang cong nghe |
        giai doan phat trien | muc do hoan thien | muc do hoan thien cong nghe |
        trinh do phat trien | trang thai phat trien | stage of development |
        development stage | technology readiness level | technology readiness |
        readiness level | readiness | trl level | minimum trl | min trl | required trl |
        maturity | maturity level | development status""",
    "ip": """
        so huu tri tue | tinh trang so huu tri tue | quyen so huu tri tue | shtt |
        thong tin so huu tri tue | bao ho so huu tri tue | tinh trang shtt |
        intellectual property | ip | ipr | ip rights""",
    "ip_type": """
        loai so huu tri tue | loai hinh so huu tri tue | hinh thuc bao ho | loai shtt |
        loai van bang | loai quyen | doi tuong so huu tri tue | ip type | type of ip |
        form of protection""",
    "ip_status": """
        trang thai so huu tri tue | trang thai shtt | tinh trang bao ho | tinh trang phap ly |
        tinh trang van bang | ip status | ipr status | patent status | legal status |
        status of protection""",
    "ip_number": """
        so bang | so van bang | so don | so bang sang che | so bang doc quyen |
        so don dang ky | bang so | so cong bo | patent number | patent no |
        publication number | application number | ip number""",
    "transfer": """
        hinh thuc chuyen giao | phuong thuc chuyen giao | hinh thuc chuyen giao cong nghe |
        chuyen giao | phuong an chuyen giao | pham vi chuyen giao | transfer mode |
        mode of transfer | licensing | licence type | license type | transfer |
        transfer type | transfer method""",
    "cooperation": """
        hinh thuc hop tac | phuong thuc hop tac | hinh thuc hop tac mong muon |
        hop tac mong muon | nhu cau hop tac | loai hinh hop tac | de xuat hop tac |
        mong muon hop tac | phuong an hop tac | partnership sought | type of partnership |
        cooperation | cooperation type | type of cooperation | collaboration |
        collaboration type | partner sought | type of partner sought | partnership""",
    "money": """
        gia | gia ban | gia chao | chao gia | chao gia tham khao | gia tham khao |
        gia chuyen giao | gia du kien | muc gia | don gia | gia thanh | chi phi |
        chi phi du kien | kinh phi | kinh phi du kien | ngan sach | ngan sach du kien |
        kinh phi du tru | du toan | muc dau tu | von dau tu | tong kinh phi |
        kha nang tai chinh | kinh phi toi da | gia tri hop dong | gia de xuat | suat dau tu |
        tong muc dau tu | muc kinh phi | price | asking price | reference price | cost |
        budget | estimated budget | funding | amount | estimated cost | max budget |
        maximum budget | investment | value vnd | price range | budget range |
        available budget | expected budget""",
    "money_low": """
        gia tu | gia thap nhat | gia toi thieu | kinh phi tu | kinh phi toi thieu |
        ngan sach tu | price from | min price | minimum price | price min | budget from |
        min budget | budget min | minimum budget | low price | money low""",
    "money_high": """
        gia den | gia cao nhat | gia toi da | kinh phi den | ngan sach den | price to |
        max price | maximum price | price max | budget to | budget max | high price |
        money high""",
    "currency": """
        tien te | loai tien | don vi tien te | dong tien | don vi tien | loai tien te |
        currency | money currency | ccy""",
    "starts": """
        bat dau | ngay bat dau | thoi gian bat dau | thoi gian du kien bat dau |
        du kien bat dau | tu ngay | thoi diem bat dau | thoi gian thuc hien bat dau |
        khoi cong | start | starts | start date | begin | begin date | from date |
        expected start | date from""",
    "ends": """
        ket thuc | ngay ket thuc | thoi gian ket thuc | thoi gian du kien ket thuc |
        du kien ket thuc | den ngay | thoi diem ket thuc | thoi gian thuc hien ket thuc |
        thoi han hoan thanh | han hoan thanh | thoi gian hoan thanh | end | ends | end date |
        to date | expected end | completion date | date to""",
    "expires": """
        het han | ngay het han | han | thoi han | han nop | han nop ho so | hieu luc den |
        han dang ky | thoi han hieu luc | co hieu luc den | han chao ban | han cuoi |
        han tiep nhan | han chot | thoi han dang tin | ngay het hieu luc | hieu luc |
        expires | expiry | expiry date | expiration date | valid until | deadline |
        closing date | due date | close date | application deadline | expiration""",
    "period": """
        thoi gian | thoi gian thuc hien | thoi gian du kien | thoi gian trien khai | tien do |
        thoi gian mong muon | ke hoach thoi gian | period | duration | timeline | time frame |
        timeframe | schedule""",
    "place": """
        tinh | thanh pho | tinh thanh pho | tinh thanh | tinh tp | tp | dia chi | dia diem |
        dia phuong | dia ban | noi trien khai | dia diem trien khai | khu vuc | vung |
        quan huyen | tru so | dia chi don vi | dia chi lien he | dia chi cong ty |
        dia diem thuc hien | vung mien | noi o | place | city | province | address |
        location | region | state | city province | district""",
    "country": """
        quoc gia | nuoc | xuat xu | quoc tich | xuat xu cong nghe | nuoc san xuat |
        noi xuat xu | country | country of origin | origin | nation | nationality""",
    "visibility": """
        cong khai | muc do cong khai | che do cong khai | pham vi cong khai | quyen xem |
        bao mat | muc do bao mat | che do hien thi | hien thi | che do bao mat | visibility |
        access | access level | confidentiality | confidential | privacy | publicity | sharing""",
    "contact": """
        lien he | thong tin lien he | dau moi lien he | contact | contacts | contact details |
        contact information | contact info | point of contact""",
    "person": """
        nguoi lien he | ho ten | ho va ten | nguoi dai dien | dau moi | can bo dau moi |
        ten nguoi lien he | nguoi phu trach | ho ten nguoi lien he | nguoi dang ky | chuc vu |
        nguoi dai dien phap luat | ho va ten nguoi lien he | dai dien | can bo lien he |
        giam doc | nguoi khai | contact person | contact name | representative |
        person in charge | first name | last name | full name | position | job title |
        contact person name""",
    "phone": """
        dien thoai | so dien thoai | sdt | so dt | dt | dien thoai lien he | di dong |
        so di dong | hotline | fax | dtdd | sdt lien he | tel | zalo | so dien thoai lien he |
        dien thoai di dong | phone | phone number | telephone | mobile | mobile phone | cell |
        contact phone | tel no | telephone number | phone no""",
    "email": """
        email | e mail | thu dien tu | email lien he | dia chi email | hop thu | mail |
        dia chi thu dien tu | email nguoi lien he | email address | e mail address |
        contact email""",
    "type": """
        loai | loai hinh | loai nhu cau | loai cong nghe | loai tin | loai ban ghi |
        loai san pham | loai chao ban | loai giai phap | hinh thuc | loai ho so |
        phan loai nhu cau | kieu | loai hinh nhu cau | type | record type | need type |
        offer type | kind | type of need | type of offer | profile type""",
    "side": "side | cung cau | cung hay cau | cung hoac cau | ben | phia | supply or demand",
    "language": "ngon ngu | language | lang | ngon ngu su dung",
}

# Headings that begin (Vietnamese) or end (English) with one of these mean the same, whatever
# words follow or precede: "Mô tả kỹ về sản phẩm dự thi", "Detailed technical description".
_STEMS = {
    "title": "ten cong nghe | ten giai phap | ten san pham | ten nhu cau | ten thiet bi | "
    "ten de tai | ten bai toan | ten nhiem vu | ten dich vu | tieu de",
    "summary": "tom tat | mo ta ngan | mo ta tom tat | short description | summary",
    "description": "mo ta | noi dung | thong tin chi tiet | dac diem | quy trinh | description",
    "advantages": "uu diem | tinh moi | hieu qua | loi ich | uu the | advantages",
    "applications": "linh vuc ap dung | linh vuc ung dung | pham vi ung dung | pham vi ap dung | "
    "kha nang ung dung | khach hang muc tieu | doi tuong | applications",
    "requirements": "yeu cau | tieu chi | ket qua mong muon | mong muon | requirements",
    "keywords": "tu khoa | keywords",
    "owner": "ten don vi | ten doanh nghiep | ten cong ty | ten to chuc | ten co quan | don vi | "
    "co quan chu | chu so huu | to chuc | doanh nghiep | organisation | organization | company",
    "field": "linh vuc | nganh",
    "codes": "ma nganh | vsic | ipc | cpc | nace",
    "trl": "trl | muc do san sang | muc do phat trien | cap do san sang | readiness level",
    "transfer": "hinh thuc chuyen giao | phuong thuc chuyen giao",
    "cooperation": "hinh thuc hop tac | phuong thuc hop tac",
    "money": "gia ban | gia chao | gia tham khao | gia du kien | chao gia | kinh phi | ngan sach | "
    "chi phi | muc gia | budget | price",
    "starts": "ngay bat dau | thoi gian bat dau | start date",
    "ends": "ngay ket thuc | thoi gian ket thuc | end date",
    "expires": "ngay het han | thoi han | han nop | hieu luc | deadline",
    "period": "thoi gian",
    "place": "dia chi | dia diem | tinh thanh | tinh tp",
    "person": "nguoi lien he | ho ten | ho va ten | nguoi dai dien | contact person",
    "phone": "dien thoai | so dien thoai | sdt | phone | telephone",
    "email": "email | e mail | thu dien tu",
}

# "name" columns are the title where no column is called so; else they mean this.
OTHERWISE = {
    **dict.fromkeys(("nhu cau", "need", "needs"), "requirements"),
    **dict.fromkeys(("noi dung nhu cau", "mo ta nhu cau"), "requirements"),
    "nhu cau cua doanh nghiep": "requirements",
    **dict.fromkeys(
        "giai phap|solution|cong nghe|technology|san pham|product|bai toan|challenge|problem|"
        "de xuat|proposal|offer|dich vu|service|chu de|topic|subject".split("|"),
        "description",
    ),
}  # fmt: skip

MAPPABLE = (
    "id", "title", "summary", "description", "advantages", "applications", "requirements",
    "keywords", "owner", "field", "codes", "trl", "ip_type", "ip_status", "ip_number", "transfer",
    "cooperation", "money", "money_low", "money_high", "currency", "starts", "ends", "period",
    "place", "country", "language", "visibility", "expires", "contact", "person", "phone", "email",
    "type", "side", "extra", "skip",
)  # fmt: skip


def key(heading: str) -> str:
    """A heading as it is compared: folded, words only, without numbering and stars."""
    words = re.sub(r"[^\w]+|_", " ", fold(normalise(heading))).split()
    return " ".join(words)


def _phrases(text: str) -> list[str]:
    return [" ".join(phrase.split()) for phrase in text.split("|") if phrase.strip()]


@cache
def known() -> dict[str, str]:
    """Every known heading with what it means."""
    return {phrase: meaning for meaning, text in _HEADINGS.items() for phrase in _phrases(text)}


@cache
def stems() -> tuple[tuple[str, str], ...]:
    """(beginning or ending, meaning), longest first."""
    found = [(phrase, meaning) for meaning, text in _STEMS.items() for phrase in _phrases(text)]
    return tuple(sorted(found, key=lambda item: -len(item[0])))
