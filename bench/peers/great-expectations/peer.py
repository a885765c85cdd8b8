"""Great Expectations: a validation definition over the whole table, its metrics asked anew each time."""

import sys
from datetime import datetime, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from line_server import serve  # noqa: E402


def open_tool(settings):
    import great_expectations as gx
    from great_expectations import expectations as gxe

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    url = "postgresql+psycopg2://{user}:{password}@{host}:{port}/{database}".format(**settings)
    source = context.data_sources.add_postgres("bench", connection_string=url)
    source.get_engine().connect().close()
    oldest = datetime.fromisoformat(settings["asOf"]).replace(tzinfo=None) - timedelta(minutes=5)
    suite = context.suites.add(
        gx.ExpectationSuite(
            name="transactions",
            expectations=[
                gxe.ExpectColumnValuesToNotBeNull(column="transaction_id"),
                gxe.ExpectColumnValuesToNotBeNull(column="store_id"),
                gxe.ExpectColumnValuesToNotBeNull(column="transaction_timestamp"),
                gxe.ExpectColumnValuesToBeUnique(column="transaction_id"),
                gxe.ExpectColumnValuesToBeBetween(column="total_amount", min_value=0, max_value=100000),
                gxe.ExpectColumnMaxToBeBetween(column="transaction_timestamp", min_value=oldest),
                gxe.ExpectColumnValuesToBeInSet(column="store_id", value_set=settings["stores"]),
                gxe.ExpectTableRowCountToBeBetween(min_value=100000, max_value=20000000),
            ],
        )
    )
    definitions = {}

    def definition_of(table):
        if table not in definitions:
            asset = source.add_table_asset(table, table_name=table, schema_name=settings["schema"])
            batch = asset.add_batch_definition_whole_table("whole")
            definition = gx.ValidationDefinition(name=table, data=batch, suite=suite)
            definitions[table] = context.validation_definitions.add(definition)
        return definitions[table]

    def prepare(order):
        definition = definition_of(order["table"])

        def check():
            found = definition.run(result_format=order["mode"])
            failed = [one.expectation_config.type for one in found.results if not one.success]
            return len(found.results), failed

        return check

    return prepare


serve(open_tool)
