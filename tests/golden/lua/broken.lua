local function sound(a) return a end
local function broken(a
  return a
end
local function fine() return 1 end
