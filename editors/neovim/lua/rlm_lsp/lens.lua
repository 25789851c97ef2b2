-- Code lenses that follow the text. vim.lsp.codelens of Neovim 0.11 asks only when told to, resolves all lenses of a file one by one, and
-- stops asking for good if a server dies with a question open; it is used here to keep and draw them, so vim.lsp.codelens.run() works.
local M = {}

local PAUSE_MS = 100 -- in typing, before lenses are asked for again

---@class rlm_lsp.Lenses
---@field client_id integer
---@field lenses lsp.CodeLens[]
---@field text integer counts the changes of the text
---@field of_text integer which text the lenses belong to
---@field in_place boolean that text has changed since, but its lenses are still on the right lines
---@field asking boolean
---@field again boolean something has happened since it was asked
---@field resolving table<lsp.CodeLens, true>
---@field timer uv.uv_timer_t

---@type table<integer, rlm_lsp.Lenses> by buffer
local states = {}

---@param state rlm_lsp.Lenses
local function draw(bufnr, state)
  local known = vim.tbl_filter(function(lens)
    return lens.command ~= nil
  end, state.lenses)
  vim.lsp.codelens.display(known, bufnr, state.client_id)
end

---Draw what vim.lsp.codelens clears of lines that are typed into, or their lenses would flicker.
---@param first integer line
---@param last integer line behind them
local function redraw(bufnr, state, first, last)
  local namespace = vim.api.nvim_create_namespace('nvim.lsp.codelens:' .. state.client_id)
  for _, lens in ipairs(state.lenses) do
    local line = lens.range.start.line
    if lens.command and first <= line and line < last and line < vim.api.nvim_buf_line_count(bufnr) then
      vim.api.nvim_buf_clear_namespace(bufnr, namespace, line, line + 1)
      vim.api.nvim_buf_set_extmark(bufnr, namespace, line, 0, { virt_text = { { lens.command.title, 'LspCodeLens' } }, hl_mode = 'combine' })
    end
  end
end

---@param bufnr integer
---@return fun(line: integer): boolean whether a line is in sight, or less than a screen away from what is
local function sight(bufnr)
  local ranges = {}
  for _, window in ipairs(vim.fn.win_findbuf(bufnr)) do
    local height = vim.api.nvim_win_get_height(window)
    local first, last = vim.fn.line('w0', window) - 1, vim.fn.line('w$', window) - 1
    table.insert(ranges, { first - height, last + height })
  end
  return function(line)
    return vim.iter(ranges):any(function(range)
      return range[1] <= line and line <= range[2]
    end)
  end
end

---Ask for the titles of the lenses that somebody can see.
local function resolve(bufnr, state)
  local client = vim.lsp.get_client_by_id(state.client_id)
  local is_seen = sight(bufnr)
  local open = 0
  for _, lens in ipairs(client and state.lenses or {}) do
    if not lens.command and not state.resolving[lens] and is_seen(lens.range.start.line) then
      open = open + 1
      state.resolving[lens] = true
      client:request('codeLens/resolve', lens, function(_, resolved)
        lens.command = resolved and resolved.command
        state.resolving[lens] = nil
        open = open - 1
        if open == 0 and states[bufnr] == state and state.of_text == state.text then
          draw(bufnr, state)
        end
      end, bufnr)
    end
  end
  return open
end

---Ask for the lenses of a buffer. At most one question is under way.
---@param bufnr integer
function M.refresh(bufnr)
  local state = states[bufnr]
  local client = state and vim.lsp.get_client_by_id(state.client_id)
  if not client then
    return
  end
  if state.asking then
    state.again = true
    return
  end
  state.asking, state.again = true, false
  local text = state.text
  local document = { textDocument = vim.lsp.util.make_text_document_params(bufnr) }
  client:request('textDocument/codeLens', document, function(err, lenses)
    if states[bufnr] ~= state or not vim.api.nvim_buf_is_loaded(bufnr) then
      return
    end
    state.asking = false
    if not err and text == state.text then
      state.lenses, state.of_text, state.in_place, state.resolving = lenses or {}, text, false, {}
      vim.lsp.codelens.save(state.lenses, bufnr, state.client_id)
      if resolve(bufnr, state) == 0 then
        draw(bufnr, state)
      end
    end
    if state.again then
      M.refresh(bufnr)
    end
  end, bufnr)
end

local function detach(bufnr)
  local state = states[bufnr]
  if state then
    states[bufnr] = nil
    state.timer:close()
    vim.api.nvim_del_augroup_by_name('rlm_lsp.lens.' .. bufnr)
  end
end

---Keep the lenses of a buffer up to date until the client leaves it.
---@param client_id integer
---@param bufnr integer
function M.attach(client_id, bufnr)
  if vim.lsp.codelens.enable then -- Neovim 0.12 does all of this
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  detach(bufnr)
  local timer = assert(vim.uv.new_timer())
  ---@type rlm_lsp.Lenses
  local state = {
    client_id = client_id,
    lenses = {},
    text = 0,
    of_text = -1,
    in_place = false,
    asking = false,
    again = false,
    resolving = {},
    timer = timer,
  }
  states[bufnr] = state
  vim.api.nvim_buf_attach(bufnr, false, {
    on_lines = function(_, _, _, first, last, new_last)
      if states[bufnr] ~= state then
        return true -- listen no longer
      end
      if last == new_last and (state.of_text == state.text or state.in_place) then
        state.in_place = true -- lines have been changed, but all are where they were
        vim.schedule(function()
          if states[bufnr] == state and state.in_place then
            redraw(bufnr, state, first, last)
          end
        end)
      else
        state.in_place = false
      end
      state.text = state.text + 1
      timer:start(PAUSE_MS, 0, vim.schedule_wrap(function()
        M.refresh(bufnr)
      end))
    end,
  })
  local group = vim.api.nvim_create_augroup('rlm_lsp.lens.' .. bufnr, {})
  vim.api.nvim_create_autocmd({ 'BufWinEnter', 'WinScrolled' }, {
    group = group,
    buffer = bufnr,
    callback = function()
      if state.of_text == state.text then
        resolve(bufnr, state)
      end
    end,
  })
  vim.api.nvim_create_autocmd('LspDetach', {
    group = group,
    buffer = bufnr,
    callback = function(event)
      if event.data.client_id == client_id then
        detach(bufnr)
      end
    end,
  })
  M.refresh(bufnr)
end

return M
