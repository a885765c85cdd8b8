"""Airflow as `airflow standalone` has it: API server, scheduler with LocalExecutor, DAG processor, triggerer, SQLite."""

import json
import os
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from orchestrator import ask, free_port, measure, start, until  # noqa: E402

home = Path(sys.argv[1])
port = free_port()
url = f"http://127.0.0.1:{port}"
env = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    "AIRFLOW_HOME": str(home),
    "AIRFLOW__CORE__DAGS_FOLDER": str(Path(__file__).parent / "dags"),
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{url}/execution/",
    "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
    "AIRFLOW__API__PORT": str(port),
    "AIRFLOW__API__BASE_URL": url,
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
}
headers = {}


def begin():
    start(["airflow", "standalone"], env, home / "standalone.log")
    token = until("Airflow's API", lambda: ask(f"{url}/auth/token")["access_token"], every=0.2)
    headers["authorization"] = f"Bearer {token}"
    until("its scheduler", lambda: ask(f"{url}/api/v2/monitor/health")["scheduler"]["status"] == "healthy", every=0.2)
    until("its DAG", lambda: ask(f"{url}/api/v2/dags/steps", headers=headers)["is_paused"] is False, every=0.2)


def launch():
    return ask(f"{url}/api/v2/dags/steps/dagRuns", {"logical_date": None}, headers)["dag_run_id"]


def ended(run):
    state = ask(f"{url}/api/v2/dags/steps/dagRuns/{run}", headers=headers)["state"]
    if state == "failed":
        raise RuntimeError(f"{run} failed")
    return state == "success"


# What an installation does once; it also compiles the modules.
subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
measure(begin, launch, ended)
