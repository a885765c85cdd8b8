"""Loads Weir's results and suites with the real Great Expectations and prints what it made of them.

Reads JSON lines, {"name", "kind": "result" | "suite" | "site" | "export", "text"}, prints one line each:
{"name", "problems": [..], and of a result "success", "failed", "severity", "page" (its length) and more}.
"""

import json
import logging
import os
import sys
import tempfile
import warnings

os.environ["GX_ANALYTICS_ENABLED"] = "false"
warnings.simplefilter("ignore")

import great_expectations as gx
from great_expectations.core.expectation_suite import ExpectationSuite, expectationSuiteSchema
from great_expectations.core.expectation_validation_result import expectationSuiteValidationResultSchema
from great_expectations.core.run_identifier import RunIdentifier
from great_expectations.data_context.store import ValidationResultsStore
from great_expectations.data_context.types.resource_identifiers import (
    ExpectationSuiteIdentifier,
    ValidationResultIdentifier,
)
from great_expectations.render.renderer import ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView


class Complaints(logging.Handler):
    """What Great Expectations only logs where it cannot render something."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.said = []

    def emit(self, record):
        self.said.append(record.getMessage().split("Traceback")[0][:400])


complaints = Complaints()
logging.getLogger().addHandler(complaints)


def refuse_constant(name):
    raise ValueError(f"{name} is no JSON")


def differences(ours, theirs, at=""):
    """Where what Great Expectations writes back is other than what it was given; a null that it drops is none."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in {**ours, **theirs}:
            if ours.get(key) is None and theirs.get(key) is None:
                continue
            if key not in ours and theirs[key] in ({}, []):
                continue
            found += differences(ours.get(key), theirs.get(key), f"{at}/{key}")
        return found
    if isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs):
        return [one for place, pair in enumerate(zip(ours, theirs)) for one in differences(*pair, f"{at}/{place}")]
    return [] if ours == theirs else [f"{at}: {ours!r} became {theirs!r}"[:300]]


def load_result(text, folder):
    given = json.loads(text, parse_constant=refuse_constant)
    loaded = expectationSuiteValidationResultSchema.load(given)
    problems = differences(given, loaded.to_json_dict())
    severity = loaded.get_max_severity_failure()
    loaded.describe()
    store = ValidationResultsStore(
        store_backend={"class_name": "TupleFilesystemStoreBackend", "base_directory": folder}
    )
    run = loaded.meta["run_id"]
    key = ValidationResultIdentifier(
        ExpectationSuiteIdentifier(loaded.suite_name),
        RunIdentifier(run_name=run["run_name"], run_time=run["run_time"]),
        loaded.batch_id or loaded.asset_name,
    )
    # The file as Weir wrote it, where the store keeps such a result.
    path = os.path.join(folder, *key.to_tuple()) + ".json"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    stored = store.get(key)
    if stored.to_json_dict() != loaded.to_json_dict():
        problems.append("the store gave another result back")
    if key.to_tuple() not in [known.to_tuple() for known in store.list_keys()]:
        problems.append("the store does not list the result")
    page = ""
    try:
        page = DefaultJinjaPageView().render(ValidationResultsPageRenderer().render(stored))
    except Exception as error:
        problems.append(f"its page: {type(error).__name__}: {error}"[:600])
    return problems, {
        "success": loaded.success,
        "evaluated": loaded.statistics["evaluated_expectations"],
        "failed": len(loaded.get_failed_validation_results().results),
        "severity": severity and severity.value,
        "asset": loaded.asset_name,
        "page": len(page),
    }


def build_site(text, folder):
    """Puts the result where a project of Great Expectations keeps them, and has it build its pages."""
    context = gx.get_context(mode="file", project_root_dir=folder)
    loaded = expectationSuiteValidationResultSchema.loads(text)
    run = loaded.meta["run_id"]
    key = ValidationResultIdentifier(
        ExpectationSuiteIdentifier(loaded.suite_name), RunIdentifier(**run), loaded.asset_name
    )
    backend = context.validation_results_store.store_backend
    path = os.path.join(backend.full_base_directory, *key.to_tuple()) + ".json"
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    context.build_data_docs()
    pages = [os.path.join(where, name) for where, _, names in os.walk(folder) for name in names if name.endswith(".html")]
    about = [open(page, encoding="utf-8").read() for page in pages if "validations" in page]
    problems = [] if len(about) == 1 and loaded.asset_name in about[0] else [f"no page about it among {pages}"]
    return problems, {"evaluated": loaded.statistics["evaluated_expectations"]}


def build_export(folder):
    """Opens what `weir docs export` wrote as the project that it is, and has it build its pages."""
    context = gx.get_context(mode="file", project_root_dir=folder)
    suites = [suite.name for suite in context.suites.all()]
    results = context.validation_results_store.list_keys()
    for key in results:
        context.validation_results_store.get(key)
    index = list(context.build_data_docs().values())[0]
    site = os.path.join(folder, "gx", "uncommitted", "data_docs", "local_site")
    pages = [os.path.join(where, name) for where, _, names in os.walk(site) for name in names if name.endswith(".html")]
    texts = {os.path.relpath(page, site): open(page, encoding="utf-8").read() for page in pages}
    about = [name for name in texts if name.startswith("validations")]
    problems = [] if len(about) == len(results) else [f"{len(about)} pages of {len(results)} results"]
    return problems, {"suites": sorted(suites), "results": len(results), "index": index, "pages": texts}


def load_suite(text):
    given = json.loads(text)
    suite = ExpectationSuite(**expectationSuiteSchema.load(given))
    problems = []
    if len(suite.expectations) != len(given["expectations"]):
        problems.append(f"{len(suite.expectations)} of {len(given['expectations'])} expectations were taken")
    kept = [one["type"] for one in expectationSuiteSchema.dump(suite)["expectations"]]
    if kept != [one["type"] for one in given["expectations"]]:
        problems.append("the expectations came back in another order")
    return problems, {"evaluated": len(suite.expectations)}


def main():
    print(json.dumps({"version": gx.__version__}))
    for line in sys.stdin:
        one = json.loads(line)
        complaints.said.clear()
        said = {}
        try:
            with tempfile.TemporaryDirectory() as folder:
                if one["kind"] == "suite":
                    problems, said = load_suite(one["text"])
                elif one["kind"] == "export":
                    problems, said = build_export(one["text"])
                else:
                    problems, said = (build_site if one["kind"] == "site" else load_result)(one["text"], folder)
        except Exception as error:
            problems = [f"{type(error).__name__}: {error}"[:600]]
        print(json.dumps({"name": one["name"], "problems": problems + complaints.said, **said}))


main()
