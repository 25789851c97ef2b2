Account = { balance = 0 }
function Account:new(o)
  o = o or {}
  setmetatable(o, self)
  self.__index = self
  return o
end
function Account.__add(a, b) return a.balance + b.balance end
Account.__tostring = function(a) return tostring(a.balance) end
local mt = {
  __call = function(self, ...) return self:new(...) end,
}
