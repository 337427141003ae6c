-- K5: the other cure that was discussed for K3: clear the entries first, then
-- try for the pmd lock with the pte lock held; if somebody has it, drop the pte
-- lock, take both in their order, and look at all entries again. It is as safe,
-- and begins again at most once.

local huge = include("huge.lua")

columns{"collapse-uffd", "schedules", "rescans", "result"}

-- Needs a new table in the same upper table: its lock is the one that is tried.
local function neighbour(s)
  s.space:touch(s.other, "w")
end

local function rescans_of(r)
  local cells, most = {}, 0
  for _, o in ipairs(r.outcomes) do
    cells[#cells + 1] = o.text .. " in " .. o.count
    most = math.max(most, tonumber(o.text))
  end
  table.sort(cells)
  return table.concat(cells, ", "), most
end

for _, variant in ipairs{"pml-early", "trylock-restart"} do
  local r = explore{
    expect = "problems",
    setup = function()
      local s = huge.pte_mapped{behaviours = {"collapse-uffd=" .. variant},
                                watch = "missing"}
      s.other = huge.base + 16 * s.m:huge()
      s.space:map{at = s.other}
      return s
    end,
    actors = {{"copy", huge.copy}, {"khugepaged", huge.collapse},
              {"neighbour", neighbour}},
    check = function(s)
      huge.check(s)
      outcome(string.format("%d", s.m:counter("collapse_rescans")))
    end,
    search = "exhaustive:1",
    all = true,
  }
  local cells, most = rescans_of(r)
  local problem = r.problems[1]
  local expected = variant == "trylock-restart" and 1 or 0
  row({variant, r.schedules, cells, problem and problem.text or "whole"},
      problem == nil and r.complete and most == expected)
end
