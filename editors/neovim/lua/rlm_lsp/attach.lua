-- What happens when a buffer and the server meet: which buffers do, and what is kept up to date in them.
local hints = require('rlm_lsp.hints')
local lens = require('rlm_lsp.lens')
local server = require('rlm_lsp.server')
local trust = require('rlm_lsp.trust')

local M = {}

local SETTINGS_FILES = { 'rlm-lsp.toml', '.rlm-lsp.toml', 'pyproject.toml' }
local ROOT_MARKERS = { 'rlm-lsp.toml', '.rlm-lsp.toml', 'pyproject.toml', '.git' }
M.MOST_BYTES = 5000000 -- the server cuts no larger file into functions, so it need not follow every key typed into one
M.MOST_LINES = 100000

---Whether the server could say anything about a buffer.
---@param bufnr integer
---@return boolean
local function is_served(bufnr)
  local name = vim.api.nvim_buf_get_name(bufnr)
  if name == '' or name:match('^%a[%w+.-]*://') or vim.bo[bufnr].binary then
    return false -- not a file, or not text
  end
  local lines = vim.api.nvim_buf_line_count(bufnr)
  return lines <= M.MOST_LINES and vim.api.nvim_buf_get_offset(bufnr, lines) <= M.MOST_BYTES
end

---`root_dir` of the client's configuration: decides whether the server is started for a buffer, and in which folder.
---@param bufnr integer
---@param on_dir fun(root?: string)
function M.root_dir(bufnr, on_dir)
  if not is_served(bufnr) or not server.is_startable() then
    return
  end
  local root = vim.fs.root(bufnr, ROOT_MARKERS)
  local folder = vim.fs.dirname(vim.api.nvim_buf_get_name(bufnr))
  if not root and trust.is_denied(folder) then
    root = folder -- so that it has a client of its own, which is told that it is not trusted
  end
  on_dir(root)
end

-- Neovim 0.11 cannot be told of new lenses. We can.
M.capabilities = { workspace = { codeLens = { refreshSupport = true } } }

---@type table<string, lsp.Handler>
M.handlers = vim.tbl_extend('error', hints.handlers, {
  ['workspace/codeLens/refresh'] = function(_, _, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    for bufnr in pairs(client and client.attached_buffers or {}) do
      lens.refresh(bufnr)
    end
    return vim.NIL
  end,
})

---Neovim does not watch files on Linux; at least those that are written in it count at once.
local function watch_settings()
  vim.api.nvim_create_autocmd('BufWritePost', {
    group = vim.api.nvim_create_augroup('rlm_lsp.settings', {}),
    pattern = SETTINGS_FILES,
    callback = function(event)
      local change = { uri = vim.uri_from_bufnr(event.buf), type = vim.lsp.protocol.FileChangeType.Changed }
      for _, client in ipairs(server.clients()) do
        client:notify('workspace/didChangeWatchedFiles', { changes = { change } })
      end
    end,
  })
end

---@param client vim.lsp.Client
---@param bufnr integer
function M.on_attach(client, bufnr)
  watch_settings()
  hints.attach(client.id, bufnr)
  lens.attach(client.id, bufnr)
end

return M
