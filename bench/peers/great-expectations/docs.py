"""Builds Great Expectations' data docs of a folder that `weir docs export` wrote; prints seconds, suites and results."""

import json
import os
import sys
import time

os.environ["GX_ANALYTICS_ENABLED"] = "false"

import great_expectations as gx  # noqa: E402

folder = sys.argv[1]
context = gx.get_context(mode="file", project_root_dir=folder)
began = time.perf_counter()
context.build_data_docs()
seconds = time.perf_counter() - began
site = os.path.join(folder, "gx", "uncommitted", "data_docs", "local_site")
pages = [name for where, _, names in os.walk(site) for name in names if name.endswith(".html")]
print(json.dumps({"seconds": seconds, "pages": len(pages), "results": len(context.validation_results_store.list_keys())}))
