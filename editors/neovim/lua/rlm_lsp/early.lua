-- Starts the server while Neovim still reads the first file. Neovim starts it at FileType, behind what ftplugins do: Python's alone searches for
-- an interpreter with pynvim, up to a second long, and all the while nothing else runs in Neovim, but the server can.
local attach = require('rlm_lsp.attach')
local server = require('rlm_lsp.server')

local M = {}

local NAME = 'rlm_lsp'

---@param bufnr integer a buffer that is about to be read
function M.start(bufnr)
  local config = vim.lsp.config[NAME]
  if server.is_started() or not server.is_enabled() or not config or type(config.root_dir) ~= 'function' then
    return
  end
  if vim.bo[bufnr].buftype ~= '' or vim.fn.getfsize(vim.api.nvim_buf_get_name(bufnr)) > attach.MOST_BYTES then
    return
  end
  config = vim.deepcopy(config)
  config.root_dir(bufnr, function(root)
    config.root_dir = root
    vim.lsp.start(config, { attach = false, reuse_client = config.reuse_client }) -- what FileType starts later is this one
  end)
end

return M
