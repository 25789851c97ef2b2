local function pack(...)
  return { n = select("#", ...), ... }
end
local function curry(f, ...)
  local args = { ... }
  return function(...)
    return f(table.unpack(args), ...)
  end
end
