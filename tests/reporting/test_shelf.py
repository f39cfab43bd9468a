import json

import pytest

from crmkit import BookError
from crmkit.reporting import manifest
from crmkit.reporting.shelf import Shelf


def publish(out, as_of, files, notebooks):
    with Shelf(out, company="Shop & Co", as_of=as_of) as shelf:
        for name, text in files.items():
            (shelf.draft / name).write_text(text)
        manifest.write(shelf.draft, {"notebooks": notebooks})
        return shelf.publish()


DONE = {"01": {"status": "done", "as_of": "2025-05-31"}}


def test_a_report_is_in_place_only_when_it_is_complete(tmp_path):
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30") as shelf:
        (shelf.draft / "index.html").write_text("x")
        assert not shelf.place.exists()
        manifest.write(shelf.draft, {"notebooks": {}})
        shelf.publish()
    assert [path.name for path in (tmp_path / "shop-co").iterdir()] == ["2025-06-30"]
    assert (shelf.place / "index.html").read_text() == "x"


def test_a_broken_run_leaves_the_old_report_and_nothing_else(tmp_path):
    place = publish(tmp_path, "2025-06-30", {"index.html": "good"}, {})
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30") as shelf:
        (shelf.draft / "index.html").write_text("half")
    assert (place / "index.html").read_text() == "good"
    assert list(place.parent.iterdir()) == [place]


def test_what_others_put_beside_the_report_stays(tmp_path):
    place = publish(tmp_path, "2025-06-30", {"index.html": "1", "old.html": "1"}, {})
    (place / "notes.txt").write_text("mine")
    publish(tmp_path, "2025-06-30", {"index.html": "2"}, {})
    assert sorted(path.name for path in place.iterdir()) == ["index.html", "notes.txt", "run.json"]
    assert (place / "index.html").read_text() == "2"


def test_the_last_good_page_comes_from_the_same_day_or_the_latest_before(tmp_path):
    publish(tmp_path, "2025-04-30", {"01.html": "april"}, {"01": {"as_of": "2025-04-30"}})
    publish(tmp_path, "2025-05-31", {"01.html": "may"}, DONE)
    publish(tmp_path, "2025-08-31", {"01.html": "august"}, {"01": {"as_of": "2025-08-31"}})
    publish(tmp_path, "2025-06-30", {"index.html": "failed"}, {"01": {"status": "failed"}})
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-07-31") as shelf:
        assert shelf.keep_last_good("01") == "2025-05-31"
        assert (shelf.draft / "01.html").read_text() == "may"
        assert shelf.keep_last_good("02") == ""


def test_the_last_good_tables_are_kept_beside_new_ones(tmp_path):
    publish(tmp_path, "2025-06-30", {"plan.xlsx": "good"}, DONE)
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30") as shelf:
        shelf.keep_last_plan()
        assert (shelf.draft / "plan.xlsx").read_text() == "good"
        (shelf.draft / "plan.xlsx").write_text("partial")
        shelf.keep_last_plan()
        assert (shelf.draft / "plan.xlsx").read_text() == "partial"
        assert (shelf.draft / "plan_last_good.xlsx").read_text() == "good"


def test_the_last_good_tables_survive_any_number_of_failed_runs(tmp_path):
    place = publish(tmp_path, "2025-06-30", {"plan.xlsx": "good"}, DONE)
    for _ in range(3):
        with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30") as shelf:
            shelf.keep_last_plan()
            manifest.write(shelf.draft, {"notebooks": {"01": {"status": "failed"}}})
            shelf.publish()
    assert (place / "plan.xlsx").read_text() == "good"


def test_tables_of_a_run_that_failed_itself_are_not_kept_as_good(tmp_path):
    publish(tmp_path, "2025-06-30", {"plan.xlsx": "partial"}, DONE | {"02": {"status": "failed"}})
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30") as shelf:
        shelf.keep_last_plan()
        assert list(shelf.draft.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BookError, match=r"file: reports cannot be written here .*--out"):
        Shelf(tmp_path / "file", company="Shop", as_of="2025-06-30")


def test_a_full_disk_is_told_as_such(tmp_path):
    with (
        pytest.raises(BookError, match=r"could not be written \(No space left\). Nothing was changed"),
        Shelf(tmp_path, company="Shop", as_of="2025-06-30"),
    ):
        raise OSError(28, "No space left")
    assert list((tmp_path / "shop").iterdir()) == []


def test_a_folder_of_something_else_is_not_replaced(tmp_path):
    place = tmp_path / "shop" / "2025-06-30"
    place.mkdir(parents=True)
    (place / "thesis.txt").write_text("mine")
    with pytest.raises(BookError, match="is no report of crmkit: choose another --out"):
        Shelf(tmp_path, company="Shop", as_of="2025-06-30")


def test_verify_says_which_files_are_as_they_were_written(tmp_path):
    source = tmp_path / "orders.csv"
    source.write_text("a")
    with Shelf(tmp_path, company="Shop", as_of="2025-06-30") as shelf:
        for name in ("same.html", "changed.html", "missing.html"):
            (shelf.draft / name).write_text("x")
        inputs = [{"name": "orders.csv", "sha256": manifest.fingerprint(source)}]
        manifest.write(
            shelf.draft, {"notebooks": {}, "inputs": inputs, "parameters": {"source": "orders.csv"}}
        )
        place = shelf.publish()
    (place / "changed.html").write_text("y")
    (place / "missing.html").unlink()
    (place / "added.html").write_text("z")
    found = manifest.verify(place, source=source).set_index("file")["state"]
    expected = ["changed", "missing", "same", "added", "same"]
    assert (
        found.loc[["changed.html", "missing.html", "same.html", "added.html", "orders.csv"]].tolist()
        == expected
    )
    assert manifest.verify(place).set_index("file").loc["orders.csv", "state"] == "not found"
    source.write_text("b")
    assert manifest.verify(place, source=tmp_path).set_index("file").loc["orders.csv", "state"] == "changed"
    with pytest.raises(BookError, match=r"no readable run.json"):
        manifest.verify(tmp_path)


def test_the_record_is_readable_json(tmp_path):
    place = publish(tmp_path, "2025-06-30", {"index.html": "x"}, DONE)
    record = json.loads((place / "run.json").read_text(encoding="utf-8"))
    assert set(record["files"]) == {"index.html"}


def test_a_page_that_shows_names_is_not_kept_by_a_run_that_does_not(tmp_path):
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-05-31", with_names=True) as shelf:
        (shelf.draft / "01.html").write_text("Anna Example")
        manifest.write(shelf.draft, {"notebooks": DONE, "parameters": {"with_names": True}})
        shelf.publish()
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30") as shelf:
        assert shelf.keep_last_good("01") == ""
        assert not (shelf.draft / "01.html").exists()
    with Shelf(tmp_path, company="Shop & Co", as_of="2025-06-30", with_names=True) as shelf:
        assert shelf.keep_last_good("01") == "2025-05-31"
