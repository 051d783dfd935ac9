-- Take the lock, unless another transaction holds it, and tell where the index stands.
-- ARGV: token, milliseconds that the lock lasts.
local head, lock = KEYS[1], KEYS[2]
local holder = redis.call('GET', lock)
if holder and holder ~= ARGV[1] then return false end
redis.call('SET', lock, ARGV[1], 'PX', ARGV[2])
return redis.call('HMGET', head, 'token', 'batch', 'epoch', 'row', 'latest', 'by')
