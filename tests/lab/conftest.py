"""What tests of the lab share."""

from __future__ import annotations

import pytest

from burnproof.specs.resolve import read_slos
from places import ROOT


@pytest.fixture(scope="session")
def processor():
    """SLOs of one of the services, by their ids."""
    return {slo.id: slo for slo in read_slos([str(ROOT / "slos" / "processor.yaml")]).slos}
