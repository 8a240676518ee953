from subgraphs.kit.migrations import run_env
from subgraphs.product.models import Base

run_env(Base.metadata)
