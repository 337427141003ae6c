-- What the U claims share: a file that two spaces map. One has a userfaultfd over it, and fills a
-- page; the other one makes the file's pages a huge one, which takes the page tables of everybody
-- away who maps it.

local M = {}
M.base = 0x40000000

-- All of the file is in memory: with holes the collapse would take faults away from the handler,
-- and gives up. So what is filled is what the file has: UFFDIO_CONTINUE.
function M.shared_file(options)
  local m = machine(options)
  local space, other = m:space(), m:space()
  local file = m:shmem(m:huge())
  space:map{at = M.base, length = m:huge(), file = file, shared = true}
  other:map{at = M.base, length = m:huge(), file = file, shared = true}
  other:advise(M.base, m:huge(), "populate_write")
  local uffd = space:uffd()
  uffd:register(M.base, m:huge(), "minor")
  return {m = m, space = space, other = other, uffd = uffd, target = M.base + 8 * m:page()}
end

-- What the neighbour does.
function M.collapse(s)
  s.collapsed, s.why_not = s.other:advise(M.base, s.m:huge(), "collapse")
end

-- One page; what the ioctl answered.
function M.fill(s)
  local done, why = s.uffd:continue(s.target, s.m:page())
  s.answer = why or "filled"
end

-- Both, the collapse when the fill comes to `point`. Returns what went wrong.
function M.collapse_inside_fill(s, point)
  local fill = actor("handler", function() M.fill(s) end)
  local collapse = actor("khugepaged", function() M.collapse(s) end)
  pause(collapse)
  at(point, fill, function() let_run(collapse) end)
  return try_run()
end

return M
