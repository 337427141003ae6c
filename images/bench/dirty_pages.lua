-- What it costs to put a scenario back: arguments[2] runs, in each of which
-- arguments[1] pages are written to.
local base = 0x40000000
local pages, runs = tonumber(arguments[1]), tonumber(arguments[2])
explore{
  setup = function()
    local m = machine{memory = 64 << 20}
    local space = m:space()
    space:map{at = base, length = pages * m:page()}
    for i = 0, pages - 1 do space:touch(base + i * m:page(), "w") end
    return {pins = space:pin(base, pages * m:page()), page = m:page()}
  end,
  actors = {{"writer", function(s)
    for i = 0, pages - 1 do s.pins:write(i * s.page, 1) end
  end}},
  search = "random:" .. runs,
  validate = false,
}
