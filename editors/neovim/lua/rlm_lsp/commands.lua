-- The user commands.
local M = {}

local function answers()
  return require('rlm_lsp.answers')
end

---@param command string
---@param argument? table
---@param done fun(client: vim.lsp.Client, result: table)
local function run(command, argument, done)
  local client = answers().client(vim.api.nvim_get_current_buf())
  if client then
    answers().execute(client, command, argument, function(result)
      done(client, result)
    end)
  end
end

local function status()
  local server = require('rlm_lsp.server')
  local report, window = require('rlm_lsp.report'), require('rlm_lsp.window')
  local client = server.clients(vim.api.nvim_get_current_buf())[1] or server.clients()[1]
  if client then
    answers().execute(client, 'rlm-lsp.status', answers().QUIET, function(result)
      window.show('status', report.text(result.text))
    end)
  else
    local state, explanation = server.state()
    window.show('status', report.text(('%s: %s\n:checkhealth rlm_lsp says more.'):format(state, explanation)))
  end
end

---@param words string[] 10 1000 100000, or shapes such as xs=list[n]
local function scaling(words)
  local sizes, shapes = {}, {}
  for _, word in ipairs(words) do
    local name, shape = word:match('^([^=]+)=(.+)$')
    if name then
      shapes[name] = shape
    elseif tonumber(word) then
      table.insert(sizes, tonumber(word))
    else
      vim.notify(('rlm-lsp: %s is neither a size, such as 1000, nor a shape, such as xs=list[n]'):format(word), vim.log.levels.WARN)
      return
    end
  end
  answers().ask('rlm-lsp.scaling', { sizes = sizes[1] and sizes or nil, arguments = next(shapes) and shapes or nil })
end

local function check_workspace()
  vim.api.nvim_echo({ { 'rlm-lsp: checking the workspace' } }, false, {})
  run('rlm-lsp.checkWorkspace', answers().QUIET, function(client, result)
    local entries = require('rlm_lsp.report').quickfix(result, client.root_dir)
    vim.fn.setqflist({}, ' ', { title = 'rlm-lsp: broken budgets and dearest functions', items = entries })
    vim.cmd('botright copen')
  end)
end

local function toggle()
  run('rlm-lsp.toggle', nil, function(_, result)
    vim.api.nvim_echo({ { 'rlm-lsp: ' .. (result.enabled and 'on' or 'off') } }, false, {})
  end)
end

local function log()
  run('rlm-lsp.showLog', answers().QUIET, function(_, result)
    require('rlm_lsp.window').show('log', require('rlm_lsp.report').text(table.concat(result.lines, '\n')))
  end)
end

function M.define()
  local function define(name, description, action, nargs)
    vim.api.nvim_create_user_command(name, action, { desc = description, nargs = nargs or 0 })
  end
  local function about_function(command)
    return function()
      answers().ask(command)
    end
  end
  define('RlmStatus', 'How rlm-lsp is: server, model, cache, what is degraded', status)
  define('RlmExplain', 'Which lines the prediction of the function at the cursor hangs on', about_function('rlm-lsp.explain'))
  define('RlmScaling', 'What the function at the cursor costs for inputs of several sizes', function(call)
    scaling(call.fargs)
  end, '*')
  define('RlmCompare', 'What changed in the function at the cursor against HEAD', about_function('rlm-lsp.compareWithHead'))
  define('RlmCopyAsJson', 'Put the prediction of the function at the cursor into a register', about_function('rlm-lsp.copyAsJson'))
  define('RlmCheckWorkspace', 'Broken budgets and the dearest functions of the workspace, as a quickfix list', check_workspace)
  define('RlmToggle', 'Everything that rlm-lsp shows off, or on again, for this session', toggle)
  define('RlmLog', 'The last lines of the log of rlm-lsp', log)
  define('RlmClearCache', 'Have rlm-lsp forget all numbers, also those on disk', function()
    run('rlm-lsp.clearCache', nil, function()
      vim.api.nvim_echo({ { 'rlm-lsp: the numbers are forgotten' } }, false, {})
    end)
  end)
  vim.api.nvim_create_user_command('RlmOnnx', function(call)
    require('rlm_lsp.onnx').open(call.fargs)
  end, { desc = 'What a network costs, drawn in the browser; sizes may follow, such as batch=1', nargs = '*', complete = 'file' })
  define('RlmRestart', 'End rlm-lsp and start it anew', function()
    require('rlm_lsp.server').restart()
  end)
end

return M
