-- Seconds and bytes as the server prints them (rlm_lsp/units.py there): no more digits than a prediction has.
local M = {}

local STEPS = {
  s = { { 60, 'min' }, { 1, 's' }, { 1e-3, 'ms' }, { 1e-6, 'µs' }, { 1e-9, 'ns' } },
  B = { { 1e12, 'TB' }, { 1e9, 'GB' }, { 1e6, 'MB' }, { 1e3, 'kB' }, { 1, 'B' } },
}
local RESOLUTION = { s = 1e-9, B = 1 }
local LARGEST = 1e6 -- of the largest unit; above it, powers of ten

---A number with so many decimal places. LuaJIT's own format rounds 2.5 up, the server's to the even digit.
local function fixed(value, places)
  return vim.fn.printf('%.' .. places .. 'f', value)
end

local function step_for(value, unit)
  local steps = STEPS[unit]
  for _, step in ipairs(steps) do
    if value >= step[1] * (1 - 1e-12) then
      return step[1], step[2]
    end
  end
  return steps[#steps][1], steps[#steps][2]
end

---@param value number
---@param places integer decimal places, negative ones left of the point
local function round(value, places)
  if places >= 0 then
    return tonumber(fixed(value, places))
  end
  local power = 10 ^ -places
  return tonumber(fixed(value / power, 0)) * power
end

local function rounded(value, unit, digits)
  local floor = RESOLUTION[unit]
  if value < floor / 2 then
    return 0
  end
  value = math.max(value, floor)
  for _ = 1, 2 do -- rounding may carry into the next unit, whose digits then count
    local step = step_for(value, unit)
    local places = digits - 1 - math.floor(math.log10(value / step))
    if step == floor then
      places = math.min(places, 0) -- whole bytes, whole nanoseconds
    end
    value = round(value / step, places) * step
  end
  return value
end

local function number(value, digits)
  if value == 0 then
    return '0'
  end
  if value >= LARGEST then
    return vim.fn.printf('%.' .. math.max(digits - 1, 0) .. 'e', value)
  end
  if digits == 0 then
    return fixed(value, 0)
  end
  return fixed(value, math.max(digits - 1 - math.floor(math.log10(value) + 1e-12), 0))
end

---@param value number
---@param unit 's'|'B'
---@param digits integer significant ones
---@return string such as 1.2 ms
function M.value(value, unit, digits)
  value = rounded(value, unit, digits)
  local step, name = step_for(value, unit)
  return ('%s %s'):format(number(value / step, step == RESOLUTION[unit] and 0 or digits), name)
end

local function digits_of(prediction)
  local floor = RESOLUTION[prediction.unit]
  local ratio = math.max(prediction.p90, floor) / math.max(prediction.p10, floor)
  return ratio <= 10 and 2 or ratio <= 100 and 1 or 0
end

local function range(low, high, unit, digits)
  low, high = rounded(low, unit, digits), rounded(high, unit, digits)
  if low == high then
    return M.value(high, unit, digits)
  end
  local step, name = step_for(high, unit)
  local whole = step == RESOLUTION[unit]
  if low == 0 or low / step >= 0.01 or whole then
    local shown = whole and 0 or digits
    return ('%s–%s %s'):format(number(low / step, shown), number(high / step, shown), name)
  end
  return ('%s–%s'):format(M.value(low, unit, digits), M.value(high, unit, digits))
end

---@class rlm_lsp.Prediction
---@field p10 number
---@field p50 number
---@field p90 number
---@field unit 's'|'B'

---@param prediction rlm_lsp.Prediction
---@return string the middle, or a range where a middle would say too much
function M.interval(prediction)
  local digits = digits_of(prediction)
  if digits == 0 then
    return '~' .. range(prediction.p10, prediction.p90, prediction.unit, 1)
  end
  return M.value(prediction.p50, prediction.unit, digits)
end

---@param prediction rlm_lsp.Prediction
---@return string the range from p10 to p90
function M.band(prediction)
  return range(prediction.p10, prediction.p90, prediction.unit, math.max(digits_of(prediction), 1))
end

return M
