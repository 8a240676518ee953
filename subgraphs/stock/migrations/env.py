from subgraphs.kit.migrations import run_env
from subgraphs.stock.models import Base

run_env(Base.metadata)
