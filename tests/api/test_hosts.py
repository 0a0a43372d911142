"""Under which names the service answers, and to whom it opens a port."""

import pytest
from fastapi.testclient import TestClient

from api.hosts import names
from api.serve import _permit
from indexer.errors import RequestError
from indexer.workspace import Workspace


@pytest.fixture
def closed(make_workspace, account, monkeypatch) -> Workspace:
    made = make_workspace(indexed=False)
    account(made, "administrator")
    monkeypatch.setenv("CUNGCAU_ALLOWED_HOSTS", "Cungcau.example.vn, 10.0.0.5 [fe80::1]")
    return Workspace.open(made.path)


def test_names_in_the_setting_are_answered_where_people_sign_in(closed, client_of):
    client: TestClient = client_of(closed)
    for host in ("cungcau.example.vn", "CUNGCAU.example.VN.:8443", "10.0.0.5:80", "[fe80::1]:8000"):
        assert client.get("/v1/session", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "example.vn", "x.cungcau.example.vn", ""):
        refused = client.get("/v1/session", headers={"Host": host})
        assert refused.status_code == 421, host
        assert "allowed_hosts" in refused.json()["detail"]


def test_without_accounts_the_setting_opens_nothing(make_workspace, client_of, monkeypatch):
    made = make_workspace(indexed=False)
    monkeypatch.setenv("CUNGCAU_ALLOWED_HOSTS", "cungcau.example.vn")
    client = client_of(Workspace.open(made.path))
    refused = client.get("/v1/session", headers={"Host": "cungcau.example.vn"})
    assert refused.status_code == 421
    with pytest.raises(RequestError, match="There are no accounts"):
        _permit(Workspace.open(made.path), "0.0.0.0")


def test_other_machines_are_served_under_set_names_only(closed, monkeypatch):
    _permit(closed, "0.0.0.0")
    monkeypatch.delenv("CUNGCAU_ALLOWED_HOSTS")
    with pytest.raises(RequestError, match="allowed_hosts"):
        _permit(Workspace.open(closed.path), "0.0.0.0")


def test_a_setting_that_names_no_host(closed, monkeypatch):
    monkeypatch.setenv("CUNGCAU_ALLOWED_HOSTS", "https://cungcau.example.vn/")
    with pytest.raises(RequestError, match=r"host names separated by blanks"):
        Workspace.open(closed.path)


def test_names():
    assert names(" a.B , c.\n[::2]") == {"a.b", "c", "::2"}
    assert names("") == frozenset()
