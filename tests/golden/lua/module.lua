local M = {}

function M.new(items)
  return setmetatable({ items = items or {} }, { __index = M })
end

function M:push(x)
  self.items[#self.items + 1] = x
  return self
end

function M.sub.deep.call() end

M.alias = function(self) return self:push(1) end
M["quoted name"] = function() end
return M
