local function text(name)
  local long = [[
  first
    -- no comment
]]
  local level = [==[ ]] ]==]
  local escaped = "one \
    two"
  return long .. level .. escaped .. '"' .. name
end
