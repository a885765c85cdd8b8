"""Ten steps that do nothing, one after the other."""

from prefect import flow, task


@task
def nothing():
    pass


@flow(name="steps", log_prints=False)
def steps():
    for _ in range(10):
        nothing()


if __name__ == "__main__":
    steps.serve(name="steps", limit=20)
