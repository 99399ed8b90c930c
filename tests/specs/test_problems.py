"""Every problem is drawn as its text says, every code has a text, and the page of codes is up to date."""

import pytest

import problem_texts
from burnproof.diagnostics import CODES
from problem_texts import DOCS, FOLDER, parse, run

TEXTS = sorted(FOLDER.glob("*.txt"))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_a_text_gives_its_output_and_exit_code(path):
    case = parse(path.read_text(encoding="utf-8"))

    assert (case.output, case.exit_code) == run(case)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.stem)
def test_every_problem_says_what_to_do(path):
    *blocks, _ = parse(path.read_text(encoding="utf-8")).output.split("\n\n")

    said = [any(line.lstrip().startswith("= ") for line in block.splitlines()) for block in blocks]
    assert [block for block, remedy in zip(blocks, said, strict=True) if not remedy] == []


@pytest.mark.parametrize("code", CODES, ids=lambda code: code.name)
def test_every_code_has_a_text_that_shows_it(code):
    case = parse((FOLDER / f"{code.name}.txt").read_text(encoding="utf-8"))

    assert f"[{code.name}]" in case.output


def test_the_page_of_codes_is_made_from_the_table_and_the_texts():
    assert problem_texts.documentation() == DOCS.read_text(encoding="utf-8")
