-- Return the head, after a comparison of the numbers of entries.
local state = read_head()
return is_complete(state) and state or incomplete
