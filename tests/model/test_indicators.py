"""Every kind of SLI is known to every stage: a kind that one of them leaves out is named here or by mypy."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest

from burnproof.model.indicators import Kind, Unreadable
from burnproof.model.slo import Indicator
from burnproof.specs.checks.run import checks_of
from burnproof.specs.keys.kinds import CLIENT_SIDE, KINDS

ALL = get_args(Indicator)
SAID = ("key", "reads_as", "unguarded")


class Unlisted(Kind):
    """A kind that is neither events nor slices, and that no check is about."""


def _below(cls):
    return {found for sub in cls.__subclasses__() for found in (sub, *_below(sub))}


def test_each_kind_is_in_the_union_that_stages_match():
    """What is not in it, mypy does not ask for."""
    declared = {
        kind.__name__
        for kind in _below(Kind)
        if kind.__module__.startswith("burnproof.") and hasattr(kind, "__match_args__")
    }

    assert declared == {kind.__name__ for kind in ALL}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_kind_says_of_itself_what_stages_ask(kind):
    assert [name for name in SAID if not isinstance(getattr(kind, name, None), str)] == []
    assert not inspect.isabstract(kind)


def test_each_key_under_sli_is_that_of_a_kind():
    assert {row.name for row in KINDS} == {kind.key for kind in ALL} | {CLIENT_SIDE.name}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_kind_is_checked_by_more_than_what_is_said_of_every_objective(kind):
    assert set(checks_of(kind)) > set(checks_of(Unreadable))


def test_a_kind_that_no_check_is_about_is_named():
    with pytest.raises(LookupError, match="Unlisted"):
        checks_of(Unlisted)
