"""The metrics that subgraphs serve at `/metrics`."""

import importlib
import pkgutil
from collections.abc import Iterator

from prometheus_client.metrics import MetricWrapperBase

import subgraphs
from subgraphs.kit.settings import SUBGRAPHS
from subgraphs.store.reference.markdown import table

INTRODUCTION = """\
# Metrics

Every subgraph, and the program of the live numbers (`live`), serves these in Prometheus' format at `/metrics` of its
port, beside those of its Python process.
The router has its own, at port 4090. `deploy/grafana/` holds a dashboard of both.
"""


def page() -> str:
    rows = sorted(_rows())
    return INTRODUCTION + "\n" + table(("metric", "type", "labels", "meaning", "declared in"), rows)


def _rows() -> Iterator[tuple[str, str, str, str, str]]:
    for name in ("kit", "live", *SUBGRAPHS):
        for module in pkgutil.walk_packages([f"{subgraphs.__path__[0]}/{name}"], f"subgraphs.{name}."):
            if ".migrations" not in module.name:
                yield from _metrics(module.name)


def _metrics(module: str) -> Iterator[tuple[str, str, str, str, str]]:
    loaded = importlib.import_module(module)
    for metric in vars(loaded).values():
        if isinstance(metric, MetricWrapperBase):
            (described,) = metric.describe()
            name = described.name + ("_total" if described.type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            yield f"`{name}`", described.type, labels, described.documentation, f"`{module.replace('.', '/')}.py`"
