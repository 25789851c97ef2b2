-- Asks the server for something about a function, and shows the answer where the cursor is.
local report = require('rlm_lsp.report')
local server = require('rlm_lsp.server')
local window = require('rlm_lsp.window')

local M = {}

---@param text string
local function complain(text)
  vim.notify('rlm-lsp: ' .. text, vim.log.levels.WARN)
end

---@param client vim.lsp.Client
---@param command string rlm-lsp.status
---@param argument? table nil for a command that takes none
---@param done fun(result: table)
function M.execute(client, command, argument, done)
  client:request('workspace/executeCommand', { command = command, arguments = argument and { argument } }, function(err, result)
    if err then
      complain(err.message)
    elseif result then
      done(result)
    end
  end)
end

---What a command is told so that its answer does not come as a message, too.
M.QUIET = { show = false }

---@param bufnr integer
---@return vim.lsp.Client? nil, once it was said why there is none
function M.client(bufnr)
  local client = server.clients(bufnr)[1] or server.clients()[1]
  if not client then
    local state, explanation = server.state()
    complain(('%s: %s'):format(state, explanation))
  end
  return client
end

---The line that the cursor is on, as the server counts characters. An empty one reaches into the next.
local function cursor_line(client, bufnr)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local text = vim.api.nvim_buf_get_lines(bufnr, row, row + 1, true)[1]
  local last = { line = row, character = vim.str_utfindex(text, client.offset_encoding, #text, false) }
  return { start = { line = row, character = 0 }, ['end'] = #text > 0 and last or { line = row + 1, character = 0 } }
end

---Find the function that the cursor is in, by the commands that the server offers for it as code actions.
---@param command string
---@param done fun(client: vim.lsp.Client, argument: table)
local function at_cursor(command, done)
  local bufnr = vim.api.nvim_get_current_buf()
  local client = M.client(bufnr)
  if not client then
    return
  end
  if not client:supports_method('textDocument/codeAction', bufnr) then
    return complain('the function at the cursor is found by code actions, which are switched off or not for this file')
  end
  local params = {
    textDocument = vim.lsp.util.make_text_document_params(bufnr),
    range = cursor_line(client, bufnr),
    context = { diagnostics = {} },
  }
  client:request('textDocument/codeAction', params, function(err, actions)
    for _, action in ipairs(actions or {}) do
      local offered = type(action.command) == 'table' and action.command or action
      if offered.command == command then
        return done(client, offered.arguments[1])
      end
    end
    complain(err and err.message or 'no function with a prediction is at the cursor')
  end, bufnr)
end

local function show_explanation(argument, result)
  local bufnr = vim.uri_to_bufnr(argument.uri)
  local function line_at(line)
    return vim.api.nvim_buf_get_lines(bufnr, line, line + 1, false)[1]
  end
  window.show('explain', report.explain(result, line_at))
end

---@type table<string, fun(argument: table, result: table)>
local SHOW = {
  ['rlm-lsp.explain'] = show_explanation,
  ['rlm-lsp.scaling'] = function(_, result)
    window.show('scaling', report.scaling(result))
  end,
  ['rlm-lsp.compareWithHead'] = function(_, result)
    window.show('compare', report.compare(result))
  end,
  ['rlm-lsp.copyAsJson'] = function(_, result)
    local register = vim.v.register
    vim.fn.setreg(register, vim.json.encode(result))
    vim.api.nvim_echo({ { ('rlm-lsp: copied to register %s'):format(register) } }, false, {})
  end,
}

---Run one of the commands about the function at the cursor.
---@param command string
---@param extra? table what else to tell the server
function M.ask(command, extra)
  at_cursor(command, function(client, argument)
    argument = vim.tbl_extend('force', argument, extra or {}, M.QUIET)
    M.execute(client, command, argument, function(result)
      SHOW[command](argument, result)
    end)
  end)
end

---`commands` of the client's configuration: lenses and code actions show their answers as our commands do.
---@type table<string, fun(command: lsp.Command, context: table)>
M.commands = {}
for name, show in pairs(SHOW) do
  M.commands[name] = function(command, context)
    local client = vim.lsp.get_client_by_id(context.client_id)
    local argument = vim.tbl_extend('force', (command.arguments or {})[1] or {}, M.QUIET)
    if client then
      M.execute(client, name, argument, function(result)
        show(argument, result)
      end)
      require('rlm_lsp.lens').refresh(context.bufnr) -- Neovim has just cleared the one that was run
    end
  end
end

return M
