"""Read fields of PromQL; loaded with the first such field, since specs of load tests have none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from promrules.lazy_names import lazy_names

if TYPE_CHECKING:
    from burnproof.specs.keys.promql.fields import read_counter, read_panel_query, read_query

__all__ = ["read_counter", "read_panel_query", "read_query"]

__getattr__ = lazy_names(__name__, {"burnproof.specs.keys.promql.fields": __all__})
