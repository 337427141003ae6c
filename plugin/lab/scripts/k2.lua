-- K2: the collapse of a huge page that is mapped by base pages holds the page's
-- lock, from before it clears the entries until the table is gone. A write
-- fault in a private mapping needs the page to copy from, and waits for that
-- lock. UFFDIO_COPY brings its own page and asks nobody: the lock does not stop
-- it. (So it was in the first form of 1043173eb5eb.)

local huge = include("huge.lua")

columns{"operation", "in the window it", "its page", "counts"}

-- One schedule: the operation starts when the entries are cleared, and goes on
-- as far as it can.
local function run_in_window(operation)
  local s = huge.pte_mapped{behaviours = {"collapse-uffd=buggy"},
                            watch = "missing"}
  local other = actor("other", operation, s)
  local khugepaged = actor("khugepaged", huge.collapse, s)
  local seen
  pause(other)
  at("collapse.pte_mapped.cleared", khugepaged, function() let_run(other) end)
  at("pmd.lock", khugepaged, function() seen = other:state() end)
  run()
  local e = s.space:entry(s.target)
  local there = (s.copied or s.stored) and e.kind == "page" and not e.huge
  return seen, there and "is there" or "is lost", s.m:validate()
end

local seen, page, broken = run_in_window(huge.store)
row({"write fault", seen, page, broken == "" and "right" or "broken: " .. broken},
    seen == "waits: page.lock" and page == "is there" and broken == "")
seen, page, broken = run_in_window(huge.copy)
row({"UFFDIO_COPY", seen, page, broken == "" and "right" or "broken: " .. broken},
    seen == "done" and page == "is lost" and broken ~= "")
