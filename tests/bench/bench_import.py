"""How long the import of a thousand specs of Sloth takes: ``python tests/bench/bench_import.py [COUNT]``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from burnproof.importers import import_files

SPEC = """\
# Objectives of service {number}.
version: prometheus/v1
service: service-{number}
labels:
  owner: team-{team}
slos:
  # One request of a thousand may fail.
  - name: availability
    objective: 99.9
    description: Requests are answered.
    sli:
      events:
        error_query: sum(rate(http_requests_total{{job="service-{number}",code=~"(5..|429)"}}[{{{{.window}}}}]))
        total_query: sum(rate(http_requests_total{{job="service-{number}"}}[{{{{.window}}}}]))
    alerting:
      name: ServiceErrors
      labels:
        category: availability
      annotations:
        summary: High error rate
      page_alert:
        labels: {{severity: pager, routing_key: team-{team}}}
      ticket_alert:
        labels: {{severity: chat}}
"""


def main(count: int) -> None:
    """Write the specs, import them three times, and print the middle of the times."""
    with tempfile.TemporaryDirectory() as folder:
        for number in range(count):
            (Path(folder) / f"{number}.yml").write_text(SPEC.format(number=number, team=number % 20), encoding="utf-8")
        times = []
        for _ in range(3):
            begun, cpu = time.perf_counter(), time.process_time()
            made = import_files([folder])
            times.append((time.process_time() - cpu, time.perf_counter() - begun))
        used, passed = sorted(times)[1]
    print(f"{len(made.objectives)} SLOs of {count} files: {used:.2f} s of CPU, {passed:.2f} s")  # noqa: T201


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
