-- What configurations and other plugins may call. See :help rlm_lsp-lua.
local M = {}

---Change settings of the server while it runs, and for servers that are started later.
---@param settings table<string, any> such as { codeLens = false }; vim.NIL takes one back
function M.configure(settings)
  vim.lsp.config('rlm_lsp', { settings = { ['rlm-lsp'] = settings } })
  for _, client in ipairs(require('rlm_lsp.server').clients()) do
    client.settings = vim.tbl_deep_extend('force', client.settings, { ['rlm-lsp'] = settings })
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
  end
end

---In a word, how the server is, for a status line; an explanation is the second value.
---@return 'missing'|'failed'|'starting'|'running'|'stopped'
---@return string
function M.state()
  return require('rlm_lsp.server').state()
end

---End the server and start it anew.
function M.restart()
  require('rlm_lsp.server').restart()
end

return M
