-- Acquire the lock, unless another transaction holds it, and return the head.
-- ARGV: token, milliseconds until the lock expires.
local head, lock = KEYS[1], KEYS[2]
local holder = redis.call('GET', lock)
if holder and holder ~= ARGV[1] then return false end
redis.call('SET', lock, ARGV[1], 'PX', ARGV[2])
return redis.call('HMGET', head, 'token', 'batch', 'epoch', 'row', 'latest', 'by')
