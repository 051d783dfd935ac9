-- Prepended to the scripts that compare or store the numbers of entries.
-- Returns the numbers of entries of all keys but head and lock, as one string: a missing key has 0.
local size_commands = {hash = 'HLEN', zset = 'ZCARD', stream = 'XLEN'}
local function count_entries()
  local counts = {}
  for index = 3, #KEYS do
    local command = size_commands[redis.call('TYPE', KEYS[index]).ok]
    counts[#counts + 1] = command and redis.call(command, KEYS[index]) or 0
  end
  return table.concat(counts, ',')
end
local function read_head()
  local state = redis.call('HMGET', KEYS[1], 'token', 'batch', 'epoch', 'row', 'latest', 'by', 'created', 'sizes')
  state[9] = redis.call('PTTL', KEYS[1])
  return state
end
local function is_complete(state)
  return not state[8] or state[8] == count_entries()
end
local incomplete = {err = 'INCOMPLETE keys of the index are missing'}
