"""The best of many, against a plain sort; a few values, so that most are equal."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matcher.batch.best import (
    COSINES,
    CUBES,
    NOBODY,
    UNUSED,
    Columns,
    best_of,
    cut,
    similarities,
    steps,
)
from matcher.ranking import lot

LEAST = 20_001
TABLES = st.integers(0, 2**32 - 1).map(
    lambda seed: (
        np.random.default_rng(seed)
        .choice([0.0, 0.01, 0.3, 0.30000001, 0.300002, 0.5, 0.9], (180, 5))
        .astype(np.float32)
    )
)


def drawn(asker, other):
    return lot(f"asker {asker}", f"other {other}")


def sorted_best(values, asker, each):
    worth = steps(values)
    order = sorted(
        (int(other) for other in np.flatnonzero(worth >= LEAST)),
        key=lambda other: (-int(worth[other]), drawn(asker, other)),
    )
    return set(order[:each])


@given(TABLES, st.integers(1, 20))
def test_columns_are_those_of_a_sort_however_many_tie(table, each):
    columns = Columns(each, np.full(table.shape[1], LEAST, np.int32), CUBES, drawn)
    for row, values in enumerate(table):
        columns.add(row, values**3)
    rows, worth = columns.found()
    assert rows.shape == worth.shape == (table.shape[1], each)
    for column in range(table.shape[1]):
        kept = rows[column] != NOBODY
        assert set(rows[column][kept].tolist()) == sorted_best(table[:, column], column, each)
        assert (worth[column][kept] == steps(table[rows[column][kept], column])).all()
        assert (np.diff(worth[column]) <= 0).all()


@given(TABLES, st.integers(1, 20))
def test_the_best_of_a_row_are_those_of_a_sort(table, each):
    values = table.ravel()
    found = best_of(values**3, each, LEAST, 3, drawn)
    assert set(found.tolist()) == sorted_best(values, 3, each)
    assert (np.diff(steps(values[found])) <= 0).all()


@given(TABLES, st.integers(1, 20), st.integers(1, 179))
def test_the_best_of_parts_hold_the_best_of_all(table, each, at):
    values = table[:, 0]
    parts = []
    for rows in (np.arange(at), np.arange(at, len(values))):
        numbers = np.full((1, each + len(rows)), NOBODY, dtype=np.int32)
        worth = np.full((1, each + len(rows)), UNUSED, dtype=np.int32)
        numbers[0, : len(rows)], worth[0, : len(rows)] = rows, steps(values[rows])
        kept = cut(numbers, worth, each, lambda _, other: drawn(0, other))
        parts.append((numbers[0, kept[0]], worth[0, kept[0]]))
    numbers, worth = (np.concatenate(both)[None] for both in zip(*parts, strict=True))
    best = cut(numbers, worth, each, lambda _, other: drawn(0, other))[0]
    worthy = worth[0, best] >= LEAST
    assert set(numbers[0, best][worthy].tolist()) == sorted_best(values, 0, each)


@given(TABLES, st.integers(1, 20))
def test_the_greatest_cosines_are_found_those_below_nought_too(table, each):
    cosines = table - np.float32(0.4)
    columns = Columns(each, np.full(table.shape[1], UNUSED, np.int32), COSINES)
    for row, values in enumerate(cosines):
        columns.add(row, values)
    greatest = np.sort(steps(cosines), axis=0)[::-1][:each].T
    assert (columns.found()[1] == greatest).all()


def test_steps_are_what_lists_take_for_equal():
    one = np.array([0.1234564, 0.1234566, 0.02], dtype=np.float32)
    assert steps(one).tolist() == [123456, 123457, 20000]
    assert np.allclose(similarities(steps(one)), one, atol=1e-6)
