local double = function(x) return x * 2 end
square = function(x)
  return x * x
end
local a, b = function() return 1 end, 2
local counter = (function() local n = 0 return function() n = n + 1 return n end end)()
local function outer(list)
  local inner = function(x) return x + 1 end
  local function helper(y)
    return inner(y)
  end
  table.sort(list, function(p, q)
    return p < q
  end)
  return function() return helper(list) end
end
