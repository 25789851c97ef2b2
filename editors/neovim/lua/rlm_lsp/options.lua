-- What a user chooses in vim.g.rlm_lsp. The server's own settings are not here: they go through vim.lsp.config or configure().
local M = {}

---@class rlm_lsp.Options
---@field command? string[] how the server is started
---@field trusted? boolean|fun(root?: string): boolean whether a workspace's settings files are read and git is run in it

---@return rlm_lsp.Options
local function chosen()
  return type(vim.g.rlm_lsp) == 'table' and vim.g.rlm_lsp or {}
end

---@return string[] the program and its arguments
function M.command()
  return chosen().command or { 'rlm-lsp', '--stdio' }
end

---@return boolean|(fun(root?: string): boolean)|nil
function M.trusted()
  return chosen().trusted
end

return M
