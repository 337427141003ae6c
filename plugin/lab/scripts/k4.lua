-- K4: what saves the page is not that the pmd lock is taken before the entries
-- are cleared, but that the pte lock then need not be dropped before the table
-- goes: UFFDIO_COPY takes only the pte lock, once it has found the table.
-- (Linux 6.6, 1043173eb5eb, keeps both.)

local huge = include("huge.lua")

columns{"collapse-uffd", "pmd lock", "pte lock", "schedules", "result"}

local variants = {
  {"buggy", "late", "dropped"},
  {"pml-only", "early", "dropped"},
  {"pml-early", "early", "kept"},
}
for _, v in ipairs(variants) do
  local r = explore{
    expect = "problems",
    setup = function()
      return huge.pte_mapped{behaviours = {"collapse-uffd=" .. v[1]},
                             watch = "missing"}
    end,
    actors = {{"copy", huge.copy}, {"khugepaged", huge.collapse}},
    check = huge.check,
    search = "exhaustive:2",
  }
  local problem = r.problems[1]
  row({v[1], v[2], v[3], r.schedules,
       problem and problem.text or "whole"},
      (v[3] == "dropped") == (problem ~= nil) and (problem ~= nil or r.complete))
  if problem and v[1] == "pml-only" then note(problem.story) end
end
