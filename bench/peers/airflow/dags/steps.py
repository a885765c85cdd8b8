"""Ten steps that do nothing, one after the other."""

from airflow.sdk import chain, dag, task


@dag(schedule=None, catchup=False, is_paused_upon_creation=False, max_active_runs=20, max_active_tasks=64)
def steps():
    @task
    def nothing():
        pass

    chain(*[nothing.override(task_id=f"step_{number}")() for number in range(10)])


steps()
