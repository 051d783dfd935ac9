-- Acquire the lock, unless another transaction holds it, and return the head.
-- ARGV: token, milliseconds until the lock expires.
local lock = KEYS[2]
local holder = redis.call('GET', lock)
if holder and holder ~= ARGV[1] then return false end
redis.call('SET', lock, ARGV[1], 'PX', ARGV[2])
local state = read_head()
if is_complete(state) then return state end
redis.call('DEL', lock)
return incomplete
