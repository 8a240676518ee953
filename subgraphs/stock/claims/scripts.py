"""The Lua scripts of the claim cache. Each runs as one step in Redis, on the keys of one sale (one hash tag).

Keys, in this order in every script:
  meta      `term`: the term of the Redis server that this was written in; `sale`: there once the sale is filled in;
            `filler`, `until`: who fills it in, and until when nobody else may
  claims    user -> entry: `claim|created|expires` (HELD), or `?|claim` (live, but ask SQL about it)
  fates     claim -> `ended` or `sold`: never show it as HELD again, however late it is written
  fresh     users whose entries change while the sale is being filled in
  staged    the entries to fill in; every filler has a key of its own

A script that changes how many units have an owner, or the sale's terms, tells so on a channel.
"""

import re

from subgraphs.contracts.stock import SALE_NEWS
from subgraphs.kit.redis.term import TERM

PREFIX = "steampunk:claims:3"
"""With the version of what is stored. Another version's keys are never read; they expire by themselves."""

META = re.compile(rf"{PREFIX}:\{{(.+)\}}:meta")
"""The `meta` key of any sale."""


def key_of(sale_id: str, name: str) -> str:
    return f"{PREFIX}:{{{sale_id}}}:{name}"


def staged_key(sale_id: str, token: str) -> str:
    return key_of(sale_id, f"staged:{token}")


def keys_of(sale_id: str, token: str = "") -> list[str]:
    """The keys of every script."""
    names = ("meta", "claims", "fates", "fresh")
    return [*[key_of(sale_id, name) for name in names], staged_key(sale_id, token)]


_PRELUDE = (
    f"""{TERM}
local function tell_news() redis.call('PUBLISH', '{SALE_NEWS}', string.match(KEYS[1], '{{(.+)}}')) end
"""
    + """
local meta, claims, fates, fresh, staged = unpack(KEYS)
local this_term = term()
local function is_of_this_term() return redis.call('HGET', meta, 'term') == this_term end
local function claim_of(entry) return string.match(entry, '^%?|(.*)$') or string.match(entry, '^(.-)|') end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- An entry as its claim's fate lets it be: nil if the claim has ended.
local function current(entry)
  local claim = claim_of(entry)
  local fate = redis.call('HGET', fates, claim)
  if fate == 'ended' then return nil end
  return fate == 'sold' and '?|' .. claim or entry
end
"""
)

# ARGV: users. -> nil if the sale is not in the cache, else the sale, how many units have an owner, and the
# users' entries.
READ = (
    _PRELUDE
    + """
if not is_of_this_term() then return nil end
local sale = redis.call('HGET', meta, 'sale')
if not sale then return nil end
return {sale, redis.call('HLEN', claims), redis.call('HMGET', claims, unpack(ARGV))}
"""
)

# ARGV: user, entry, user, entry ... of claims that are live in SQL.
ADD = (
    _PRELUDE
    + """
if not is_of_this_term() then return end
local filling = redis.call('HEXISTS', meta, 'filler') == 1
local added = 0
for index = 1, #ARGV, 2 do
  local user, entry = ARGV[index], current(ARGV[index + 1])
  if entry then
    added = added + redis.call('HSET', claims, user, entry)
    if filling then redis.call('SADD', fresh, user) end
  end
end
local seconds = redis.call('TTL', meta)
if seconds > 0 then redis.call('EXPIRE', claims, seconds) end
if added > 0 then tell_news() end
"""
)

# ARGV: fate, user, claim, user, claim ... before the change is committed in SQL.
MARK = (
    _PRELUDE
    + """
local mine = is_of_this_term()
local filling = redis.call('HEXISTS', meta, 'filler') == 1
local removed = 0
for index = 2, #ARGV, 2 do
  local user, claim = ARGV[index], ARGV[index + 1]
  if redis.call('HGET', fates, claim) ~= 'ended' then redis.call('HSET', fates, claim, ARGV[1]) end
  local entry = mine and redis.call('HGET', claims, user)
  if entry and claim_of(entry) == claim then
    local left = current(entry)
    if left then redis.call('HSET', claims, user, left) else removed = removed + redis.call('HDEL', claims, user) end
    if filling then redis.call('SADD', fresh, user) end
  end
end
redis.call('EXPIRE', fates, 600)
if removed > 0 then tell_news() end
"""
)

# ARGV: token, milliseconds. -> 1 if the caller may fill the sale in, 0 if somebody else does. A caller that has begun
# before, and has not finished, may begin again.
BEGIN = (
    _PRELUDE
    + """
if not is_of_this_term() then
  redis.call('DEL', meta, claims)
  redis.call('HSET', meta, 'term', this_term)
end
local is_held = tonumber(redis.call('HGET', meta, 'until') or '0') > now()
if is_held and redis.call('HGET', meta, 'filler') ~= ARGV[1] then return 0 end
redis.call('DEL', fresh, staged)
redis.call('HSET', meta, 'filler', ARGV[1], 'until', now() + ARGV[2])
if redis.call('TTL', meta) < 600 then redis.call('EXPIRE', meta, 600) end
return 1
"""
)

# ARGV: token, the sale, seconds to keep it. -> 1 if the sale is now filled in with the staged entries.
INSTALL = (
    _PRELUDE
    + """
if not is_of_this_term() or redis.call('HGET', meta, 'filler') ~= ARGV[1] then return 0 end
local rows = redis.call('HGETALL', staged)
for index = 1, #rows, 2 do
  local entry = current(rows[index + 1])
  if not entry then redis.call('HDEL', staged, rows[index])
  elseif entry ~= rows[index + 1] then redis.call('HSET', staged, rows[index], entry) end
end
for _, user in ipairs(redis.call('SMEMBERS', fresh)) do
  local entry = redis.call('HGET', claims, user)
  if entry then redis.call('HSET', staged, user, entry) end
end
redis.call('DEL', claims, fresh)
if redis.call('EXISTS', staged) == 1 then redis.call('RENAME', staged, claims) end
redis.call('HDEL', meta, 'filler', 'until')
redis.call('HSET', meta, 'sale', ARGV[2])
redis.call('EXPIRE', meta, ARGV[3])
redis.call('EXPIRE', claims, ARGV[3])
tell_news()
return 1
"""
)

# What is there is no longer relied on: the sale must be filled in anew.
INVALIDATE = _PRELUDE + "redis.call('HDEL', meta, 'sale') tell_news()"
