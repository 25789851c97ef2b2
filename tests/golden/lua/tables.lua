local handlers = {
  open = function(path)
    return io.open(path)
  end,
  ["close it"] = function(f) f:close() end,
  nested = {
    run = function() end,
    1, 2,
  },
  [1] = function() return "no plain name" end,
  function() return "nor this" end;
}
return {
  start = function() handlers.open("x") end,
}
