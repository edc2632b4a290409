"""A customer file is refused whole or every row of it has an answer."""

import pytest

from sogdia.compliance.screening import BirthDate, Gender, Kind
from sogdia.compliance.screening.customers import read_customers
from sogdia.compliance.screening.errors import InvalidCustomers


def test_columns_may_stand_in_any_order() -> None:
    text = (
        "name,id,birth_date,country,gender,kind,aliases\n"
        "王小明,7,1980-01-02,CN|hk,f,person,Wang|小王\n"
    )
    (row,) = read_customers(text.encode(), "c.csv")
    assert row.customer is not None
    assert row.customer.names == ("王小明", "Wang", "小王")
    assert row.customer.birth_dates == (BirthDate(1980, 1, 2),)
    assert row.customer.countries == {"cn", "hk"}
    assert row.customer.gender is Gender.FEMALE
    assert row.customer.kind is Kind.PERSON


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("1,Ann Lee,1980-13-01,,", "birth date"),
        ("1,Ann Lee,,Atlantis,", "country"),
        ("1,Ann Lee,,,x", "gender"),
        ("1,Ann Lee,,", "4 columns where the header has 5"),
        ("1,,,,", "names"),
        (",Ann Lee,,,", "id is ''"),
    ],
)
def test_a_row_that_cannot_be_read_says_why(row: str, reason: str) -> None:
    text = f"id,name,birth_date,country,gender\n{row}\n2,Bob Ray,,,\n"
    first, second = read_customers(text.encode(), "c.csv")
    assert first.customer is None
    assert first.line == 2
    assert reason in first.problem
    assert second.customer is not None


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,fullname\n1,Ann\n", "column name is missing"),
        (b"id,name,shoe\n1,Ann,42\n", "unknown column shoe"),
        (b"id,name,name\n1,Ann,Ann\n", "repeated"),
        (b"id,name\n1,\xff\xfe\n", "line 2: the bytes are not UTF-8"),
        (b"id,name\n1,A\0nn\n", "NUL"),
        (b"", "missing"),
        (b'id,name\n1,"Ann\n', "broken CSV"),
    ],
)
def test_a_file_that_is_no_customer_file_is_refused(content: bytes, reason: str) -> None:
    with pytest.raises(InvalidCustomers, match=reason):
        list(read_customers(content, "c.csv"))


def test_a_name_of_ten_megabytes_is_an_answer_not_a_crash() -> None:
    content = b"id,name\n1," + b"A" * 10_000_000 + b"\n2,Bob Ray\n"
    first, second = read_customers(content, "c.csv")
    assert "10000000 characters" in first.problem
    assert second.customer is not None
