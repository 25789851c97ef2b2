-- Shows Markdown beside the cursor, as a hover is shown: it goes when the cursor moves, and asking again moves the cursor into it.
local M = {}

---@param name string one window for each
---@param lines string[] Markdown
function M.show(name, lines)
  local _, window = vim.lsp.util.open_floating_preview(lines, 'markdown', { focus_id = 'rlm_lsp.' .. name, wrap = false })
  return window
end

return M
