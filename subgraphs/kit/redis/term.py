"""The term of a Redis server: the time in which it is the primary without a break.

A server that has restarted, or was a replica and took over, may lack the last writes that were acknowledged. So a part
of the store that must know that all its writes are still there keeps the term beside them. When the server is in
another term, it writes everything again.
"""

TERM = """
local function term()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  return run .. history
end
"""
"""Defines `term` in a script: the run of the server, and the replication id, which is another one after a promotion."""
