"""`burnproof import` and `burnproof export` as a user runs them: files, exit codes, words."""

from __future__ import annotations

import pytest

SPEC = """\
version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(bad_total[{{.window}}]))
        total_query: sum(rate(all_total[{{.window}}]))
    alerting:
      name: ShopErrors
"""


@pytest.fixture
def sloth(tmp_path):
    path = tmp_path / "sloth.yml"
    path.write_text(SPEC)
    return path


def test_specs_are_written_and_compile(sloth, burnproof, tmp_path):
    done = burnproof("import", "sloth.yml", "--write", "slos", check=0)

    assert "1 SLO in 1 file in slos. Next: burnproof check slos" in done.stderr
    assert (tmp_path / "slos" / "shop.yaml").read_text().startswith("version: burnproof/v1\n")
    burnproof("generate", "--compat", "sloth", check=0)
    assert "sloth_id" in (tmp_path / "generated" / "rules" / "shop.yaml").read_text()


def test_without_a_folder_specs_are_printed(sloth, burnproof):
    done = burnproof("import", "sloth.yml", "--scrape-interval", "30s", check=0)

    assert "scrape_interval: 30s\n" in done.stdout


def test_a_file_that_says_something_else_is_never_overwritten(sloth, burnproof, tmp_path):
    burnproof("import", "sloth.yml", "--write", "slos", check=0)
    burnproof("import", "sloth.yml", "--write", "slos", check=0)
    (tmp_path / "slos" / "shop.yaml").write_text("mine")

    done = burnproof("import", "sloth.yml", "--write", "slos", check=2)

    assert "nothing was written, for these exist in slos: shop.yaml" in done.stderr
    assert (tmp_path / "slos" / "shop.yaml").read_text() == "mine"


def test_what_is_refused_leaves_the_others_and_exits_with_1(sloth, burnproof, tmp_path):
    sloth.write_text(
        SPEC + SPEC.partition("slos:\n")[2].replace("availability", "b").replace("all_total[", "all_total{[")
    )

    done = burnproof("import", "sloth.yml", "--write", "slos", check=1)

    assert "1 refused" in done.stderr
    assert "sloth.yml:17:22: error: the query does not parse" in done.stderr
    assert (tmp_path / "slos" / "shop.yaml").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("missing.yml",),
        ("sloth.yml", "--period", "month"),
        ("sloth.yml", "--rules", "missing.yaml"),
        ("sloth.yml", "--rules", "sloth.yml"),
        (),
    ],
)
def test_what_cannot_be_carried_out_exits_with_2(sloth, burnproof, arguments):
    burnproof("import", *arguments, check=2)


def test_check_names_the_import(sloth, burnproof):
    done = burnproof("check", "sloth.yml", check=1)

    assert "burnproof import sloth.yml --write slos" in done.stdout


def test_export_and_back(sloth, burnproof, tmp_path):
    burnproof("import", "sloth.yml", "--write", "slos", check=0)
    burnproof("export", "openslo", "--write", "openslo", check=0)
    burnproof("import", "openslo", "--write", "again", check=0)

    assert "total: all_total" in (tmp_path / "again" / "shop.yaml").read_text()
    assert burnproof("export", "openslo", check=0).stdout == (tmp_path / "openslo" / "shop.yaml").read_text()


def test_an_export_of_broken_specs_says_so(burnproof, tmp_path):
    (tmp_path / "slos").mkdir()
    (tmp_path / "slos" / "x.yaml").write_text("version: burnproof/v1\n")

    assert "Nothing was exported" in burnproof("export", "openslo", check=1).stderr
