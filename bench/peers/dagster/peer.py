"""Dagster as `dagster dev` has it: webserver, daemon, code server, SQLite."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from orchestrator import ask, free_port, measure, start, until  # noqa: E402

home = Path(sys.argv[1]) / "home"
home.mkdir(parents=True, exist_ok=True)
(home / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
port = free_port()
definitions = Path(__file__).parent / "definitions.py"
env = {
    **os.environ,
    "PATH": f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}",
    "DAGSTER_HOME": str(home),
}

LOCATION = """{ repositoriesOrError { ... on RepositoryConnection { nodes { name location { name } } } } }"""
LAUNCH = """mutation ($selector: JobOrPipelineSelector!) {
  launchRun(executionParams: {selector: $selector, runConfigData: {}}) {
    __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }"""
STATUS = """query ($run: ID!) { runOrError(runId: $run) { ... on Run { status } } }"""
selector = {"jobName": "steps"}


def graphql(query, **variables):
    return ask(f"http://127.0.0.1:{port}/graphql", {"query": query, "variables": variables})["data"]


def begin():
    start(["dagster", "dev", "-f", str(definitions), "-p", str(port), "-h", "127.0.0.1"], env, home / "dev.log")
    node = until("Dagster's webserver", lambda: graphql(LOCATION)["repositoriesOrError"]["nodes"][0], every=0.2)
    selector.update(repositoryName=node["name"], repositoryLocationName=node["location"]["name"])


def launch():
    launched = graphql(LAUNCH, selector=selector)["launchRun"]
    if launched["__typename"] != "LaunchRunSuccess":
        raise RuntimeError(str(launched))
    return launched["run"]["runId"]


def ended(run):
    status = graphql(STATUS, run=run)["runOrError"]["status"]
    if status in ("FAILURE", "CANCELED"):
        raise RuntimeError(f"{run} ended with {status}")
    return status == "SUCCESS"


measure(begin, launch, ended)
