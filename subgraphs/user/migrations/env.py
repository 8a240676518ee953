from subgraphs.kit.migrations import run_env
from subgraphs.user.models import Base

run_env(Base.metadata)
