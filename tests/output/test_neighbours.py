"""Single specs never take away what their neighbours compile to; what is removed is named."""

from __future__ import annotations

import pytest

SPEC = """version: burnproof/v1
service: SERVICE
slos:
  - name: availability
    objective: 99.9%
    sli: {ratio: {total: 'requests_total{job="SERVICE"}', bad: 'requests_total{job="SERVICE",code=~"5.."}'}}
"""


@pytest.fixture
def made(burnproof, tmp_path):
    """A folder of three specs and what they compile to."""
    for service in ("api", "web", "shop"):
        folder = tmp_path / "slos" / ("team" if service == "shop" else "")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{service}.yaml").write_text(SPEC.replace("SERVICE", service))
    burnproof("generate", check=0)
    return tmp_path / "generated"


def snapshot(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["slos/api.yaml"], "slos/team/shop.yaml, slos/web.yaml"),
        (["slos/api.yaml", "--check"], "slos/team/shop.yaml, slos/web.yaml"),
        (["slos/api.yaml", "slos/team"], "this run: slos/web.yaml "),
        (["slos/team/shop.yaml"], "slos/api.yaml, slos/web.yaml"),
        (["slos/web.yaml", "--only", "alertmanager"], "slos/api.yaml"),
        (["-"], "slos/api.yaml"),
    ],
    ids=" ".join,
)
def test_single_specs_do_not_take_away_the_others_files(burnproof, made, arguments, named):
    before = snapshot(made)

    done = burnproof("generate", *arguments, check=2)

    assert named in done.stderr
    assert "Compile the folder: burnproof generate slos/" in done.stderr
    assert snapshot(made) == before


def test_a_service_of_two_files_is_not_halved(burnproof, made, tmp_path):
    more = SPEC.replace("SERVICE", "api").replace("availability", "other")
    (tmp_path / "slos" / "more.yaml").write_text(more)
    burnproof("generate", check=0)
    for name in ("web.yaml", "team/shop.yaml"):
        (tmp_path / "slos" / name).unlink()

    assert "slos/more.yaml" in burnproof("generate", "slos/api.yaml", check=2).stderr


@pytest.mark.parametrize("arguments", [["slos"], ["./slos/"], ["slos/api.yaml", "slos"], []], ids=str)
def test_folders_are_whole(burnproof, made, arguments):
    assert " 0 written" in burnproof("generate", *arguments, check=0).stderr


def test_elsewhere_a_single_spec_may_go(burnproof, made):
    burnproof("generate", "slos/api.yaml", "-o", "one", check=0)

    assert " 0 written" in burnproof("generate", "slos/api.yaml", "-o", "one", check=0).stderr


def test_files_of_specs_that_are_gone_are_removed_and_named(burnproof, made, tmp_path):
    (tmp_path / "slos" / "web.yaml").unlink()
    (tmp_path / "slos" / "team" / "shop.yaml").unlink()

    done = burnproof("generate", "slos/api.yaml", check=0)

    assert not (made / "rules" / "web.yaml").exists()
    assert "removed generated/rules/web.yaml\n" in done.stderr


def test_an_edited_copy_is_named_when_it_is_removed(burnproof, made):
    rules = (made / "rules" / "web.yaml").read_text()
    for number in range(12):
        (made / "rules" / f"my-own-{number:02}.yaml").write_text(rules + "# mine\n")

    done = burnproof("generate", check=0)

    assert "removed generated/rules/my-own-00.yaml\n" in done.stderr
    assert "removed generated/rules/my-own-09.yaml\nremoved 2 more\n" in done.stderr
    (made / "rules" / "my-own.yaml").write_text(rules)
    assert burnproof("generate", "--quiet", check=0).stderr == ""


def test_what_an_earlier_run_noted_does_not_hide_the_neighbours(burnproof, made, tmp_path):
    """The ledger knows of `--only rules` of one spec; the pages of both came later."""
    cache = {"BURNPROOF_CACHE": str(tmp_path / "cache")}
    one = ("generate", "slos/api.yaml", "--only", "rules", "-o", "out")
    burnproof(*one, env=cache, check=0)
    burnproof("generate", "--only", "runbooks", "-o", "out", env=cache, check=0)

    assert "not part of this run" in burnproof(*one, env=cache, check=2).stderr
    assert "not part of this run" in burnproof(*one, check=2).stderr


def test_a_spec_that_is_not_there_is_what_the_message_is_about(burnproof, made):
    assert "there is no file or folder slos/wep.yaml" in burnproof("generate", "slos/wep.yaml").stderr
