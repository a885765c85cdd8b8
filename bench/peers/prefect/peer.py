"""Prefect as its own quick start has it: a server, and a flow that is served; SQLite."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from orchestrator import ask, free_port, measure, start, until  # noqa: E402

home = Path(sys.argv[1])
port = free_port()
url = f"http://127.0.0.1:{port}/api"
env = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    "PREFECT_HOME": str(home / "prefect"),
    "PREFECT_API_URL": url,
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
}
found = {}


def begin():
    start(["prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)], env, home / "server.log")
    until("Prefect's server", lambda: ask(f"{url}/health"), every=0.2)
    start([sys.executable, str(Path(__file__).parent / "flow.py")], env, home / "serve.log")

    def ready():
        found["deployment"] = ask(f"{url}/deployments/name/steps/steps")
        return found["deployment"]["status"] == "READY"

    until("its flow", ready, every=0.2)


def launch():
    return ask(f"{url}/deployments/{found['deployment']['id']}/create_flow_run", {})["id"]


def ended(run):
    state = ask(f"{url}/flow_runs/{run}")["state_type"]
    if state in ("FAILED", "CRASHED", "CANCELLED"):
        raise RuntimeError(f"{run} ended with {state}")
    return state == "COMPLETED"


measure(begin, launch, ended)
