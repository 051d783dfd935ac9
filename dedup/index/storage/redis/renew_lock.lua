-- Extend the lock, or release it (0 milliseconds), if this transaction still holds it.
-- ARGV: token, milliseconds.
local lock = KEYS[2]
if redis.call('GET', lock) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', lock, ARGV[2])
