-- K9: guard markers are entries that are no pages, and MADV_GUARD_INSTALL asks
-- no page cache either. What comes out if it happens at each step of a
-- collapse? A guard is lost if the call succeeded and the entry is not there
-- afterwards. That happens in one window, the one of K3, which is shut only for
-- memory that userfaultfd watches. Linux has it: 6.18 loses guards so, one of
-- three where MADV_COLLAPSE and MADV_GUARD_INSTALL were made to race.

local huge = include("huge.lua")

columns{"collapse of", "at", "install", "collapse", "guard"}

local function anonymous()
  local m = machine{}
  local s = {m = m, space = m:space(), target = huge.base + 3 * m:page()}
  s.space:map{at = huge.base, length = m:huge()}
  s.space:touch(huge.base, "w")
  return s
end

-- Base pages of a file, collapsed from here or from elsewhere.
local function file_of_pages(elsewhere)
  local m = machine{}
  local s = {m = m, space = m:space(), target = huge.base + 3 * m:page()}
  local file = m:shmem(m:huge())
  s.space:map{at = huge.base, length = m:huge(), file = file, shared = true}
  s.space:touch(huge.base, "w")
  s.by = s.space
  if elsewhere then
    s.by = m:space()
    s.by:map{at = huge.base, length = m:huge(), file = file, shared = true}
    s.by:touch(huge.base)
  end
  return s
end

local cases = {
  {"anonymous pages", anonymous,
   {"collapse.isolated", "collapse.detached", "collapse.copied"}},
  {"a file's pages", function() return file_of_pages(false) end,
   {"collapse.file.isolated", "collapse.file.copied", "collapse.file.replaced",
    "collapse.retract.found"}},
  {"a file's pages, elsewhere", function() return file_of_pages(true) end,
   {"collapse.file.copied", "collapse.retract.found"}},
  {"a huge page in base entries", function() return huge.pte_mapped{} end,
   {"collapse.pte_mapped.checked", "collapse.pte_mapped.cleared"},
   loses_at = "collapse.pte_mapped.cleared"},
  {"the same, private and armed",
   function() return huge.pte_mapped{watch = "missing"} end,
   {"collapse.pte_mapped.checked", "collapse.pte_mapped.cleared"}},
}

local function install(s)
  s.installed = s.space:advise(s.target, s.m:page(), "guard_install")
end
local function collapse(s)
  s.collapsed = (s.by or s.space):advise(huge.base, s.m:huge(), "collapse")
end
local function guard_of(s)
  if not s.installed then return "none" end
  return s.space:entry(s.target).guard and "holds" or "lost"
end
local function result(s)
  return s.installed and "done" or "refused", s.collapsed and "done" or "gives up",
         guard_of(s)
end

for _, c in ipairs(cases) do
  for _, point in ipairs(c[3]) do
    local s = c[2]()
    local reached
    local guard = actor("guard", install, s)
    local khugepaged = actor("khugepaged", collapse, s)
    pause(guard)
    at(point, khugepaged, function()
      reached = true
      let_run(guard)
    end)
    run()
    local installed, collapsed, held = result(s)
    row({c[1], point, installed, collapsed, held},
        reached == true and installed == "done" and
            held == (point == c.loses_at and "lost" or "holds"))
  end
  local r = explore{
    setup = c[2],
    actors = {{"guard", install}, {"khugepaged", collapse}},
    check = function(s) outcome(guard_of(s)) end,
    search = "exhaustive:1",
    all = true,
  }
  local cells, lost = {}, 0
  for _, o in ipairs(r.outcomes) do
    cells[#cells + 1] = o.text .. " " .. o.count
    if o.text ~= "holds" then lost = lost + o.count end
  end
  row({c[1], "all: " .. r.schedules .. " schedules", "", "",
       table.concat(cells, ", ")},
      #r.problems == 0 and r.complete and (lost > 0) == (c.loses_at ~= nil))
end
