-- How Neovim starts rlm-lsp (:help lsp-config). What vim.lsp.config('rlm_lsp', {...}) says comes on top of it.
local attach = require('rlm_lsp.attach')
local answers = require('rlm_lsp.answers')
local server = require('rlm_lsp.server')
local trust = require('rlm_lsp.trust')

---@type vim.lsp.Config
return {
  cmd = server.start,
  filetypes = { 'python' },
  root_dir = attach.root_dir,
  settings = { ['rlm-lsp'] = vim.empty_dict() },
  flags = { debounce_text_changes = 20 }, -- the server waits for a pause in typing by itself
  capabilities = attach.capabilities,
  before_init = function(params, config)
    local options = vim.tbl_extend('force', config.init_options or {}, { trusted = trust.of(config.root_dir) })
    params.initializationOptions = options
  end,
  on_attach = attach.on_attach,
  handlers = attach.handlers,
  commands = answers.commands,
}
