"""`cungcau index --on`: many workers make the index that one makes."""

import numpy as np
import pytest

from api.cli import main
from indexer.index import Index

_KINDS = ("Máy sấy", "Hệ thống tưới", "Robot phun sơn", "Kho lạnh", "Màng lọc")


@pytest.fixture(scope="module")
def imported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spread")
    offers = [f"cn-{i},{_KINDS[i % 5]} số {i} cho hợp tác xã" for i in range(70)]
    (folder / "cung.csv").write_text("\n".join(["Mã,Tên công nghệ", *offers]), "utf-8")
    command = ["import", str(folder / "cung.csv"), "--side", "supply"]
    assert main([*command, "--workspace", str(folder / "ws")]) == 0
    return folder / "ws"


def test_the_index_is_the_same(imported, capsys):
    given = ["--workspace", str(imported), "--lang", "en"]
    assert (
        main(["index", "--encoder", "contextual", "--on", "local", "--workers", "2", *given]) == 0
    )
    assert "70 encoded" in capsys.readouterr().err
    spread = Index.open(imported / "index")
    alone = imported / "cache"  # what is kept there would be taken
    for path in alone.iterdir():
        path.unlink()
    assert main(["index", "--full", *given]) == 0
    index = Index.open(imported / "index")
    assert index.encoder.name == spread.encoder.name == "contextual"
    for side in (index.supply, index.demand):
        other = spread.supply if side is index.supply else spread.demand
        assert side.ids == other.ids
        rows = np.arange(len(side))
        np.testing.assert_allclose(side.vectors.rows(rows), other.vectors.rows(rows), atol=2e-3)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--on", "moon"], "--on: “moon” is not accepted. Accepted: local, ray, ray://HOST:PORT."),
        (["--on", "ray://127.0.0.1:9"], "127.0.0.1:9"),
        (["--workers", "2", "--encoder", "lsa"], "--on: the lsa encoder is fitted on the catalog"),
    ],
)
def test_what_cannot_be_done_is_refused(imported, capsys, words, said):
    assert main(["index", *words, "--workspace", str(imported), "--lang", "en"]) == 2
    assert said in capsys.readouterr().err


def test_a_store_is_filled_by_one_process(imported, capsys, monkeypatch):
    monkeypatch.setenv("CUNGCAU_STORE", "records.milvus.db")
    assert main(["index", "--on", "local", "--workspace", str(imported), "--lang", "en"]) == 2
    assert "do not go with the setting store" in capsys.readouterr().err
