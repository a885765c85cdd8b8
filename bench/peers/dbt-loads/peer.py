"""dbt-core: an hour's load as an incremental model, merged and then tested, on a manifest parsed beforehand."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from line_server import serve  # noqa: E402

MACROS = """
{% macro generate_schema_name(custom_schema_name, node) %}{{ custom_schema_name }}{% endmacro %}
{% test in_range(model, column_name, lowest, highest) %}
select * from {{ model }} where {{ column_name }} < {{ lowest }} or {{ column_name }} > {{ highest }}
{% endtest %}
{% test newest_at_least(model, column_name, oldest) %}
select newest from (select max({{ column_name }}) as newest from {{ model }}) as found
where newest is null or newest < '{{ oldest }}'::timestamptz at time zone 'UTC' - interval '60 minutes'
{% endtest %}
{% test unique_together(model, columns) %}
select {{ columns | join(', ') }} from {{ model }} group by {{ columns | join(', ') }} having count(*) > 1
{% endtest %}
"""


def in_range(lowest, highest):
    return {"in_range": {"arguments": {"lowest": lowest, "highest": highest}}}


def transactions(settings):
    stores = {"relationships": {"arguments": {"to": "source('gold', 'dim_stores')", "field": "store_id"}}}
    newest = {"newest_at_least": {"arguments": {"oldest": settings["asOf"]}}}
    return {
        "name": "stg_transactions",
        "columns": [
            {"name": "transaction_id", "data_tests": ["not_null", "unique"]},
            {"name": "store_id", "data_tests": ["not_null", stores]},
            {"name": "transaction_timestamp", "data_tests": ["not_null", newest]},
            {"name": "transaction_date", "data_tests": ["not_null"]},
            {"name": "transaction_hour", "data_tests": ["not_null", in_range(0, 23)]},
            {"name": "total_amount", "data_tests": [in_range(0, 100000)]},
            {"name": "item_count", "data_tests": ["not_null"]},
        ],
    }


def daily_sales():
    key = {"unique_together": {"arguments": {"columns": ["transaction_date", "store_id"]}}}
    return {
        "name": "fct_daily_sales",
        "data_tests": [key],
        "columns": [
            {"name": "daily_sales_key", "data_tests": ["not_null", "unique"]},
            {"name": "transaction_date", "data_tests": ["not_null"]},
            {"name": "store_id", "data_tests": ["not_null"]},
            {"name": "transaction_count", "data_tests": ["not_null", in_range(1, 1000000000)]},
            {"name": "gross_sales", "data_tests": ["not_null", in_range(0, 1000000000000)]},
            {"name": "store_name", "data_tests": ["not_null"]},
        ],
    }


def write_project(settings):
    folder = Path(settings["folder"])
    (folder / "models").mkdir(parents=True, exist_ok=True)
    (folder / "macros").mkdir(parents=True, exist_ok=True)
    target = {key: settings[key] for key in ("host", "user", "password")}
    target.update(type="postgres", schema="bench", port=int(settings["port"]), dbname=settings["database"], threads=4)
    project = {"name": "bench", "version": "1.0", "profile": "bench"}
    project["flags"] = {"require_generic_test_arguments_property": True}
    sources = [
        {"name": "bronze", "schema": "bronze", "tables": [{"name": "raw_transactions"}]},
        {"name": "gold", "schema": "gold", "tables": [{"name": "dim_stores"}]},
    ]
    described = {"version": 2, "sources": sources, "models": [transactions(settings), daily_sales()]}
    # JSON is YAML, and needs no library here.
    for name, content in {
        "dbt_project.yml": project,
        "profiles.yml": {"bench": {"target": "bench", "outputs": {"bench": target}}},
        "models/models.yml": described,
    }.items():
        path = folder / name
        path.touch(mode=0o600)
        path.write_text(json.dumps(content))
    (folder / "macros" / "checks.sql").write_text(MACROS)
    for name, text in settings["models"].items():
        (folder / "models" / f"{name}.sql").write_text(text)
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
            ran = runner.invoke(["build", "--select", order["model"], *common])
            if ran.exception is not None:
                raise ran.exception
            failed = [f"{one.node.name}: {one.message}" for one in ran.result if one.status not in ("pass", "success")]
            return len(ran.result), failed

        return check

    return prepare


serve(open_tool)
