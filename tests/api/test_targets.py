"""Where messages may be sent, and that a name which changes its answer leads nowhere else."""

import socket

import pytest

from api import targets
from api.sending import Message, Sender, SendError
from api.targets import TargetError, checked, is_public, parsed

INSIDE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255",
    "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1",
    "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "::ffff:127.0.0.1",
    "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:1::", "2001:db8::1",
    "localhost", "",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_internal_addresses(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "203.162.4.191", "2606:4700::1111", "1.1.1.1"])
def test_addresses_of_the_internet(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "ftp://example.com/", "file:///etc/passwd", "gopher://x/", "//example.com", "http://",
        "https://user:password@example.com/", "http://example.com:0/", "http://example.com:99999/",
        "http://[::1", "http://exa mple.com/", "http://example.com/\r\nX: y", "http://ví-dụ.vn/",
        "javascript:alert(1)", "http://" + "a" * 2000,
    ],
)  # fmt: skip
def test_what_is_no_target(url):
    with pytest.raises(TargetError):
        parsed(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost:9/", "http://2130706433/", "http://0x7f.1/",
        "http://[::1]:80/", "http://169.254.169.254/latest/meta-data/", "http://127.1/",
        "http://[::ffff:127.0.0.1]/", "http://0/",
    ],
)  # fmt: skip
def test_internal_targets_in_any_spelling(url):
    with pytest.raises(TargetError) as caught:
        checked(url, allow_private=False)
    assert caught.value.reason.vi and caught.value.accepted.vi


def test_the_parts_of_a_target():
    target = parsed("https://example.com:8443/a/b?c=d#e")
    assert (target.host, target.port, target.path) == ("example.com", 8443, "/a/b?c=d")
    assert target.authority == "example.com:8443"
    assert parsed("http://[2606:4700::1111]").authority == "[2606:4700::1111]"


def resolving(monkeypatch, *answers):
    given = iter(answers)

    def fake(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(given), port))]

    monkeypatch.setattr(targets.socket, "getaddrinfo", fake)


def test_one_internal_address_among_others_is_enough(monkeypatch):
    both = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443))
        for address in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(targets.socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(TargetError, match=r"10\.0\.0\.1"):
        checked("https://example.com/", allow_private=False)


def test_a_name_that_answers_differently_the_second_time(monkeypatch):
    resolving(monkeypatch, "8.8.8.8", "127.0.0.1")
    checked("http://rebinding.example/", allow_private=False)
    message = Message("webhook", "m1", "http://rebinding.example/", "whsec_AAAA", "{}")
    with pytest.raises(SendError, match=r"refused: .*127\.0\.0\.1"):
        Sender().send(message)


def test_a_host_nobody_knows(monkeypatch):
    def fake(*_, **__):
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(targets.socket, "getaddrinfo", fake)
    with pytest.raises(TargetError, match=r"no host gone\.example"):
        checked("https://gone.example/", allow_private=False)
