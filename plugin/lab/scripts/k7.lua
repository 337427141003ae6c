-- K7: when a collapse has put a huge page into a file, it takes away the tables
-- of those who map the file, wherever they are, with no mmap_lock (since
-- 1d65b771bc08, 6.6). A mapping that has an anon_vma may have pages of its own,
-- and keeps its table; but a mapping can get its anon_vma at any moment after
-- that was asked. A write fault that does so still needs the file's page, whose
-- lock the collapse holds. Who needs no page lock is UFFDIO_COPY: so Linux asks
-- again under the pte lock. "looks-once" is without that.

local huge = include("huge.lua")

columns{"retract-tables", "operation", "page lock", "schedules", "table taken in",
        "result"}

-- A private mapping of the file here, with a table; a shared one there, which
-- is collapsed.
local function setup_for(variant, watch)
  local m = machine{behaviours = {"retract-tables=" .. variant}}
  local s = {m = m, space = m:space(), there = m:space()}
  s.file = m:shmem(m:huge())
  s.target = huge.base + m:page()
  s.source = huge.base + 8 * m:huge()
  s.space:map{at = huge.base, length = m:huge(), file = s.file}
  s.space:map{at = s.source}
  s.space:touch(s.source, "w")
  s.there:map{at = huge.base, length = m:huge(), file = s.file, shared = true}
  s.there:touch(huge.base, "w")
  s.space:touch(huge.base)
  if watch then
    s.uffd = s.space:uffd()
    -- Not "missing": that keeps a collapse from filling the file's holes.
    assert(s.uffd:register(huge.base, m:huge(), "minor"))
  end
  s.tables = s.space:tables(0)
  return s
end

local function collapse(s)
  s.there:advise(huge.base, s.m:huge(), "collapse")
  s.taken = s.space:tables(0) < s.tables
end

local function check(s)
  huge.check(s)
  outcome(s.taken and "taken" or "kept")
end

local operations = {
  {"write fault", "waits for it", huge.store, false},
  {"UFFDIO_COPY", "not needed", huge.copy, true},
}
for _, variant in ipairs{"mmap-trylock", "table-locks", "looks-once"} do
  for _, o in ipairs(operations) do
    local r = explore{
      expect = "problems",
      setup = function() return setup_for(variant, o[4]) end,
      actors = {{"other", o[3]}, {"khugepaged", collapse}},
      check = check,
      search = "exhaustive:1",
    }
    local problem, taken = r.problems[1], 0
    for _, out in ipairs(r.outcomes) do
      if out.text == "taken" then taken = out.count end
    end
    local unsafe = variant == "looks-once" and o[4]
    row({variant, o[1], o[2], r.schedules, taken,
         problem and problem.text or "whole"},
        unsafe == (problem ~= nil) and taken > 0 and (unsafe or r.complete))
    if problem then note(problem.story) end
  end
end
