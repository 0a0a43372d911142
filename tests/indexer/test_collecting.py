"""Cycles are not looked for while a list is made, and are again after."""

import gc
import weakref

import pytest

from indexer.collecting import put_off


class Ring:
    def __init__(self):
        self.itself = self


def test_put_off_until_the_end_even_of_a_failure():
    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"), put_off():
        assert not gc.isenabled()
        with put_off():
            assert not gc.isenabled()
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()


def test_what_was_made_inside_is_old_and_still_let_go():
    with put_off():
        ring = Ring()
    assert not any(one is ring for one in gc.get_objects(generation=0))
    alive = weakref.ref(ring)
    del ring
    gc.collect()
    assert alive() is None
