"""Settings: file, environment over it, and every mistake answered by name."""

from pathlib import Path

import pytest

from indexer.errors import RequestError
from indexer.settings import _ACCEPTED, Settings


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in Settings.model_fields:
        monkeypatch.delenv(f"CUNGCAU_{key.upper()}", raising=False)


def written(folder: Path, text: str | bytes) -> Path:
    content = text.encode() if isinstance(text, str) else text
    (folder / "cungcau.toml").write_bytes(content)
    return folder


def test_without_a_file_the_defaults_hold(tmp_path: Path) -> None:
    assert Settings.load(tmp_path).model_dump() == {
        "database": "",
        "store": "",
        "encoder": "",
        "encoder_device": "",
        "encoder_batch": 32,
        "lang": "",
        "owner_cap": 3,
        "lexical_weight": "auto",
        "floor": 0.02,
        "allow_private_targets": False,
        "smtp_url": "",
        "mail_from": "",
        "public_url": "",
        "allowed_hosts": "",
        "oidc_issuer": "",
        "oidc_client_id": "",
        "oidc_client_secret": "",
        "reads_per_minute": 1200,
        "writes_per_minute": 300,
        "concurrent_requests": 500,
        "query_seconds": 30.0,
        "log_format": "text",
    }


def test_the_environment_stands_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path, '\ufeffencoder = "mô hình"\nowner_cap = 2\nfloor = 1\nlang = "vi"\n')
    monkeypatch.setenv("CUNGCAU_OWNER_CAP", "7")
    monkeypatch.setenv("CUNGCAU_LEXICAL_WEIGHT", "0.25")
    monkeypatch.setenv("CUNGCAU_FLOOR", "")
    monkeypatch.setenv("CUNGCAU_WORKSPACE", "/somewhere")
    settings = Settings.load(folder)
    assert (settings.encoder, settings.owner_cap, settings.lang) == ("mô hình", 7, "vi")
    assert (settings.lexical_weight, settings.floor) == (0.25, 1.0)


@pytest.mark.parametrize("text", ["ngôn_ngữ = 1", '"lexical weight" = 1', "[matcher]\nfloor = 0.1"])
def test_an_unknown_key_of_the_file(tmp_path: Path, text: str) -> None:
    if not text.isascii():
        text = text.replace("ngôn_ngữ", '"ngôn_ngữ"')
    with pytest.raises(RequestError) as caught:
        Settings.load(written(tmp_path, text))
    key = text.strip("[").split("]")[0].split(" =")[0].strip('"')
    assert f"There is no setting {key} (" in str(caught.value)
    assert "cungcau.toml" in str(caught.value)
    assert ", ".join(Settings.model_fields) in caught.value.message.vi


def test_an_unknown_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUNGCAU_ENCODR", "lsa")
    with pytest.raises(RequestError, match="no setting CUNGCAU_ENCODR") as caught:
        Settings.load(tmp_path)
    assert "CUNGCAU_ENCODER, " in caught.value.message.vi


WRONG = [
    ("owner_cap", "0"),
    ("owner_cap", "2.5"),
    ("owner_cap", "true"),
    ("owner_cap", '"many"'),
    ("lexical_weight", "1.01"),
    ("lexical_weight", "false"),
    ("lexical_weight", '"automatic"'),
    ("encoder_batch", "0"),
    ("store", '"milvus"'),
    ("store", '"http://127.0.0.1:19530"'),
    ("store", '"milvus+http://"'),
    ("encoder_device", "1"),
    ("floor", "-0.1"),
    ("floor", "nan"),
    ("floor", "inf"),
    ("lang", '"fr"'),
    ("encoder", "3"),
    ("allow_private_targets", "1"),
    ("allow_private_targets", '"yes"'),
    ("smtp_url", '"http://mail.example"'),
    ("smtp_url", '"smtp://"'),
    ("mail_from", '"ban to chuc"'),
    ("public_url", '"example.vn"'),
    ("database", "[1]"),
]


@pytest.mark.parametrize(("key", "value"), WRONG)
def test_a_wrong_value_of_the_file(tmp_path: Path, key: str, value: str) -> None:
    with pytest.raises(RequestError) as caught:
        Settings.load(written(tmp_path, f"{key} = {value}"))
    said = caught.value.message
    assert said.en.startswith(f"The setting {key} ({tmp_path}")
    assert _ACCEPTED[key].en in said.en and _ACCEPTED[key].vi in said.vi
    assert f"take {value.replace(chr(34), chr(39)).capitalize()}".casefold() in said.en.casefold()


def test_a_wrong_value_of_a_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUNGCAU_FLOOR", "nửa")
    with pytest.raises(RequestError, match="The setting CUNGCAU_FLOOR does not take 'nửa'"):
        Settings.load(written(tmp_path, "floor = 0.2"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("floor = 0.1\nencoder = lsa\n", 2),
        ("floor = 0.1\n\n\nencoder", 4),
        ('encoder = "lsa\n', 1),
        ("floor = 1\nfloor = 2", 2),
        (b'\n\n\nencoder = "m\xf4 h\xecnh"\n', 4),
        ("floor = 1".encode("utf-16"), 1),
    ],
)
def test_a_broken_file_is_named_with_the_line(tmp_path: Path, text: str | bytes, line: int) -> None:
    with pytest.raises(RequestError) as caught:
        Settings.load(written(tmp_path, text))
    assert f"cungcau.toml, line {line}: " in str(caught.value)
    assert f"cungcau.toml, dòng {line}: " in caught.value.message.vi


def test_a_folder_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "cungcau.toml").mkdir()
    with pytest.raises(RequestError, match=r"cungcau\.toml cannot be read"):
        Settings.load(tmp_path)


def test_every_setting_says_what_it_accepts() -> None:
    assert _ACCEPTED.keys() == Settings.model_fields.keys()
