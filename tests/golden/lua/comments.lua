--- Adds.
-- @param a first
local function add(a, -- first
                   b)
  --[[ block
       comment ]]
  return a --[[inline]] + b
  -- trailing
end
--[==[ long
function no() end
]==]
local x = 1 --- done
