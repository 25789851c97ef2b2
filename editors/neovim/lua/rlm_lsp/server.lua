-- The server's process: found or missed, started, and started again a few times if it dies. However often it does, one message is shown.
local options = require('rlm_lsp.options')

local M = {}

local NAME = 'rlm_lsp'
local RESTARTS = 3 -- in PERIOD_MS; a server that dies more often would die again
local PERIOD_MS = 180000
local FIRST_DELAY_MS = 500 -- doubles
local STOP_MS = 5000 -- for a server to end when asked to
local POLL_MS = 50

---@type table<vim.lsp.rpc.PublicClient, true> the processes there are, one for each workspace
local alive = {}
---@type integer[] when one died, in milliseconds of the loop's clock
local deaths = {}
---@type string? why it is not started any more
local failure
local last_death = ''

---@param text string
local function tell(text)
  vim.notify('rlm-lsp: ' .. text, vim.log.levels.WARN)
end

---@return string[] command
---@return string? program its path, nil where there is no such program
function M.program()
  local configured = vim.lsp.config[NAME].cmd
  local command = type(configured) == 'table' and configured or options.command()
  local path = vim.fn.exepath(command[1] or '')
  return command, path ~= '' and path or nil
end

---@param bufnr? integer
---@return vim.lsp.Client[] those that answer, of a buffer or all
function M.clients(bufnr)
  return vim.lsp.get_clients({ name = NAME, bufnr = bufnr })
end

---@return boolean whether the user wants it; a Neovim that cannot say so has it enabled
function M.is_enabled()
  return not vim.lsp.is_enabled or vim.lsp.is_enabled(NAME)
end

---@return boolean whether a process of it runs, be it for another workspace
function M.is_started()
  return next(alive) ~= nil
end

---@return 'missing'|'failed'|'starting'|'running'|'stopped' state
---@return string explanation
function M.state()
  if failure then
    return 'failed', failure
  end
  local client = M.clients()[1]
  if client then
    return 'running', ('version %s'):format(client.server_info and client.server_info.version or 'unknown')
  end
  if M.is_started() then
    return 'starting', 'waiting for its first answer'
  end
  local command, program = M.program()
  if not program then
    return 'missing', ('there is no program %s on PATH; install it with: pip install rlm-lsp (in a clone: pip install .)'):format(command[1] or '')
  end
  return 'stopped', last_death ~= '' and last_death or 'no file that it serves is open'
end

---Whether it may be started for one more file. Says once why not.
---@return boolean
function M.is_startable()
  if failure then
    return false
  end
  local state, explanation = M.state()
  if state == 'missing' then
    vim.notify_once('rlm-lsp: ' .. explanation, vim.log.levels.WARN)
    return false
  end
  return true
end

---@param ending string how it died
local function died(ending)
  local now = vim.uv.now()
  last_death = ending
  if #deaths > 0 and now - deaths[#deaths] < FIRST_DELAY_MS then
    return -- the server of another workspace, at the same time: all of them are about to be started again
  end
  deaths = vim.tbl_filter(function(at)
    return now - at < PERIOD_MS
  end, deaths)
  table.insert(deaths, now)
  vim.lsp.log.warn(NAME, ending)
  if #deaths > RESTARTS then
    failure = ('%s, for the %dth time in %d minutes'):format(ending, #deaths, PERIOD_MS / 60000)
    tell(failure .. '. It is not started again: :checkhealth rlm_lsp says more, :RlmRestart tries again.')
    return
  end
  vim.defer_fn(function()
    if M.is_enabled() and not failure then
      vim.lsp.enable(NAME) -- once more: buffers that have a server keep it
    end
  end, FIRST_DELAY_MS * 2 ^ (#deaths - 1))
end

---`cmd` of the client's configuration. Neovim hears of a death as of a regular end, so that it does not warn of each.
---@param dispatchers vim.lsp.rpc.Dispatchers
---@return vim.lsp.rpc.PublicClient
function M.start(dispatchers)
  local wanted = false -- that it ends
  local complained = false
  local started, rpc
  local ours = {
    notification = dispatchers.notification,
    server_request = dispatchers.server_request,
    on_exit = function(code, signal)
      dispatchers.on_exit(0, 0)
      alive[rpc] = nil
      if not wanted then
        local how = signal ~= 0 and ('by signal %d'):format(signal) or ('with exit code %d'):format(code)
        vim.schedule(function()
          died('the server has ended ' .. how)
        end)
      end
    end,
    on_error = function(code, error)
      if complained then
        vim.lsp.log.error(NAME, code, error)
      else
        complained = true
        dispatchers.on_error(code, error)
      end
    end,
  }
  started, rpc = pcall(vim.lsp.rpc.start, options.command(), ours)
  if not started then
    failure = tostring(rpc)
    error(rpc, 0) -- Neovim shows it; there is no second time
  end
  alive[rpc] = true
  local request, terminate = rpc.request, rpc.terminate
  rpc.request = function(method, ...)
    if wanted then
      return false -- the server would refuse it, and Neovim complain of that
    end
    wanted = method == 'shutdown'
    return request(method, ...)
  end
  rpc.terminate = function()
    wanted = true
    terminate()
  end
  return rpc
end

---End the server and start it anew for all files that it serves. What went wrong before is forgotten.
function M.restart()
  failure, deaths, last_death = nil, {}, ''
  vim.lsp.enable(NAME, false)
  local waited = 0
  local function start()
    if not M.is_started() then
      vim.lsp.enable(NAME)
      return
    end
    waited = waited + POLL_MS
    if waited == STOP_MS then
      for rpc in pairs(alive) do
        rpc.terminate()
      end
    end
    vim.defer_fn(start, POLL_MS)
  end
  start()
end

return M
