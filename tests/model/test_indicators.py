"""Every kind of SLI is known to every stage: a kind that one of them leaves out is named here."""

from __future__ import annotations

import inspect
from typing import get_args

import pytest

from burnproof.model.indicators import Indicator, Kind
from burnproof.pages.indicators import indicator_panel
from burnproof.proofs.series.generators import own_feed
from burnproof.rules.kinds import measure_of
from burnproof.specs.checks import checks_of
from burnproof.specs.keys.kinds import CLIENT_SIDE, KINDS

ALL = get_args(Indicator)
STAGES = (measure_of, own_feed, indicator_panel)
SAID = ("key", "reads_as", "unguarded")


def test_each_kind_is_one_of_the_union():
    classes = {kind for kind in _below(Kind) if kind.__module__ == Kind.__module__ and "__dataclass_fields__" in vars(kind)}

    assert classes == set(ALL)


def _below(cls):
    return {found for sub in cls.__subclasses__() for found in (sub, *_below(sub))}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_kind_says_of_itself_what_stages_ask(kind):
    assert [name for name in SAID if not isinstance(getattr(kind, name, None), str)] == []
    assert not inspect.isabstract(kind)


def test_each_key_under_sli_is_that_of_a_kind():
    assert {row.name for row in KINDS} == {kind.key for kind in ALL} | {CLIENT_SIDE.name}


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: kind.__name__)
def test_a_kind_has_checks_of_its_own_family(kind):
    assert len(checks_of(kind)) > len(checks_of(_Unlisted.unreadable))


class _Unlisted(Kind):
    from burnproof.model.indicators import Unreadable as unreadable  # noqa: N813, PLC0415 - a stand-in for none


def test_a_kind_that_no_check_is_about_is_named():
    with pytest.raises(LookupError, match="_Unlisted"):
        checks_of(_Unlisted)
