-- :checkhealth rlm_lsp
local M = {}

local PATIENCE_MS = 10000

local function check_neovim()
  local version = tostring(vim.version())
  if vim.fn.has('nvim-0.11') == 1 then
    vim.health.ok('Neovim ' .. version)
  else
    vim.health.error('Neovim ' .. version .. ' is too old', 'Install Neovim 0.11 or newer.')
  end
end

---@return boolean whether there is a program
local function check_program()
  local command, path = require('rlm_lsp.server').program()
  if not path then
    local advice = 'pip install rlm-lsp (in a clone: pip install .), in an environment that is on PATH, or name the program: vim.g.rlm_lsp = { command = { ... } }'
    vim.health.error(('there is no program %s'):format(command[1] or ''), advice)
    return false
  end
  vim.health.ok(('program: %s'):format(path))
  local question = vim.list_extend({ path }, vim.tbl_map(function(argument)
    return argument == '--stdio' and '--version' or argument
  end, vim.list_slice(command, 2)))
  local asked, process = pcall(vim.system, question, { text = true, timeout = PATIENCE_MS })
  local answer = asked and process:wait() or { code = -1, stdout = '', stderr = tostring(process) }
  if answer.code == 0 then
    vim.health.ok(('version: %s'):format(vim.trim(answer.stdout)))
  else
    vim.health.error(('it does not say its version (exit code %d)'):format(answer.code), vim.trim(answer.stderr or ''))
  end
  return true
end

---@param client vim.lsp.Client
local function check_client(client)
  local question = { command = 'rlm-lsp.status', arguments = { { show = false } } }
  local answer = client:request_sync('workspace/executeCommand', question, PATIENCE_MS)
  local status = answer and answer.result
  local where = client.root_dir or 'files outside of a project'
  if not status then
    vim.health.error(('the server for %s does not answer'):format(where), ':RlmRestart starts a fresh one.')
    return
  end
  vim.health.ok(('server for %s: version %s, process %d'):format(where, status.server.version, status.server.pid))
  if type(status.model) == 'table' then
    vim.health.ok(('model: %s for %s'):format(status.model.id, status.model.device))
  end
  vim.health.info('worker: ' .. status.worker.state)
  for name, reason in pairs(status.degraded) do
    vim.health.warn(('%s: %s'):format(name, reason))
  end
end

function M.check()
  vim.health.start('rlm_lsp')
  check_neovim()
  local is_there = check_program()
  local server = require('rlm_lsp.server')
  local state, explanation = server.state()
  if state == 'failed' then
    vim.health.error(explanation, (':RlmRestart tries again; %s has what the server wrote.'):format(vim.lsp.log.get_filename()))
  elseif state ~= 'running' and is_there then
    vim.health.info(('server: %s, %s'):format(state, explanation))
  end
  for _, client in ipairs(server.clients()) do
    check_client(client)
  end
end

return M
