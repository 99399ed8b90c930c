"""Texts of other tools to what is imported, for the tests beside it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

import yaml

from burnproof.importers import Options, import_files
from burnproof.specs.resolve import slos_from_text

SLOTH = """
version: prometheus/v1
service: shop
slos:
  - name: availability
    objective: {objective}
    sli:
      {sli}
    alerting:
      name: ShopErrors
"""
EVENTS = "events: {{error_query: '{bad}', total_query: '{total}'}}"


@dataclass(frozen=True)
class Result:
    """What an import made of one file."""

    made: object

    @property
    def files(self):
        return self.made.files

    @property
    def codes(self):
        return [problem.code for problem in self.made.problems]

    @property
    def messages(self):
        return "\n".join(f"{problem.message}; {problem.hint}" for problem in self.made.problems)

    @property
    def text(self):
        """The only file."""
        (text,) = self.files.values()
        return text

    @property
    def spec(self):
        """The only file, read by a YAML reader that is not ours."""
        return yaml.load(self.text, Loader=yaml.BaseLoader)  # noqa: S506 - it makes nothing but text

    @property
    def slo(self):
        """The first SLO of the only file, as YAML says it."""
        return self.spec["slos"][0]

    @property
    def slos(self):
        loaded = slos_from_text("spec.yaml", self.text)
        assert loaded.ok, loaded.problems
        return loaded.slos


def imported(tmp_path, text, name="in.yaml", **options) -> Result:
    """Import a text that stands in a file."""
    path = tmp_path / name
    path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
    return Result(import_files([str(path)], Options(**options)))


def of_sloth(tmp_path, bad, total, objective="99.9", **options) -> Result:
    """Import an SLO of Sloth with two queries."""
    sli = EVENTS.format(bad=bad.replace("'", "''"), total=total.replace("'", "''"))
    return imported(tmp_path, SLOTH.format(objective=objective, sli=sli), **options)


def of_raw(tmp_path, ratio, objective="99.9") -> Result:
    """Import an SLO of Sloth with one query."""
    quoted = ratio.replace("'", "''")
    sli = f"raw: {{error_ratio_query: '{quoted}'}}"
    return imported(tmp_path, SLOTH.format(objective=objective, sli=sli))
