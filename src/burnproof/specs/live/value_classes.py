"""Values of labels that come from a known set, such as HTTP's status codes: one that is not there today may come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from promrules.syntax.labels import predicate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from promrules.syntax.nodes import Matcher

_GRPC: Final = """OK Canceled Unknown InvalidArgument DeadlineExceeded NotFound AlreadyExists PermissionDenied
ResourceExhausted FailedPrecondition Aborted OutOfRange Unimplemented Internal Unavailable DataLoss Unauthenticated"""
CLASSES: Final = (
    frozenset(map(str, range(100, 600))),
    frozenset(f"{first}xx" for first in range(1, 6)),
    frozenset(f"{first}XX" for first in range(1, 6)),
    frozenset(_GRPC.split()),
    frozenset(map(str, range(17))),
)
"""Status codes of HTTP (RFC 9110, 15), their classes, and gRPC's codes by name and number (grpc/status.h)."""


def of_a_class(matcher: Matcher, values: Sequence[str]) -> bool:
    """Tell whether a matcher takes a value of the very set that all values of a label come from."""
    there = {value for value in values if value}
    accepts = predicate(matcher)
    return bool(there) and any(there <= known and any(map(accepts, known)) for known in CLASSES)
