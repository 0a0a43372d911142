"""Settings of a workspace: `cungcau.toml` in it, environment `CUNGCAU_*` over that."""

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from indexer.bilingual import Bilingual
from indexer.errors import RequestError

FILE_NAME = "cungcau.toml"
PREFIX = "CUNGCAU_"
# Says where the settings are, and so cannot be among them.
_NOT_A_SETTING = "CUNGCAU_WORKSPACE"


def _no_truth(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers")
    return value


def _truth(value: object) -> object:
    if isinstance(value, str) and value.casefold() in ("true", "false"):
        return value.casefold() == "true"  # as the environment says it
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


_SMTP = r"^((smtp|smtps|smtp\+starttls)://([^\s/@]+@)?[^\s/@]+/?)?$"
_ADDRESS = r"^([^\s@<>]+@[^\s@<>]+)?$"
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), BeforeValidator(_no_truth)]


_Count = Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(_no_truth)]
_STORE = r"^(milvus\+https?://[^\s/]\S*|\S.*\.milvus\.db|)$"
_HOSTS = r"^[A-Za-z0-9_.:\[\]\s,-]*$"
_ISSUER = r"^(https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?|)$"


class Settings(BaseSettings):
    """What a workspace may set; every key has a default. `Settings.load` reads it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    # The catalog: a URL, or a path from the workspace; "" is catalog.sqlite3 in it.
    database: str = ""
    # Where records are searched: "milvus+http://host:19530", or a path from the workspace that ends
    # in ".milvus.db" (Milvus Lite); "" is the index in the workspace. See docs/stores.md.
    store: Annotated[str, Field(pattern=_STORE)] = ""
    # "contextual", "static", "lsa", or the name or path of a sentence-transformers model; "" keeps
    # the one in use, at first "contextual".
    encoder: str = ""
    # Where a sentence-transformers model runs ("cpu", "cuda", "cuda:1"; "" chooses), and how many
    # texts it encodes at once.
    encoder_device: str = ""
    encoder_batch: Annotated[int, Field(ge=1, le=4096), BeforeValidator(_no_truth)] = 32
    # Host names under which a service with accounts is reached from other machines, separated by
    # blanks; "" is none: this machine alone.
    allowed_hosts: Annotated[str, Field(pattern=_HOSTS)] = ""
    # How often one key, one person or one address may ask in a minute: to read, and to change.
    # Counted where there are accounts; 0 is without limit.
    reads_per_minute: _Count = 1200
    writes_per_minute: _Count = 300
    # Requests under way at once; those beyond are told to come again.
    concurrent_requests: Annotated[int, Field(ge=1), BeforeValidator(_no_truth)] = 500
    # Seconds a search may take.
    query_seconds: Annotated[float, Field(gt=0, le=3600), BeforeValidator(_no_truth)] = 30
    # How the service writes its log: for people, or as JSON lines.
    log_format: Literal["text", "json"] = "text"
    # OpenID Connect: where people may sign in besides, and as which client of it; "" is nowhere.
    oidc_issuer: Annotated[str, Field(pattern=_ISSUER)] = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    # The language of messages; "" follows the locale.
    lang: Literal["", "vi", "en"] = ""
    # The most records of one owner in one list of matches.
    owner_cap: Annotated[int, Field(ge=1), BeforeValidator(_no_truth)] = 3
    # The share of words in a score, the rest is meaning; "auto": by the languages of the texts.
    lexical_weight: _Share | Literal["auto"] = "auto"
    # The lowest score, a probability, that counts as a match. The highest at which nine in ten
    # answerable needs of both judged events (fit half) keep a list.
    floor: _Share = 0.02
    # Whether webhooks may be sent to addresses of this machine and its own network.
    allow_private_targets: Annotated[bool, BeforeValidator(_truth)] = False
    # The server alerts are mailed through, and whom they are from; "" mails none.
    smtp_url: Annotated[str, Field(pattern=_SMTP)] = ""
    mail_from: Annotated[str, Field(pattern=_ADDRESS)] = ""
    # Where people reach the service, for the links in messages.
    public_url: Annotated[str, Field(pattern=r"^(https?://[^\s?#]+)?$")] = ""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The settings of the workspace `folder`; its file may be absent.

        Raises:
            RequestError: the file cannot be read (with the line), a key is not known, or a value
                is not accepted (with what would be).
        """
        path = folder / FILE_NAME
        values = _read(path)
        for key in values:
            if key not in cls.model_fields:
                raise _unknown(f"{key} ({path})", cls.model_fields)
        # Windows has no lower-case variables; elsewhere pydantic-settings takes them as well.
        for name in map(str.upper, os.environ):
            key = name.removeprefix(PREFIX).lower()
            if name.startswith(PREFIX) and name != _NOT_A_SETTING and key not in cls.model_fields:
                raise _unknown(name, (PREFIX + key.upper() for key in cls.model_fields))
        try:
            return cls(**values)
        except ValidationError as error:
            raise _refused(error, path) from error

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over what the file says; no other source."""
        return env_settings, init_settings


_ACCEPTED = {
    "database": Bilingual(
        vi="đường dẫn tệp SQLite hoặc địa chỉ cơ sở dữ liệu",
        en="the path of a SQLite file or the URL of a database",
    ),
    "store": Bilingual(
        vi='"", "milvus+http://máy:19530" hoặc đường dẫn có đuôi ".milvus.db"',
        en='"", "milvus+http://host:19530" or a path that ends in ".milvus.db"',
    ),
    "encoder": Bilingual(
        vi="contextual, static, lsa, hoặc tên hay đường dẫn của một mô hình sentence-transformers",
        en="contextual, static, lsa, or the name or path of a sentence-transformers model",
    ),
    "encoder_device": Bilingual(
        vi='"cpu", "cuda", "cuda:1" hoặc ""', en='"cpu", "cuda", "cuda:1" or ""'
    ),
    "encoder_batch": Bilingual(vi="số nguyên từ 1 đến 4096", en="a whole number from 1 to 4096"),
    "allowed_hosts": Bilingual(
        vi="tên máy, cách nhau bằng dấu cách, ví dụ: cungcau.example.vn",
        en="host names separated by blanks, such as cungcau.example.vn",
    ),
    "reads_per_minute": Bilingual(
        vi="số nguyên từ 0 đến 1000000; 0 là không giới hạn",
        en="a whole number from 0 to 1000000; 0 is without limit",
    ),
    "writes_per_minute": Bilingual(
        vi="số nguyên từ 0 đến 1000000; 0 là không giới hạn",
        en="a whole number from 0 to 1000000; 0 is without limit",
    ),
    "concurrent_requests": Bilingual(vi="số nguyên từ 1", en="a whole number from 1"),
    "query_seconds": Bilingual(
        vi="số giây, lớn hơn 0 và không quá 3600", en="seconds, more than 0 and 3600 at most"
    ),
    "log_format": Bilingual(vi='"text" hoặc "json"', en='"text" or "json"'),
    "oidc_issuer": Bilingual(
        vi="địa chỉ https:// của nhà cung cấp OpenID Connect, hoặc rỗng",
        en="the https:// address of an OpenID Connect provider, or nothing",
    ),
    "oidc_client_id": Bilingual(vi="văn bản", en="text"),
    "oidc_client_secret": Bilingual(vi="văn bản", en="text"),
    "lang": Bilingual(vi='"vi", "en" hoặc ""', en='"vi", "en" or ""'),
    "owner_cap": Bilingual(vi="số nguyên từ 1", en="a whole number from 1"),
    "lexical_weight": Bilingual(
        vi='số từ 0 đến 1, hoặc "auto" (theo ngôn ngữ)',
        en='a number from 0 to 1, or "auto" (by language)',
    ),
    "floor": Bilingual(vi="số từ 0 đến 1", en="a number from 0 to 1"),
    "allow_private_targets": Bilingual(vi="true hoặc false", en="true or false"),
    "smtp_url": Bilingual(
        vi='"smtp://máy:25", "smtp+starttls://tên:mật-khẩu@máy:587", "smtps://…:465" hoặc ""',
        en='"smtp://host:25", "smtp+starttls://name:password@host:587", "smtps://…:465" or ""',
    ),
    "mail_from": Bilingual(vi='một địa chỉ thư điện tử hoặc ""', en='an e-mail address or ""'),
    "public_url": Bilingual(
        vi='địa chỉ http:// hoặc https:// của dịch vụ, hoặc ""',
        en='the http:// or https:// address of the service, or ""',
    ),
}


def _read(path: Path) -> dict[str, Any]:
    try:
        # Notepad puts a byte order mark before UTF-8.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise RequestError(
            vi=f"Không đọc được {path}: {error.strerror}",
            en=f"{path} cannot be read: {error.strerror}",
        ) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise RequestError(
            vi=f"{path}, dòng {line}: tệp phải được lưu bằng mã UTF-8.",
            en=f"{path}, line {line}: the file must be saved as UTF-8.",
        ) from error
    except tomllib.TOMLDecodeError as error:
        line_of = re.search(r"at line (\d+)", str(error))
        # The other place it knows is the end of the document.
        line = int(line_of[1]) if line_of else len(path.read_bytes().splitlines())
        raise RequestError(
            vi=f"{path}, dòng {line}: không đúng cú pháp TOML; mỗi dòng là khóa = giá trị, chữ đặt "
            f'trong dấu nháy, ví dụ encoder = "lsa" ({error})',
            en=f"{path}, line {line}: not valid TOML; each line is key = value, text in quotes, "
            f'such as encoder = "lsa" ({error})',
        ) from error


def _unknown(name: str, accepted: Iterable[str]) -> RequestError:
    names = ", ".join(accepted)
    return RequestError(
        vi=f"Không có thiết lập {name}. Các thiết lập: {names}.",
        en=f"There is no setting {name}. Settings: {names}.",
    )


def _refused(error: ValidationError, path: Path) -> RequestError:
    first = error.errors()[0]
    key = str(first["loc"][0])
    variable = PREFIX + key.upper()
    from_environment = any(name.upper() == variable and os.environ[name] for name in os.environ)
    name = variable if from_environment else f"{key} ({path})"
    accepted = _ACCEPTED[key]
    return RequestError(
        vi=f"Thiết lập {name} không nhận giá trị {first['input']!r}. Chấp nhận: {accepted.vi}.",
        en=f"The setting {name} does not take {first['input']!r}. Accepted: {accepted.en}.",
    )
