"""Bar charts of a file's distributions, in the terminal and as a PNG."""

from pathlib import Path

from rich.bar import Bar
from rich.table import Table

from etl.distributions import Distributions
from etl.errors import EtlError

BAR_WIDTH = 60


def chart_tables(distributions: Distributions) -> list[Table]:
    """A table for each chart, with a bar in each row."""
    return [_chart(title, bars) for title, bars in distributions.charts().items()]


def _chart(title: str, bars: dict[str, int]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False, box=None, min_width=len(title))
    table.add_column()
    table.add_column(justify="right")
    most = max(bars.values(), default=0)
    for name, count in bars.items():
        table.add_row(name, f"{count:,}", Bar(most, 0, count, width=BAR_WIDTH))
    return table


def save_png(distributions: Distributions, path: Path) -> None:
    """Draws all charts into a file. Raises EtlError without matplotlib, and OSError."""
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise EtlError(
            "A PNG needs matplotlib, which only the environment for development has: nox -s inspect -- FILE --png PLOT"
        ) from error
    charts = distributions.charts()
    figure = Figure(figsize=(9, 2 + sum(0.25 * len(bars) + 1 for bars in charts.values())))
    heights = [len(bars) + 2 for bars in charts.values()]
    for axis, (title, bars) in zip(figure.subplots(len(charts), height_ratios=heights), charts.items(), strict=True):
        axis.barh(list(bars), list(bars.values()))
        axis.invert_yaxis()
        axis.set(title=title, xlabel="games")
    figure.tight_layout()
    figure.savefig(path, dpi=110, format="png")
