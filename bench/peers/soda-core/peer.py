"""Soda Core: one scan a time, as a program would embed it."""

import json
import sys
from datetime import datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from line_server import serve  # noqa: E402


def open_tool(settings):
    from soda.scan import Scan

    source = "data_source bench:\n  type: postgres\n  connection:\n    host: {host}\n    port: {port}\n    username: {user}\n    password: {password}\n    database: {database}\n  schema: {schema}\n".format(**settings)

    def checks_of(table):
        return f"""
checks for {table}:
  - missing_count(transaction_id) = 0
  - missing_count(store_id) = 0
  - missing_count(transaction_timestamp) = 0
  - duplicate_count(transaction_id) = 0
  - invalid_count(total_amount) = 0:
      valid min: 0
      valid max: 100000
  - freshness(transaction_timestamp, NOW) < 5m
  - invalid_count(store_id) = 0:
      valid values: {json.dumps(settings["stores"])}
  - row_count between 100000 and 20000000
"""

    def prepare(order):
        scan = Scan()
        scan.disable_telemetry()
        scan.set_data_source_name("bench")
        scan.add_configuration_yaml_str(source)
        scan.add_variables({"NOW": datetime.fromisoformat(settings["asOf"]).strftime("%Y-%m-%d %H:%M:%S+00:00")})
        scan.add_sodacl_yaml_str(checks_of(order["table"]))

        def check():
            scan.execute()
            if scan.has_error_logs():
                raise RuntimeError(scan.get_error_logs_text())
            results = scan.get_scan_results()["checks"]
            return len(results), [one["name"] for one in results if one["outcome"] != "pass"]

        return check

    return prepare


serve(open_tool)
