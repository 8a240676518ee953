from subgraphs.kit.migrations import run_env
from subgraphs.order.models import Base

run_env(Base.metadata)
