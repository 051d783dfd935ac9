-- Load what was added since a position, or everything within reach, as of one moment.
-- ARGV: batch, epoch and row of the position, the token that wrote its batch ("" for none), reach in microseconds.
-- Returns the head; 1 if the position is invalid (the rest is then everything within reach); rows; their values (only
-- for rows added since); deltas.
local rows_key, published, undated = KEYS[3], KEYS[11], KEYS[12]
local batches, snapshots = KEYS[15], KEYS[16]
local state = read_head()
if not is_complete(state) then return incomplete end
local batch, epoch, row, latest = state[2], state[3], state[4], state[5]
if not batch then return {state, 1, {}, {}, {}} end

local function deltas_after(number)
  local deltas = {}
  for _, entry in ipairs(redis.call('XRANGE', batches, string.format('%.0f', number + 1), '+')) do
    deltas[#deltas + 1] = entry[2][4]
  end
  return deltas
end

-- The batch must have been written by the same transaction: after a crash of the server, another one may have its number.
if ARGV[4] ~= '' and ARGV[2] == epoch then
  local known = redis.call('XRANGE', batches, ARGV[1], ARGV[1])[1]
  if known and known[2][2] == ARGV[4] then
    local rows, values = {}, {}
    for added = tonumber(ARGV[3]) + 1, tonumber(row) do
      local value = redis.call('HGET', rows_key, string.format('%.0f', added))
      if value then
        rows[#rows + 1] = added
        values[#values + 1] = value
      end
    end
    return {state, 0, rows, values, deltas_after(tonumber(ARGV[1]))}
  end
end

local rows = redis.call('ZRANGE', undated, 0, -1)
if latest and latest ~= '' then
  local earliest = string.format('%.0f', tonumber(latest) - tonumber(ARGV[5]))
  for _, dated in ipairs(redis.call('ZRANGEBYSCORE', published, earliest, '+inf')) do
    rows[#rows + 1] = dated
  end
end
local newest, sum = 0, nil
local stored = redis.call('HGETALL', snapshots)
for index = 1, #stored, 2 do
  if tonumber(stored[index]) >= newest then newest, sum = tonumber(stored[index]), stored[index + 1] end
end
local deltas = deltas_after(newest)
if sum then deltas[#deltas + 1] = sum end
return {state, 1, rows, {}, deltas}
