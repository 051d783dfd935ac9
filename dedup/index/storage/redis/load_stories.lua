-- Load the stories of headlines, as of one moment.
-- ARGV: rows. Returns rows of all members, the story of each, their values, their matches with earlier headlines, and
-- the stories with the values of their pruned founders. Values are nil for rows that no longer exist.
local rows_key, story_key, members_key, right_key, pruned_key = KEYS[3], KEYS[5], KEYS[6], KEYS[7], KEYS[9]

local function get_all(key, fields)
  local values = {}
  for first = 1, #fields, 4000 do
    local last = math.min(first + 3999, #fields)
    for offset, value in ipairs(redis.call('HMGET', key, unpack(fields, first, last))) do
      values[first + offset - 1] = value
    end
  end
  return values
end

local stories, seen = {}, {}
for index, joined in ipairs(get_all(story_key, ARGV)) do
  local story = joined or ARGV[index]
  if not seen[story] then
    seen[story] = true
    stories[#stories + 1] = story
  end
end
local rows, story_of = {}, {}
for index, others in ipairs(get_all(members_key, stories)) do
  rows[#rows + 1], story_of[#story_of + 1] = stories[index], stories[index]
  if others then
    for row in string.gmatch(others, '%d+') do
      rows[#rows + 1], story_of[#story_of + 1] = row, stories[index]
    end
  end
end
return {rows, story_of, get_all(rows_key, rows), get_all(right_key, rows), stories, get_all(pruned_key, stories)}
