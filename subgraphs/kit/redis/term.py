"""The term of a Redis server as a primary, by which what is in it can be told from what was acknowledged.

A server that has restarted, or was a replica and took over, may lack the last writes that its predecessor acknowledged.
So whoever relies on having written everything writes the term, too, and begins anew in another one.
"""

TERM = """
local function term()
  local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
  local history = string.match(redis.call('INFO', 'replication'), 'master_replid:(%x+)')
  return run .. history
end
"""
"""Defines `term` in a script: the run of the server, and the replication id, which is another one after a promotion."""
