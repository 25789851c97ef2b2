local MAX <const> = 10
local function read(path)
  local f <close> = assert(io.open(path))
  return f:read("a") // 1, 1 << 2, ~3
end
