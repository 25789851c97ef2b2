-- The server's answers as Markdown: plain functions from JSON to lines.
local units = require('rlm_lsp.units')

local M = {}

local LONGEST_CODE = 48 -- characters of a line of code in a table
local MOST_REGIONS = 20

---@param objective string such as peak_heap@cpu
---@return string such as peak heap
local function title(objective)
  return (objective:gsub('@.*', ''):gsub('[_-]', ' '))
end

---@param predictions? table<string, any> by objective
---@return string[] objectives, latency first
local function objectives(predictions)
  local names = vim.tbl_keys(predictions or {})
  table.sort(names)
  return names
end

---@param cell string
---@return integer columns on the screen, where the backticks of code spans are hidden
local function width_of(cell)
  return vim.fn.strdisplaywidth((cell:gsub('`', '')))
end

---A Markdown table whose cells are as wide as their columns: Neovim shows it as it is written.
---@param header string[]
---@param aligned string one letter a column, l or r
---@param rows string[][]
---@return string[] lines
function M.table(header, aligned, rows)
  local widths = {}
  for _, row in ipairs({ header, unpack(rows) }) do
    for column, cell in ipairs(row) do
      widths[column] = math.max(widths[column] or 3, width_of(cell))
    end
  end
  local function line(row)
    local cells = {}
    for column, cell in ipairs(row) do
      local padding = (' '):rep(widths[column] - width_of(cell))
      cells[column] = aligned:sub(column, column) == 'r' and padding .. cell or cell .. padding
    end
    return '| ' .. table.concat(cells, ' | ') .. ' |'
  end
  local rule = {}
  for column, width in ipairs(widths) do
    rule[column] = aligned:sub(column, column) == 'r' and ('-'):rep(width - 1) .. ':' or ('-'):rep(width)
  end
  local lines = { line(header), line(rule) }
  vim.list_extend(lines, vim.tbl_map(line, rows))
  return lines
end

---@param text string
---@return string that has no line breaks and no markup
local function plain(text)
  return (tostring(text):gsub('%s+', ' '):gsub('[\\`*_%[%]<>|]', '\\%0'))
end

---@param text string
---@return string a code span, whatever backticks are in it
local function code(text)
  text = text:gsub('|', '¦') -- would end a table's cell
  return text:find('`', 1, true) and ('`` %s ``'):format(text) or ('`%s`'):format(text)
end

local function prediction(answer)
  local interval = units.interval(answer)
  return vim.startswith(interval, '~') and interval or ('%s (%s)'):format(interval, units.band(answer))
end

---@param first integer
---@param last integer
local function line_range(first, last)
  return first == last and tostring(first) or ('%d–%d'):format(first, last)
end

