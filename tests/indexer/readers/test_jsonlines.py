"""JSON arrays and JSON lines."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.errors import RequestError
from indexer.readers import read_tables


def table_of(tmp_path, text, name="a.jsonl"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    (table,) = read_tables(path)
    return table


def test_json_lines_count_as_lines(tmp_path):
    table = table_of(tmp_path, '{"id": 1, "title": "a"}\n\n{"title": "b", "text": "c"}\n')
    assert table.headed
    assert list(table.numbered()) == [
        (0, ("id", "title", "text")),
        (1, (1, "a")),
        (2, ()),
        (3, ("", "b", "c")),
    ]


def test_an_array_and_an_object_that_holds_one(tmp_path):
    items = [{"title": "a"}, {"title": "b"}]
    for value in (items, {"version": 2, "records": items}):
        table = table_of(tmp_path, json.dumps(value, indent=1), "a.json")
        assert table.rows[1:] == (("a",), ("b",))
    assert table_of(tmp_path, json.dumps({"title": "một"}, indent=1)).rows[1] == ("một",)


def test_nested_values(tmp_path):
    item = {
        "title": "a",
        "contact": {"email": "x@y.vn"},
        "keywords": ["p", "q"],
        "n": None,
        "l": [{"z": 1}],
    }
    table = table_of(tmp_path, json.dumps(item))
    assert table.rows[0] == ("title", "contact email", "keywords", "n", "l")
    assert table.rows[1] == ("a", "x@y.vn", "p; q", "", '[{"z": 1}]')


def test_broken_lines_become_faults_and_cost_no_other(tmp_path):
    table = table_of(tmp_path, '{"title": "a"}\n{"title": \n[1]\n{"title": "b"}\n')
    assert table.rows[1] == ("a",)
    assert table.rows[4] == ("b",)
    assert [fault.row for fault in table.faults] == [2, 3]
    assert "JSON" in table.faults[0].reason.vi


def test_a_broken_first_line(tmp_path):
    table = table_of(tmp_path, '{"title": oops}\n{"title": "b"}\n')
    assert [fault.row for fault in table.faults] == [1]
    assert table.rows[2] == ("b",)


def test_lone_surrogates_huge_numbers_and_deep_nesting(tmp_path):
    table = table_of(
        tmp_path, '{"title": "x\\ud800y", "n": 1e400, "m": 123456789012345678901234}\n' + "[" * 9000
    )
    assert table.rows[1][0] == "x\ud800y"
    assert table.rows[1][1:] == ("inf", "123456789012345678901234")
    assert len(table.faults) == 1


def test_utf_16_and_a_mark(tmp_path):
    for encoding in ("utf-16", "utf-8-sig"):
        assert table_of(tmp_path, '{"title": "Tên"}'.encode(encoding)).rows[1] == ("Tên",)


@pytest.mark.parametrize("text", ["[]", "{", '"chữ"', "[1, 2", "12"])
def test_without_an_object_the_file_is_refused(tmp_path, text):
    try:
        table = table_of(tmp_path, text, "a.json")
    except RequestError as error:
        assert "a.json" in str(error)
    else:
        pytest.fail(f"read as {table.rows}")


def test_too_many_different_keys_are_no_list_of_records(tmp_path):
    text = "".join(json.dumps({f"k{i}": 1}) + "\n" for i in range(2100))
    with pytest.raises(RequestError, match="2000 different JSON keys"):
        table_of(tmp_path, text)


_value = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9)
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.text(min_size=1, max_size=6), _value, min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_any_objects_give_one_row_each(tmp_path_factory, items):
    path = tmp_path_factory.mktemp("json") / "a.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in items), encoding="utf-8")
    (table,) = read_tables(path)
    assert len(table.rows) == len(items) + 1
    assert table.faults == ()
