-- :RlmOnnx shows a network in the browser: rlm-lsp writes one HTML file, which asks nothing of anybody. No weight is read.
local M = {}

local SERVE = { ['--stdio'] = true, serve = true } -- what makes a server of the program

---@return string[] the program that is the server's, with the arguments that start it, such as python -m rlm_lsp
local function program()
  local command = vim.deepcopy(require('rlm_lsp.server').program())
  while SERVE[command[#command]] do
    table.remove(command)
  end
  return command
end

---@param text string
local function complain(text)
  vim.notify('rlm-lsp: ' .. text, vim.log.levels.WARN)
end

---@param words string[] a file, if it is not the current one, and sizes such as batch=1
---@return string? file
---@return string[] sizes
local function parsed(words)
  local file
  local sizes = {}
  for _, word in ipairs(words) do
    if word:match('^[^/\\]+=%d+$') then
      table.insert(sizes, word)
    else
      file = word
    end
  end
  return file or vim.api.nvim_buf_get_name(0), sizes
end

---@param words string[]
function M.open(words)
  local file, sizes = parsed(words)
  file = file and vim.fn.fnamemodify(file, ':p') or ''
  if vim.fn.filereadable(file) == 0 then
    complain((file == '' and 'name a file, as in :RlmOnnx model.onnx batch=1' or 'there is no file %s'):format(file))
    return
  end
  -- Neovim's folder for temporary files is the user's alone, and goes when Neovim ends
  local page = vim.fn.tempname() .. '-' .. vim.fn.fnamemodify(file, ':t:r'):gsub('[^%w.-]', '_') .. '.html'
  local command = vim.list_extend(program(), { 'onnx', file, '--html', page })
  if #sizes > 0 then
    vim.list_extend(command, { '--bind', unpack(sizes) })
  end
  local started, reason = pcall(vim.system, command, { text = true }, function(done)
    vim.schedule(function()
      if done.code ~= 0 then
        complain(vim.trim((done.stderr or ''):gsub('^error: ', '')))
        return
      end
      local _, trouble = vim.ui.open(page)
      if trouble then
        complain(('%s; the page is %s'):format(trouble, page))
      end
    end)
  end)
  if not started then
    complain(tostring(reason))
  end
end

return M
