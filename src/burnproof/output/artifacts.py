"""List what burnproof can write; each kind has a folder of its name."""

from __future__ import annotations

KINDS = ("rules", "tests", "dashboards", "alertmanager", "runbooks")
