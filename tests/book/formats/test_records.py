import pytest

from crmkit.book.formats.records import SPACES, Style, records, split_line

PLAIN = Style()


def cells(text, style=PLAIN, width=3):
    return [record.cells for record in records(text.split("\n"), style, width)]


def test_quoted_cells_hold_delimiters_doubled_marks_and_lines():
    assert cells('A,"1,5","5"" pipe"') == [["A", "1,5", '5" pipe']]
    assert cells('A,1,"x\n\ny, z"\nB,2,c') == [["A", "1", "x\n\ny, z"], ["B", "2", "c"]]
    assert cells('A, "1,5" ,c') == [["A", "1,5", "c"]]
    assert cells('"","",""') == [["", "", ""]]


def test_a_mark_inside_a_cell_is_part_of_it():
    assert cells('A,5" pipe,c') == [["A", '5" pipe', "c"]]
    (record,) = records(['A,"the "new" one",c'], Style(), 3)
    assert record.cells == ["A", 'the "new" one', "c"]
    assert record.mended


@pytest.mark.parametrize(
    "text",
    [
        'A,"x,1\nB,y,2\nC,z,3',
        'A,"x,1\nB,y,2\nC,"z,3',
        'A,"x,1\nB,y,2\nC,"z",3',
        'A,"x,1\nB,"y",2\nC,"z",3',
    ],
)
def test_a_mark_that_is_not_closed_swallows_no_rows(text):
    found = list(records(text.split("\n"), Style(), 3))
    assert [record.cells for record in found] == [["A", "x", "1"], ["B", "y", "2"], ["C", "z", "3"]]
    assert found[0].mended


def test_lines_that_can_be_one_row_or_several_are_doubtful():
    found = list(records(['A,1,"x', 'B,2,y"', "C,3,z"], Style(), 3))
    assert [record.doubtful for record in found] == [True, True, False]


def test_backslashes_and_single_marks():
    assert cells(r'A,"say \"hi\", ok",c', Style(backslash=True)) == [["A", 'say "hi", ok', "c"]]
    assert cells("'A','1,5','it''s'", Style(quote="'")) == [["A", "1,5", "it's"]]


def test_rows_in_quotation_marks_as_a_whole_are_unwrapped():
    assert cells('"A,1,2"\n"B,""1,5"",2"') == [["A", "1", "2"], ["B", "1,5", "2"]]
    assert cells('"A, B"', width=1) == [["A, B"]]


def test_runs_of_spaces_are_one_delimiter():
    style = Style(SPACES)
    assert cells('A   1\t 2\n  B 1    "x y"', style) == [["A", "1", "2"], ["B", "1", "x y"]]


def test_many_marks_that_are_not_closed_take_no_time():
    lines = ['A,"x,1'] * 5000
    assert [record.cells for record in records(lines, Style(), 3)] == [["A", "x", "1"]] * 5000
    assert split_line('"' * 100_001, Style())[1]
