#!/usr/bin/env lua
-- Adds.
local function add(a, b)
  return a + b -- sum
end

function global(...)
  local n = select("#", ...)
  for i = 1, n do
    print((select(i, ...)))
  end
end

function empty() end