---What leaving lines out of a function does to its prediction (rlm-lsp.explain).
---@param result table
---@param line_at fun(line: integer): string? the document's line, counted from 0
---@return string[]
function M.explain(result, line_at)
  local lines = { ('**%s**: what its prediction hangs on'):format(code(result['function'])), '' }
  if result.unknown then
    return vim.list_extend(lines, { 'No prediction: ' .. plain(result.unknown) })
  end
  local names = objectives(result.predictions)
  for _, name in ipairs(names) do
    table.insert(lines, ('%s: %s  '):format(title(name), prediction(result.predictions[name])))
  end
  local rows = {}
  for index, region in ipairs(result.regions) do
    if index > MOST_REGIONS then
      break
    end
    local place = region.range -- nil where the text has changed since
    local row = { place and line_range(place.start.line + 1, place['end'].line + 1) or 'earlier text' }
    for _, name in ipairs(names) do
      local change = region.log10 and region.log10[name]
      table.insert(row, change and ('%.2gx'):format(10 ^ change) or '?')
    end
    local text = place and vim.trim(line_at(place.start.line) or '') or ''
    table.insert(row, text ~= '' and code(vim.fn.strcharpart(text, 0, LONGEST_CODE)) or '')
    table.insert(rows, row)
  end
  if #rows == 0 then
    return vim.list_extend(lines, { '', 'There is no statement that it could do without.' })
  end
  local header = vim.list_extend({ 'without lines' }, vim.tbl_map(title, names))
  table.insert(header, 'code')
  table.insert(lines, '')
  vim.list_extend(lines, M.table(header, 'r' .. ('r'):rep(#names) .. 'l', rows))
  return vim.list_extend(lines, { '', plain(result.note), '', ('predicted by %s for %s'):format(plain(result.model), plain(result.device)) })
end

local function with_commas(whole)
  local text = ('%.0f'):format(whole)
  return (text:reverse():gsub('(%d%d%d)', '%1,'):reverse():gsub('^,', ''))
end

---A function's cost over the size of its arguments (rlm-lsp.scaling).
---@param result table
---@return string[]
function M.scaling(result)
  local arguments = {}
  for _, name in ipairs(objectives(result.arguments)) do
    table.insert(arguments, ('%s=%s'):format(name, result.arguments[name]))
  end
  local lines = { ('**%s** for %s'):format(code(result['function']), code(table.concat(arguments, ', '))), '' }
  local names, rows, reasons = {}, {}, {}
  for _, point in ipairs(result.points) do
    if point.predictions then
      names = objectives(point.predictions)
    else
      reasons[point.unknown] = true
    end
  end
  if #names == 0 then
    for reason in pairs(reasons) do
      table.insert(lines, 'No prediction: ' .. plain(reason))
    end
    return lines
  end
  for _, point in ipairs(result.points) do
    local row = { with_commas(point.n) }
    for index, name in ipairs(names) do
      row[index + 1] = point.predictions and prediction(point.predictions[name]) or index == 1 and plain(point.unknown) or ''
    end
    table.insert(rows, row)
  end
  vim.list_extend(lines, M.table(vim.list_extend({ 'n' }, vim.tbl_map(title, names)), 'r' .. ('l'):rep(#names), rows))
  for _, name in ipairs(names) do
    local growth = result.exponents[name] -- nil where too few sizes were answered
    if growth then
      vim.list_extend(lines, { '', ('%s grows like n^%.1f (%.1f to %.1f)'):format(title(name), growth.exponent, growth.low, growth.high) })
    end
  end
  if result.caveat then
    vim.list_extend(lines, { '', plain(result.caveat) })
  end
  return vim.list_extend(lines, { '', ('%s: %s'):format(plain(result.model), plain(result.note)) })
end

---What changed against HEAD (rlm-lsp.compareWithHead).
---@param result table
---@return string[]
function M.compare(result)
  local count = ('%d of %d functions differ from HEAD'):format(#result.functions, result.compared)
  local lines = { count, '' }
  local rows = {}
  for _, item in ipairs(result.functions) do
    if #item.changes == 0 then
      local why = item.added and 'new' or plain(item.unknownAfter or item.unknownBefore or 'no prediction')
      table.insert(rows, { tostring(item.line), code(item.name), '', why, '', '' })
    end
    for _, change in ipairs(item.changes) do
      local before, after = units.value(change.before, change.unit, 2), units.value(change.after, change.unit, 2)
      table.insert(rows, { tostring(item.line), code(item.name), title(change.metric), before, after, (change.standing:gsub('-', ' ')) })
    end
  end
  if #rows > 0 then
    vim.list_extend(lines, M.table({ 'line', 'function', 'metric', 'before', 'after', 'is it a change?' }, 'rllrrl', rows))
    table.insert(lines, '')
  end
  return vim.list_extend(lines, { ('predicted by %s for %s; not measured'):format(plain(result.model), plain(result.device)) })
end

---The server's text as it is.
---@param text string
---@return string[]
function M.text(text)
  local lines = { '```text' }
  vim.list_extend(lines, vim.split(text:gsub('```', '` ` `'), '\n'))
  table.insert(lines, '```')
  return lines
end

---A check of the workspace as entries of a quickfix list: broken budgets, then the dearest functions.
---@param result table
---@param root? string the folder that paths are relative to
---@return table[] entries
function M.quickfix(result, root)
  local function entry(item, kind, text)
    local path = vim.startswith(item.path, '/') and item.path or vim.fs.joinpath(root or '', item.path)
    return { filename = path, lnum = item.line, col = item.column, type = kind, text = ('%s: %s'):format(item.name, text) }
  end
  local entries = {}
  for _, breach in ipairs(result.breaches) do
    local unit = breach.metric == 'latency' and 's' or 'B'
    local value, limit = units.value(breach.value, unit, 2), units.value(breach.limit, unit, 2)
    local said = ('predicted %s: %s %s is above the budget of %s'):format(title(breach.metric), breach.quantile, value, limit)
    table.insert(entries, entry(breach, breach.severity == 'error' and 'E' or 'W', said))
  end
  for _, item in ipairs(result.top) do
    if item.predictions then
      local costs = vim.tbl_map(function(name)
        return ('%s %s'):format(title(name), prediction(item.predictions[name]))
      end, objectives(item.predictions))
      table.insert(entries, entry(item, 'I', table.concat(costs, ', ')))
    end
  end
  return entries
end

return M
