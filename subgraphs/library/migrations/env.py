from subgraphs.kit.migrations import run_env
from subgraphs.library.models import Base

run_env(Base.metadata)
