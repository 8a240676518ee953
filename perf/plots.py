"""Pictures (PNG) of what was measured."""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

import matplotlib as mpl

from perf.load import Measurement, percentile

mpl.use("agg")
import matplotlib.pyplot as plt

PERCENTS = [number / 10 for number in range(1001)]


def timelines(measurements: Mapping[str, Measurement]) -> bytes:
    """For each run, the answers over time by kind, and the latency below which a share of the answers stays."""

    def draw(axes: Any) -> None:
        for (timeline, latency), (run, measurement) in zip(axes, measurements.items(), strict=True):
            for kind in measurement.latencies:
                times = sorted(ended_at for ended_at, which in measurement.ended_at if which == kind)
                timeline.step([0, *times], range(len(times) + 1), where="post", label=f"{kind} ({len(times)})")
            timeline.set(title=run, xlabel="seconds", ylabel="answers")
            timeline.legend()
            values = measurement.sorted_latencies()
            latency.plot(PERCENTS, [1000 * (percentile(values, percent) or 0) for percent in PERCENTS])
            latency.set(title=run, xlabel="percent of the answers", ylabel="ms at most", yscale="log")

    return picture(draw, len(measurements), 2)


def picture(draw: Callable[[Any], None], rows: int = 1, columns: int = 1) -> bytes:
    """A picture of rows and columns of axes, which `draw` fills."""
    figure, axes = plt.subplots(rows, columns, figsize=(5 * columns + 1, 3.2 * rows), squeeze=False)
    draw(axes)
    for axis in axes.flat:
        axis.grid(alpha=0.3)
    figure.tight_layout()
    file = BytesIO()
    figure.savefig(file, dpi=110)
    plt.close(figure)
    return file.getvalue()
