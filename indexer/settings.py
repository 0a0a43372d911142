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


_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), BeforeValidator(_no_truth)]


class Settings(BaseSettings):
    """What a workspace may set; every key has a default. `Settings.load` reads it."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="forbid", frozen=True
    )

    # The catalog: a URL, or a path from the workspace; "" is catalog.sqlite3 in it.
    database: str = ""
    # "contextual", "static", "lsa", or the name or path of a sentence-transformers model; "" keeps
    # the one in use, at first "contextual".
    encoder: str = ""
    # Where a sentence-transformers model runs ("cpu", "cuda", "cuda:1"; "" chooses), and how many
    # texts it encodes at once.
    encoder_device: str = ""
    encoder_batch: Annotated[int, Field(ge=1, le=4096), BeforeValidator(_no_truth)] = 32
    # The language of messages; "" follows the locale.
    lang: Literal["", "vi", "en"] = ""
    # The most records of one owner in one list of matches.
    owner_cap: Annotated[int, Field(ge=1), BeforeValidator(_no_truth)] = 3
    # The share of words in a score, the rest is meaning; "auto": by the languages of the texts.
    lexical_weight: _Share | Literal["auto"] = "auto"
    # The lowest score, a probability, that counts as a match. The highest at which nine in ten
    # answerable needs of both judged events (fit half) keep a list.
    floor: _Share = 0.02

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
    "encoder": Bilingual(
        vi="contextual, static, lsa, hoặc tên hay đường dẫn của một mô hình sentence-transformers",
        en="contextual, static, lsa, or the name or path of a sentence-transformers model",
    ),
    "encoder_device": Bilingual(
        vi='"cpu", "cuda", "cuda:1" hoặc ""', en='"cpu", "cuda", "cuda:1" or ""'
    ),
    "encoder_batch": Bilingual(vi="số nguyên từ 1 đến 4096", en="a whole number from 1 to 4096"),
    "lang": Bilingual(vi='"vi", "en" hoặc ""', en='"vi", "en" or ""'),
    "owner_cap": Bilingual(vi="số nguyên từ 1", en="a whole number from 1"),
    "lexical_weight": Bilingual(
        vi='số từ 0 đến 1, hoặc "auto" (theo ngôn ngữ)',
        en='a number from 0 to 1, or "auto" (by language)',
    ),
    "floor": Bilingual(vi="số từ 0 đến 1", en="a number from 0 to 1"),
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
