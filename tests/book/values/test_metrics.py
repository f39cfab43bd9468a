"""Tables that hold sales, costs and quantities one below the other are never added up."""

import pytest

import crmkit as ck
from tests.book.sources import totals


def months(header, *measures, months="янв.24;фев.24"):
    lines = [f"{client};{measure};1;2" for client in ("A", "B") for measure in measures]
    return f"Клиент;{header};{months}\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize("header", ["Показатель", "Measure", "Metric", "Indicator", "KPI", "", "Вид данных"])
@pytest.mark.parametrize("measures", [("Выручка", "Количество"), ("Revenue", "Cost", "Profit")])
def test_months_of_several_measures_are_refused(write, header, measures):
    with pytest.raises(ck.BookError, match="more than one measure") as refused:
        ck.open_book(write("sales.csv", months(header, *measures)))
    assert all(measure in str(refused.value) for measure in measures)


def test_months_of_one_measure_are_read(write):
    content = months("Показатель", "Выручка") + "Итого;Итого;2;4\n"
    assert totals(ck.open_book(write("sales.csv", content))) == {"A": 3, "B": 3}


def test_months_of_products_are_read(write):
    content = months("Товар", "Чай", "Доставка")
    assert totals(ck.open_book(write("sales.csv", content))) == {"A": 6, "B": 6}


LONG = "date,client,{header},amount\n2024-01-05,A,{first},5\n2024-01-16,A,{second},6\n"


@pytest.mark.parametrize("header", ["KPI", "Measure", "Показатель"])
def test_a_ledger_of_several_measures_is_refused(write, header):
    with pytest.raises(ck.BookError, match=r"column '.+': .* \(revenue, units sold\)"):
        ck.open_book(write("l.csv", LONG.format(header=header, first="revenue", second="units sold")))


@pytest.mark.parametrize(("first", "second"), [("revenue", "Revenue "), ("kg", "pcs"), ("", "revenue")])
def test_one_measure_and_units_of_quantities_are_read(write, first, second):
    book = ck.open_book(write("l.csv", LONG.format(header="Measure", first=first, second=second)))
    assert totals(book) == {"A": 11}


def test_a_measure_that_looks_like_a_person_is_not_shown(write):
    with pytest.raises(ck.BookError, match="•••") as refused:
        ck.open_book(write("l.csv", LONG.format(header="KPI", first="revenue", second="Ivan Petrov")))
    assert "Petrov" not in str(refused.value)
