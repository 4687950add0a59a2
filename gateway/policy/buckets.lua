-- Draws from several buckets at once. KEYS: the buckets. ARGV: the longest wait, then for each
-- bucket the amount, what it holds when it is full, and how much flows in a second.
-- Gives the wait in seconds, as text; when it is longer than allowed, nothing was drawn.
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1e6
local longest, wait, levels = tonumber(ARGV[1]), 0, {}

for i, key in ipairs(KEYS) do
  local amount, most, rate = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
  local kept = redis.call('HMGET', key, 'level', 'at')
  local level, at = tonumber(kept[1]) or most, tonumber(kept[2]) or now
  levels[i] = math.min(most, level + math.max(0, now - at) * rate)
  wait = math.max(wait, (math.min(amount, most) - levels[i]) / rate)
end

if wait <= longest then
  for i, key in ipairs(KEYS) do
    local amount, most, rate = tonumber(ARGV[3 * i - 1]), tonumber(ARGV[3 * i]), tonumber(ARGV[3 * i + 1])
    local level = math.min(most, levels[i] - amount)
    redis.call('HSET', key, 'level', string.format('%.6f', level), 'at', string.format('%.6f', now))
    redis.call('PEXPIRE', key, math.ceil(((most - level) / rate + 60) * 1000))
  end
end

return string.format('%.6f', wait)
