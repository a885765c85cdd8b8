"""Ten steps that do nothing, one after the other, in one process: a process a step takes some 4 s each."""

from dagster import Definitions, In, Nothing, in_process_executor, job, op


def step(number):
    @op(name=f"step_{number}", ins={"before": In(Nothing)} if number > 0 else {})
    def nothing():
        pass

    return nothing


made = [step(number) for number in range(10)]


@job(executor_def=in_process_executor)
def steps():
    last = made[0]()
    for one in made[1:]:
        last = one(before=last)


defs = Definitions(jobs=[steps])
