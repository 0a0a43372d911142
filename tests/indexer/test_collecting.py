"""Cycles are not looked for while a list is made, and are again after."""

import gc

import pytest

from indexer.collecting import put_off


def test_put_off_until_the_end_even_of_a_failure():
    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"), put_off():
        assert not gc.isenabled()
        with put_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()
