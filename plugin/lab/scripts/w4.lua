-- W4: change_pmd_range()'s -ENOMEM is added to the pages of the regions of 1 GiB before it. With P
-- pages protected before the boundary and a page table that cannot be had behind it, the ioctl
-- fails with error 12 - P, and from P = 12 on it succeeds, with the rest unprotected. So do all
-- Linuxes since 6.3 (seen on 6.12); `propagated` is what it was meant to be.

columns{"rule", "line"}

local GiB, page = 1 << 30, 4096
local names = {[0] = "success", "Operation not permitted", "No such file or directory",
  "No such process", "Interrupted system call", "Input/output error", "No such device or address",
  "Argument list too long", "Exec format error", "Bad file descriptor", "No child processes",
  "Resource temporarily unavailable", "Cannot allocate memory"}

local function line(rule, pages)
  local m = machine{memory = 32 << 20, behaviours = {"wp-errno-sum=" .. rule}}
  local space = m:space()
  local edge = 4 * GiB
  local file = m:shmem(4 << 20)
  space:map{at = edge - (2 << 20), length = 4 << 20, file = file, shared = true}
  local far = space:map{at = edge + (512 << 20)}
  space:touch(far, "w")  -- the second region has its PMD table; a PTE table is what it lacks
  for i = 1, math.max(pages, 1) do space:touch(edge - page * i, "w") end
  local uffd = space:uffd()
  uffd:register(edge - (2 << 20), 4 << 20, "wp")
  fail("alloc.table.pte", 1)
  local done, _, errno = uffd:write_protect(edge - page * pages, page * (pages + 1))
  local last = pages > 0 and space:entry(edge - page).uffd_wp
  errno = done and 0 or errno
  return string.format(
      "P=%2d: errno %2d (%s), last page before the edge %s, first after it %s", pages, errno,
      names[errno], last and "protected" or "open",
      space:entry(edge).uffd_wp and "protected" or "open"), errno
end

for pages = 0, 20 do
  local text, errno = line("summed", pages)
  row({"summed", text}, errno == math.max(12 - pages, 0))
end
for pages = 0, 20 do
  local text, errno = line("propagated", pages)
  row({"propagated", text}, errno == 12)
end
