"""What burnproof can write, each kind into a folder of its name."""

from __future__ import annotations

KINDS = ("rules", "tests", "dashboards", "alertmanager", "runbooks")
