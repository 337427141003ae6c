-- U5: a filling ioctl makes a page table and looks at the pmd again. Since 6.6 khugepaged may take
-- that table away without mmap_lock (1d65b771bc08), and up to 6.10 the second look met a
-- BUG_ON(pmd_none()). Since 6.11 it is an answer (4828d207dc51): EEXIST where the table goes before
-- the second look, EAGAIN where it goes after.

local u = include("uffd.lua")
columns{"kernel", "table goes before", "collapse", "answer"}

local windows = {{"uffd.fill.table", "the second look"}, {"uffd.fill.checked", "its lock"}}
local expected = {
  ["6.1"] = {"filled", "filled"},  -- the collapse needs mmap_lock, and leaves the table
  ["6.6"] = {"BUG", "EAGAIN"},
  ["6.12"] = {"EEXIST", "EAGAIN"},
}
for _, kernel in ipairs{"6.1", "6.6", "6.12"} do
  for i, window in ipairs(windows) do
    local s = u.shared_file{kernel = kernel}
    local problem = u.collapse_inside_fill(s, window[1])
    local answer = s.m:bug() and "BUG" or s.answer
    row({kernel, window[2], s.collapsed and "done" or s.why_not,
         s.m:bug() and "BUG: " .. s.m:bug() or s.answer},
        problem == nil and answer == expected[kernel][i])
  end
end
