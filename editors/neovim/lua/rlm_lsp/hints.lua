-- Inlay hints that are what the server said last. Neovim 0.11 draws them, and in three cases leaves old ones: in buffers that were out of
-- sight when they changed, where the screen was redrawn between a refresh and its answer, and when hints are switched off.
local M = {}

local NAMESPACE = vim.api.nvim_create_namespace('nvim.lsp.inlayhint')

-- Buffers that were in no window when their hints changed.
---@type table<integer, true>
local missed = {}

---@param client_id integer
---@return integer[] buffers
local function buffers_of(client_id)
  local client = vim.lsp.get_client_by_id(client_id)
  return client and vim.tbl_keys(client.attached_buffers) or {}
end

---Draw all hints that Neovim knows of a buffer, as it does itself for lines that it has not drawn yet.
local function draw(bufnr)
  vim.api.nvim_buf_clear_namespace(bufnr, NAMESPACE, 0, -1)
  for _, found in ipairs(vim.lsp.inlay_hint.get({ bufnr = bufnr })) do
    local hint = found.inlay_hint
    local label = hint.label
    if type(label) == 'table' then
      label = table.concat(vim.tbl_map(function(part)
        return part.value
      end, label))
    end
    local text = { { label, 'LspInlayHint' } }
    if hint.paddingLeft then
      table.insert(text, 1, { ' ' })
    end
    if hint.paddingRight then
      table.insert(text, { ' ' })
    end
    local position = hint.position -- in bytes by now
    vim.api.nvim_buf_set_extmark(bufnr, NAMESPACE, position.line, position.character, {
      virt_text_pos = 'inline',
      virt_text = text,
      strict = false, -- another server's hints may be of an earlier text
    })
  end
end

---@type table<string, lsp.Handler>
M.handlers = {
  ['textDocument/inlayHint'] = function(err, result, context)
    vim.lsp.handlers['textDocument/inlayHint'](err, result, context)
    local bufnr = context.bufnr
    local is_of_this_text = vim.api.nvim_buf_is_loaded(bufnr) and vim.lsp.util.buf_versions[bufnr] == context.version
    if result and is_of_this_text and vim.lsp.inlay_hint.is_enabled({ bufnr = bufnr }) then
      draw(bufnr)
    end
  end,
  ['workspace/inlayHint/refresh'] = function(err, result, context)
    for _, bufnr in ipairs(buffers_of(context.client_id)) do
      missed[bufnr] = #vim.fn.win_findbuf(bufnr) == 0 or nil
    end
    return vim.lsp.handlers['workspace/inlayHint/refresh'](err, result, context)
  end,
  ['client/unregisterCapability'] = function(err, result, context)
    local answer = vim.lsp.handlers['client/unregisterCapability'](err, result, context)
    for _, registration in ipairs(result.unregisterations or {}) do -- misspelt so in the protocol
      if registration.method == 'textDocument/inlayHint' then
        for _, bufnr in ipairs(buffers_of(context.client_id)) do
          vim.lsp.inlay_hint.enable(false, { bufnr = bufnr })
          vim.lsp.inlay_hint.enable(true, { bufnr = bufnr }) -- for when they are switched on again
        end
      end
    end
    return answer
  end,
}

---@param client_id integer
---@param bufnr integer
function M.attach(client_id, bufnr)
  vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
  vim.api.nvim_create_autocmd('BufWinEnter', {
    group = vim.api.nvim_create_augroup('rlm_lsp.hints.' .. bufnr, {}),
    buffer = bufnr,
    callback = function()
      if missed[bufnr] then
        local refresh = 'workspace/inlayHint/refresh'
        M.handlers[refresh](nil, nil, { client_id = client_id, method = refresh })
      end
    end,
  })
end

return M
