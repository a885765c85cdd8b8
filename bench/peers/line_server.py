"""What every peer has in common: settings and orders come in as lines of JSON, answers go out as lines of JSON.

Whatever a tool prints of its own goes to stderr, so that stdout has answers only.
"""

import gc
import json
import os
import sys
import time


def serve(open_tool):
    """Opens a tool and lets it check a table as often as asked.

    `open_tool(settings)` gets it ready (imports, configuration, connection) and returns `prepare(order)`, which gets
    ready for one table and returns `check()`. Only `check()` is timed. It returns the names of failed checks and how
    many were asked.
    """
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    settings = json.loads(sys.stdin.readline())
    prepare = open_tool(settings)
    answers.write(json.dumps({"ready": True}) + "\n")
    for line in sys.stdin:
        check = prepare(json.loads(line))
        began = time.perf_counter()
        asked, failed = check()
        seconds = time.perf_counter() - began
        # What a tool leaves open (Soda Core a transaction, which holds its lock) goes before the answer, untimed.
        del check
        gc.collect()
        answers.write(json.dumps({"seconds": seconds, "asked": asked, "failed": failed}) + "\n")
