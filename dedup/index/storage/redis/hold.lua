-- Hold the lock for longer, or (0 milliseconds) let go of it, if it is still this transaction's.
-- ARGV: token, milliseconds.
local lock = KEYS[2]
if redis.call('GET', lock) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', lock, ARGV[2])
