-- What was added since a position, or what lies within reach, as of one moment.
-- ARGV: batch, epoch and row of the position, the token that wrote its batch ("" for none), reach in microseconds.
-- Returns the head; 1 for all within reach; the rows; their values (only of those added since); touches.
local head, rows_at, published, undated = KEYS[1], KEYS[3], KEYS[11], KEYS[12]
local batches, snapshots = KEYS[15], KEYS[16]
local told = redis.call('HMGET', head, 'token', 'batch', 'epoch', 'row', 'latest', 'by')
local batch, epoch, row, latest = told[2], told[3], told[4], told[5]
if not batch then return {told, 1, {}, {}, {}} end

local function touches(after)
  local found = {}
  for _, entry in ipairs(redis.call('XRANGE', batches, string.format('%.0f', after + 1), '+')) do
    found[#found + 1] = entry[2][4]
  end
  return found
end

-- The batch must be the very one that is known: after a crash of the server, another may bear its number.
if ARGV[4] ~= '' and ARGV[2] == epoch then
  local known = redis.call('XRANGE', batches, ARGV[1], ARGV[1])[1]
  if known and known[2][2] == ARGV[4] then
    local rows, values = {}, {}
    for one = tonumber(ARGV[3]) + 1, tonumber(row) do
      local value = redis.call('HGET', rows_at, string.format('%.0f', one))
      if value then
        rows[#rows + 1] = one
        values[#values + 1] = value
      end
    end
    return {told, 0, rows, values, touches(tonumber(ARGV[1]))}
  end
end

local rows = redis.call('ZRANGE', undated, 0, -1)
if latest and latest ~= '' then
  local earliest = string.format('%.0f', tonumber(latest) - tonumber(ARGV[5]))
  for _, one in ipairs(redis.call('ZRANGEBYSCORE', published, earliest, '+inf')) do
    rows[#rows + 1] = one
  end
end
local newest, summed = 0, nil
local kept = redis.call('HGETALL', snapshots)
for at = 1, #kept, 2 do
  if tonumber(kept[at]) >= newest then newest, summed = tonumber(kept[at]), kept[at + 1] end
end
local all = touches(newest)
if summed then all[#all + 1] = summed end
return {told, 1, rows, {}, all}
