-- Whether a workspace is trusted. In one that is not, the server reads no settings file and runs no git; predictions are the same.
local options = require('rlm_lsp.options')

local M = {}

-- What Neovim would run of a folder if 'exrc' is set. Who denied one of them does not trust the folder.
local LOCAL_CONFIGURATION = { '.nvim.lua', '.nvimrc', '.exrc' }

---@return table<string, true> the files and folders that the user denied with :trust ++deny
local function denied()
  local found = {}
  local file = io.open(vim.fs.joinpath(vim.fn.stdpath('state') --[[@as string]], 'trust'))
  if file then
    for line in file:lines() do
      local path = line:match('^! (.+)$')
      if path then
        found[path] = true
      end
    end
    file:close()
  end
  return found
end

---Whether the user denied a folder, one above it, or what Neovim would run of it. Asks nothing: vim.secure.read() would.
---@param folder string
---@return boolean
function M.is_denied(folder)
  local paths = denied()
  if not next(paths) then
    return false
  end
  folder = vim.uv.fs_realpath(folder) or folder
  local candidates = { folder }
  vim.list_extend(candidates, vim.iter(vim.fs.parents(folder)):totable())
  for _, name in ipairs(LOCAL_CONFIGURATION) do
    table.insert(candidates, vim.fs.joinpath(folder, name))
  end
  return vim.iter(candidates):any(function(path)
    return paths[path] == true
  end)
end

---@param root? string the workspace's folder, nil for a file outside of any
---@return boolean
function M.of(root)
  local choice = options.trusted()
  if type(choice) == 'function' then
    local answered, answer = pcall(choice, root)
    return answered and answer and true or false
  end
  if choice ~= nil then
    return choice and true or false
  end
  return root == nil or not M.is_denied(root)
end

return M
