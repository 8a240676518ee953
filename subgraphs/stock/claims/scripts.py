"""The Lua scripts of the board: each runs as one step in Redis, on the keys of one sale (one hash tag).

Keys, in this order in every script:
  meta      `run`: which life of which Redis server this was written in; `sale`: there once the board is ready;
            `building`, `until`: who fills it, and until when nobody else may
  claims    user -> `claim|created|expires` (HELD), or `?|claim` (live, but ask SQL about it)
  fates     claim -> `ended` or `sold`: what must not be shown as HELD any more, however late it is written
  fresh     users written while the board is being filled
  snapshot  what the caller fills it with; each has a key of its own
"""

_PRELUDE = """
local meta, claims, fates, fresh, snapshot = unpack(KEYS)
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local function is_of_this_run() return redis.call('HGET', meta, 'run') == run end
local function claim_of(entry) return string.match(entry, '^%?|(.*)$') or string.match(entry, '^(.-)|') end
local function now()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- An entry as it may be shown: nil where the claim has ended.
local function shown(entry)
  local claim = claim_of(entry)
  local fate = redis.call('HGET', fates, claim)
  if fate == 'ended' then return nil end
  return fate == 'sold' and '?|' .. claim or entry
end
"""

# -> nil where there is no board, else the sale, how many units have an owner, and the users' entries.
ASK = (
    _PRELUDE
    + """
if not is_of_this_run() then return nil end
local sale = redis.call('HGET', meta, 'sale')
if not sale then return nil end
return {sale, redis.call('HLEN', claims), redis.call('HMGET', claims, unpack(ARGV))}
"""
)

# ARGV: user, entry, user, entry ... of claims that are live in SQL.
WRITE = (
    _PRELUDE
    + """
if not is_of_this_run() then return end
local building = redis.call('HEXISTS', meta, 'building') == 1
for index = 1, #ARGV, 2 do
  local user, entry = ARGV[index], shown(ARGV[index + 1])
  if entry then
    redis.call('HSET', claims, user, entry)
    if building then redis.call('SADD', fresh, user) end
  end
end
local seconds = redis.call('TTL', meta)
if seconds > 0 then redis.call('EXPIRE', claims, seconds) end
"""
)

# ARGV: fate, user, claim, user, claim ... before the change is committed in SQL.
SETTLE = (
    _PRELUDE
    + """
local mine = is_of_this_run()
local building = redis.call('HEXISTS', meta, 'building') == 1
for index = 2, #ARGV, 2 do
  local user, claim = ARGV[index], ARGV[index + 1]
  if redis.call('HGET', fates, claim) ~= 'ended' then redis.call('HSET', fates, claim, ARGV[1]) end
  local entry = mine and redis.call('HGET', claims, user)
  if entry and claim_of(entry) == claim then
    local left = shown(entry)
    if left then redis.call('HSET', claims, user, left) else redis.call('HDEL', claims, user) end
    if building then redis.call('SADD', fresh, user) end
  end
end
redis.call('EXPIRE', fates, 600)
"""
)

# ARGV: token, milliseconds. -> 1 where the caller may fill the board, 0 where somebody else does.
BEGIN = (
    _PRELUDE
    + """
if not is_of_this_run() then
  redis.call('DEL', meta, claims)
  redis.call('HSET', meta, 'run', run)
end
if tonumber(redis.call('HGET', meta, 'until') or '0') > now() then return 0 end
redis.call('DEL', fresh)
redis.call('HSET', meta, 'building', ARGV[1], 'until', now() + ARGV[2])
if redis.call('TTL', meta) < 600 then redis.call('EXPIRE', meta, 600) end
return 1
"""
)

# ARGV: token, the sale, seconds to keep it. -> 1 where the board is ready with what lies in `snapshot`.
INSTALL = (
    _PRELUDE
    + """
if not is_of_this_run() or redis.call('HGET', meta, 'building') ~= ARGV[1] then return 0 end
local rows = redis.call('HGETALL', snapshot)
for index = 1, #rows, 2 do
  local entry = shown(rows[index + 1])
  if not entry then redis.call('HDEL', snapshot, rows[index])
  elseif entry ~= rows[index + 1] then redis.call('HSET', snapshot, rows[index], entry) end
end
for _, user in ipairs(redis.call('SMEMBERS', fresh)) do
  local entry = redis.call('HGET', claims, user)
  if entry then redis.call('HSET', snapshot, user, entry) end
end
redis.call('DEL', claims, fresh)
if redis.call('EXISTS', snapshot) == 1 then redis.call('RENAME', snapshot, claims) end
redis.call('HDEL', meta, 'building', 'until')
redis.call('HSET', meta, 'sale', ARGV[2])
redis.call('EXPIRE', meta, ARGV[3])
redis.call('EXPIRE', claims, ARGV[3])
return 1
"""
)

# The board is not to be relied on: it must be filled anew.
CLOSE = _PRELUDE + "redis.call('HDEL', meta, 'sale')"
