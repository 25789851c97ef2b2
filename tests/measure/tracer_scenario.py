"""Runs under CPython 3.12+ (the tests may run on an older one): traces the package given on the command line and prints what was seen.

Arguments: the package's folder, then `latency` or `heap`.
"""

import gc
import importlib
import json
import sys
import tracemalloc
from pathlib import Path
from time import perf_counter_ns

from rlm_lsp.model.measure.tracer import HeapTracer, LatencyTracer

root = Path(sys.argv[1])
sys.path.insert(0, str(root.parent))
heap = sys.argv[2] == "heap"
tracer: HeapTracer | LatencyTracer = HeapTracer(str(root), 10) if heap else LatencyTracer(str(root), 40)

work = importlib.import_module("sample.work")  # the package under trace, from the folder given
test_work = importlib.import_module("sample.tests.test_work")

gc.disable()
plain = []
for _ in range(5):
    start = perf_counter_ns()
    work.many(2000)
    plain.append((perf_counter_ns() - start) * 1e-9)
if isinstance(tracer, LatencyTracer):
    tracer.calibrate()
else:
    tracemalloc.start(1)
tracer.start()
try:
    test_work.run()
finally:
    tracer.stop()
functions = {
    profile.code.co_qualname: {
        "entered": profile.entered,
        "open": profile.open,
        "calls": [[call.args, call.value if heap else call.value * 1e-9, call.share] for call in tracer.calls(profile)],
    }
    for profile in tracer.profiles.values()
}
print(json.dumps({"plain_many": min(plain), "functions": functions, "stack": len(tracer.stack)}))
