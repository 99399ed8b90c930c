"""The compose file and the provisioning files fit what is generated."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from places import PATIENCE

COMPOSE = Path(__file__).parents[2] / "examples" / "compose"
SERVICES = yaml.safe_load((COMPOSE / "compose.yaml").read_text())["services"]


def test_the_four_services_are_there():
    assert set(SERVICES) == {"prometheus", "alertmanager", "grafana", "demo"}


@pytest.mark.parametrize("service", [name for name in SERVICES if SERVICES[name].get("volumes")])
def test_what_is_mounted_is_generated_or_stands_beside_it(service, made):
    made_files = {f"generated/{path}" for path in made.files}
    for volume in SERVICES[service]["volumes"]:
        path = (COMPOSE / volume.split(":")[0]).resolve()
        inside = str(path.relative_to(COMPOSE.parents[1]))
        assert path.exists() or inside in made_files or any(one.startswith(f"{inside}/") for one in made_files), inside


def test_ports_are_open_to_this_machine_alone():
    assert all(port.startswith("127.0.0.1:") for service in SERVICES.values() for port in service.get("ports", ()))


def test_prometheus_takes_its_configuration(tmp_path):
    if shutil.which("promtool") is None:
        pytest.skip("no promtool on the PATH")
    (tmp_path / "rules").mkdir()
    shutil.copy(COMPOSE / "prometheus.yml", tmp_path)

    done = subprocess.run(
        ["promtool", "check", "config", str(tmp_path / "prometheus.yml")],
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_grafana_finds_the_data_source_and_the_dashboards(made):
    source = yaml.safe_load(made.files["dashboards/_datasource.yaml"])["datasources"][0]
    provider = yaml.safe_load(made.files["dashboards/_provider.yaml"])["providers"][0]
    grafana = SERVICES["grafana"]

    assert source["url"].removeprefix("$") in grafana["environment"]
    mounted = [volume.split(":")[1] for volume in grafana["volumes"]]
    assert provider["options"]["path"] in mounted
    assert source["type"] == "prometheus"
