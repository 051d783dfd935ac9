-- Commit a transaction if the head is unchanged since it began, and release the lock.
-- ARGV: the head's token when the transaction began, this transaction's token, milliseconds to keep the index at least,
-- 1 for the last part, then operations: name, number of arguments, arguments. Returns 1, or 0 if nothing was written.
local head, lock, rows_key, ids, story_key, members_key, right_key, left_key, pruned_key, pruned_ids = unpack(KEYS)
local published, undated, days, masks = KEYS[11], KEYS[12], KEYS[13], KEYS[14]
local current = redis.call('HGET', head, 'token') or ''
if current == ARGV[2] then return 1 end -- the client sent it again after a lost answer
if current ~= ARGV[1] then return 0 end

local function append_text(key, field, text, separator)
  local stored = redis.call('HGET', key, field)
  redis.call('HSET', key, field, stored and stored .. separator .. text or text)
end

local function remove_item(key, field, pattern, separator, removed)
  local kept, text = {}, redis.call('HGET', key, field)
  if not text then return end
  for item in string.gmatch(text, pattern) do
    if string.match(item, '^%d+') ~= removed then kept[#kept + 1] = item end
  end
  if #kept > 0 then
    redis.call('HSET', key, field, table.concat(kept, separator))
  else
    redis.call('HDEL', key, field)
  end
end

local function add_members(story, rows)
  append_text(members_key, story, rows, ',')
  for row in string.gmatch(rows, '%d+') do
    redis.call('HSET', story_key, row, story)
  end
end

local function merge_stories(younger, older)
  local rows = redis.call('HGET', members_key, younger)
  redis.call('HDEL', members_key, younger)
  add_members(older, rows and younger .. ',' .. rows or younger)
end

local function add_matches(right, text)
  append_text(right_key, right, text, ';')
  for left in string.gmatch(text, '(%d+) [^;]+') do
    append_text(left_key, left, right, ',')
    redis.call('HINCRBY', head, 'matches', 1)
  end
end

-- Remove a headline and its matches; its value is kept until its story is gone. Returns the story.
local function remove_headline(row)
  local value = redis.call('HGET', rows_key, row)
  local id = cjson.decode(value)[1]
  redis.call('HDEL', rows_key, row)
  redis.call('HDEL', ids, id)
  redis.call('HSET', pruned_key, row, value)
  redis.call('HSET', pruned_ids, id, row)
  for left in string.gmatch(redis.call('HGET', right_key, row) or '', '(%d+) [^;]+') do
    remove_item(left_key, left, '%d+', ',', row)
    redis.call('HINCRBY', head, 'matches', -1)
  end
  for right in string.gmatch(redis.call('HGET', left_key, row) or '', '%d+') do
    remove_item(right_key, right, '[^;]+', ';', row)
    redis.call('HINCRBY', head, 'matches', -1)
  end
  redis.call('HDEL', right_key, row)
  redis.call('HDEL', left_key, row)
  return redis.call('HGET', story_key, row) or row
end

local function remove_story_if_empty(story)
  local rows = {story}
  for row in string.gmatch(redis.call('HGET', members_key, story) or '', '%d+') do
    rows[#rows + 1] = row
  end
  for _, row in ipairs(rows) do
    if redis.call('HEXISTS', rows_key, row) == 1 then return end
  end
  for _, row in ipairs(rows) do
    local value = redis.call('HGET', pruned_key, row)
    local id = value and cjson.decode(value)[1]
    if id and redis.call('HGET', pruned_ids, id) == row then redis.call('HDEL', pruned_ids, id) end
    redis.call('HDEL', pruned_key, row)
    redis.call('HDEL', story_key, row)
  end
  redis.call('HDEL', members_key, story)
end

local function prune_headlines(before, limit, day)
  local stories = {}
  for _, key in ipairs({published, undated}) do
    for _, row in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', '(' .. before, 'LIMIT', 0, limit)) do
      stories[remove_headline(row)] = true
      redis.call('ZREM', key, row)
    end
  end
  for story in pairs(stories) do
    remove_story_if_empty(story)
  end
  for _, title in ipairs(redis.call('ZRANGEBYSCORE', days, '-inf', '(' .. day)) do
    redis.call('HDEL', masks, title)
    redis.call('ZREM', days, title)
  end
end

local pair_operations = {add_members = add_members, merge_stories = merge_stories, add_matches = add_matches}
local index = 5
while index < #ARGV do
  local name, first, last = ARGV[index], index + 2, index + 1 + tonumber(ARGV[index + 1])
  if pair_operations[name] then
    for pair = first, last, 2 do
      pair_operations[name](ARGV[pair], ARGV[pair + 1])
    end
  elseif name == 'prune_headlines' then
    prune_headlines(unpack(ARGV, first, last))
  else
    redis.call(name, KEYS[tonumber(ARGV[first])], unpack(ARGV, first + 1, last))
  end
  index = last + 1
end

if ARGV[4] == '1' then
  local lifetime = math.max(redis.call('PTTL', head), tonumber(ARGV[3]))
  redis.call('HSET', head, 'token', ARGV[2], 'sizes', count_entries())
  for _, key in ipairs(KEYS) do
    if key ~= lock then redis.call('PEXPIRE', key, string.format('%.0f', lifetime)) end
  end
  if redis.call('GET', lock) == ARGV[2] then redis.call('DEL', lock) end
end
return 1
