-- The stories of headlines, as of one moment.
-- ARGV: rows. Returns rows, the story of each, their values, their matches with earlier ones, and what began a story
-- and was pruned: rows and values. Values are nil for rows that are no more.
local rows_at, story_at, members_at, right_at, former_at = KEYS[3], KEYS[5], KEYS[6], KEYS[7], KEYS[9]

local function all(key, fields)
  local found = {}
  for first = 1, #fields, 4000 do
    local last = math.min(first + 3999, #fields)
    for at, value in ipairs(redis.call('HMGET', key, unpack(fields, first, last))) do
      found[first + at - 1] = value
    end
  end
  return found
end

local stories, seen = {}, {}
for at, story in ipairs(all(story_at, ARGV)) do
  local named = story or ARGV[at]
  if not seen[named] then
    seen[named] = true
    stories[#stories + 1] = named
  end
end
local rows, homes = {}, {}
for at, others in ipairs(all(members_at, stories)) do
  rows[#rows + 1], homes[#homes + 1] = stories[at], stories[at]
  if others then
    for row in string.gmatch(others, '%d+') do
      rows[#rows + 1], homes[#homes + 1] = row, stories[at]
    end
  end
end
return {rows, homes, all(rows_at, rows), all(right_at, rows), stories, all(former_at, stories)}
