"""dbt-core: its tests of a source, on a manifest parsed beforehand."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from line_server import serve  # noqa: E402

MACROS = """
{% test in_range(model, column_name, lowest, highest) %}
select * from {{ model }} where {{ column_name }} < {{ lowest }} or {{ column_name }} > {{ highest }}
{% endtest %}
{% test newest_at_least(model, column_name, oldest) %}
select newest from (select max({{ column_name }}) as newest from {{ model }}) as found
where newest is null or newest < '{{ oldest }}'::timestamptz at time zone 'UTC' - interval '5 minutes'
{% endtest %}
{% test row_count_between(model, least, most) %}
select counted from (select count(*) as counted from {{ model }}) as found
where counted not between {{ least }} and {{ most }}
{% endtest %}
"""


def source_of(settings):
    values = {"arguments": {"values": settings["stores"]}}
    columns = [
        {"name": "transaction_id", "data_tests": ["not_null", "unique"]},
        {"name": "store_id", "data_tests": ["not_null", {"accepted_values": values}]},
        {
            "name": "transaction_timestamp",
            "data_tests": ["not_null", {"newest_at_least": {"arguments": {"oldest": settings["asOf"]}}}],
        },
        {
            "name": "total_amount",
            "data_tests": [{"in_range": {"arguments": {"lowest": 0, "highest": 100000}}}],
        },
    ]
    counted = [{"row_count_between": {"arguments": {"least": 100000, "most": 20000000}}}]
    tables = [{"name": table, "data_tests": counted, "columns": columns} for table in settings["tables"]]
    return {"version": 2, "sources": [{"name": "bench", "schema": settings["schema"], "tables": tables}]}


def write_project(settings):
    folder = Path(settings["folder"])
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "tests" / "generic").mkdir(parents=True, exist_ok=True)
    target = {key: settings[key] for key in ("host", "user", "password", "schema")}
    target.update(type="postgres", port=int(settings["port"]), dbname=settings["database"], threads=4)
    project = {"name": "bench", "version": "1.0", "profile": "bench"}
    project["flags"] = {"require_generic_test_arguments_property": True}
    # JSON is YAML, and needs no library here.
    for name, content in {
        "dbt_project.yml": project,
        "profiles.yml": {"bench": {"target": "bench", "outputs": {"bench": target}}},
        "models/source.yml": source_of(settings),
    }.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(json.dumps(content))
    (folder / "tests" / "generic" / "checks.sql").write_text(MACROS)
    return str(folder)


def open_tool(settings):
    folder = write_project(settings)
    from dbt.cli.main import dbtRunner

    common = ["--project-dir", folder, "--profiles-dir", folder, "--quiet", "--no-version-check"]
    parsed = dbtRunner().invoke(["parse", *common])
    if not parsed.success:
        raise RuntimeError(str(parsed.exception or "dbt cannot parse the project"))
    runner = dbtRunner(manifest=parsed.result)

    def prepare(order):
        def check():
            ran = runner.invoke(["test", "--select", f"source:bench.{order['table']}", *common])
            if ran.exception is not None:
                raise ran.exception
            return len(ran.result), [one.node.name for one in ran.result if one.status != "pass"]

        return check

    return prepare


serve(open_tool)
