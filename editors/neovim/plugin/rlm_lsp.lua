-- Loaded by Neovim when it starts: the server for Python files, and commands to ask it. See :help rlm_lsp.
if vim.g.loaded_rlm_lsp then
  return
end
vim.g.loaded_rlm_lsp = true

if vim.fn.has('nvim-0.11') == 0 then
  vim.notify('rlm_lsp needs Neovim 0.11 or newer', vim.log.levels.WARN)
  return
end

require('rlm_lsp.commands').define()
vim.lsp.enable('rlm_lsp')
vim.api.nvim_create_autocmd('BufReadPre', {
  group = vim.api.nvim_create_augroup('rlm_lsp.early', {}),
  pattern = { '*.py', '*.pyw', '*.pyi' },
  once = true, -- files after the first find a server that runs, or one that was ended
  callback = function(event)
    require('rlm_lsp.early').start(event.buf)
  end,
})
