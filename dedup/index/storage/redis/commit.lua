-- Write a transaction, if the index is still as it was when the transaction began; then let go of the lock.
-- ARGV: the token that the head bore then, this transaction's token, milliseconds to keep the index at least, 1 for the
-- last part, then operations: name, number of arguments, arguments. Returns 1, or 0 when nothing was written.
local head, lock, rows_at, ids, story_at, members_at, right_at, left_at, former_at, former_ids = unpack(KEYS)
local published, undated, days, recent = KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local found = redis.call('HGET', head, 'token') or ''
if found == ARGV[2] then return 1 end -- the client sent it again, having missed the answer
if found ~= ARGV[1] then return 0 end

local function append(key, field, text, between)
  local before = redis.call('HGET', key, field)
  redis.call('HSET', key, field, before and before .. between .. text or text)
end

local function without(key, field, pattern, between, gone)
  local kept, text = {}, redis.call('HGET', key, field)
  if not text then return end
  for one in string.gmatch(text, pattern) do
    if string.match(one, '^%d+') ~= gone then kept[#kept + 1] = one end
  end
  if #kept > 0 then
    redis.call('HSET', key, field, table.concat(kept, between))
  else
    redis.call('HDEL', key, field)
  end
end

local function join(story, rows)
  append(members_at, story, rows, ',')
  for row in string.gmatch(rows, '%d+') do
    redis.call('HSET', story_at, row, story)
  end
end

local function merge(younger, older)
  local rows = redis.call('HGET', members_at, younger)
  redis.call('HDEL', members_at, younger)
  join(older, rows and younger .. ',' .. rows or younger)
end

local function match(right, text)
  append(right_at, right, text, ';')
  for left in string.gmatch(text, '(%d+) [^;]+') do
    append(left_at, left, right, ',')
    redis.call('HINCRBY', head, 'matches', 1)
  end
end

-- The matches of a headline go; what it was stays until its whole story is gone.
local function forget(row)
  local value = redis.call('HGET', rows_at, row)
  local id = cjson.decode(value)[1]
  redis.call('HDEL', rows_at, row)
  redis.call('HDEL', ids, id)
  redis.call('HSET', former_at, row, value)
  redis.call('HSET', former_ids, id, row)
  for left in string.gmatch(redis.call('HGET', right_at, row) or '', '(%d+) [^;]+') do
    without(left_at, left, '%d+', ',', row)
    redis.call('HINCRBY', head, 'matches', -1)
  end
  for right in string.gmatch(redis.call('HGET', left_at, row) or '', '%d+') do
    without(right_at, right, '[^;]+', ';', row)
    redis.call('HINCRBY', head, 'matches', -1)
  end
  redis.call('HDEL', right_at, row)
  redis.call('HDEL', left_at, row)
  return redis.call('HGET', story_at, row) or row
end

local function clear(story)
  local rows = {story}
  for row in string.gmatch(redis.call('HGET', members_at, story) or '', '%d+') do
    rows[#rows + 1] = row
  end
  for _, row in ipairs(rows) do
    if redis.call('HEXISTS', rows_at, row) == 1 then return end
  end
  for _, row in ipairs(rows) do
    local value = redis.call('HGET', former_at, row)
    local id = value and cjson.decode(value)[1]
    if id and redis.call('HGET', former_ids, id) == row then redis.call('HDEL', former_ids, id) end
    redis.call('HDEL', former_at, row)
    redis.call('HDEL', story_at, row)
  end
  redis.call('HDEL', members_at, story)
end

local function prune(before, most, day)
  local stories = {}
  for _, key in ipairs({published, undated}) do
    for _, row in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. before, 'LIMIT', 0, most)) do
      stories[forget(row)] = true
      redis.call('ZREM', key, row)
    end
  end
  for story in pairs(stories) do
    clear(story)
  end
  for _, title in ipairs(redis.call('ZRANGEBYSCORE', days, '-inf', '(' .. day)) do
    redis.call('HDEL', recent, title)
    redis.call('ZREM', days, title)
  end
end

local of_pairs = {join = join, merge = merge, match = match}
local at = 5
while at < #ARGV do
  local name, first, last = ARGV[at], at + 2, at + 1 + tonumber(ARGV[at + 1])
  if of_pairs[name] then
    for one = first, last, 2 do
      of_pairs[name](ARGV[one], ARGV[one + 1])
    end
  elseif name == 'prune' then
    prune(unpack(ARGV, first, last))
  else
    redis.call(name, KEYS[tonumber(ARGV[first])], unpack(ARGV, first + 1, last))
  end
  at = last + 1
end

if ARGV[4] == '1' then
  local lasts = math.max(redis.call('PTTL', head), tonumber(ARGV[3]))
  redis.call('HSET', head, 'token', ARGV[2])
  for _, key in ipairs(KEYS) do
    if key ~= lock then redis.call('PEXPIRE', key, string.format('%.0f', lasts)) end
  end
  if redis.call('GET', lock) == ARGV[2] then redis.call('DEL', lock) end
end
return 1
