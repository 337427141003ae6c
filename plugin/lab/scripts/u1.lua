-- U1: a page table that is gone when its lock is taken is nothing permanent. Since 6.5
-- pte_offset_map_lock() may fail, and UFFDIO_COPY and its like then answer EAGAIN: who tries again
-- succeeds. (The first draft of that change answered EFAULT, which is for ever.)

local u = include("uffd.lua")
columns{"kernel", "answer", "at the next try", "in the end"}

for _, kernel in ipairs{"6.6", "6.12", "6.18"} do
  local s = u.shared_file{kernel = kernel}
  local problem = u.collapse_inside_fill(s, "uffd.fill.checked")
  local first = s.answer
  u.fill(s)
  local e = s.space:entry(s.target)
  row({kernel, first, s.answer, e.huge and "the huge page" or e.kind},
      problem == nil and first == "EAGAIN" and s.answer == "filled" or s.answer == "EEXIST")
end
