-- K8: write-protection of shared memory that is not mapped is kept in marks in
-- the page table. A collapse that gave that table away, because no page is in
-- it, would lose the marks: the next store is not trapped. So a mapping that is
-- registered for write-protection keeps its tables (deb4c93a9871, 5.19, the
-- release that brought this protection).

local huge = include("huge.lua")

columns{"uffd-wp-tables", "kernel", "before", "table", "mark", "the store"}

-- A mapping here with a mark on an absent page, or a protected one; the file is
-- collapsed through another space.
local function try(kernel, behaviours, before)
  local m = machine{kernel = kernel, behaviours = behaviours}
  local space, there = m:space(), m:space()
  local file = m:shmem(m:huge())
  local target = huge.base + m:page()
  for _, s in ipairs{space, there} do
    s:map{at = huge.base, length = m:huge(), file = file, shared = true}
  end
  there:touch(huge.base, "w")
  if before == "a page" then space:touch(target, "w") end
  local uffd = space:uffd()
  assert(uffd:register(huge.base, m:huge(), "wp"))
  assert(uffd:write_protect(target, m:page()))
  local was_marked = space:entry(target).uffd_wp
  there:advise(huge.base, m:huge(), "collapse")
  local kept = space:tables(0) > 0
  local marked = space:entry(target).uffd_wp
  local trapped = false
  local task = space:task()
  actor("writer", function() task:store(target, 1) end)
  actor("handler", function()
    yield()
    trapped = uffd:waiting() > 0
    uffd:close()
  end)
  run()
  return was_marked, kept, marked, trapped
end

local function add(variant, kernel, behaviours, before)
  local was_marked, kept, marked, trapped = try(kernel, behaviours, before)
  local safe = variant == "kept"
  row({variant, kernel, before, kept and "kept" or "freed",
       marked and "there" or "lost", trapped and "trapped" or "missed"},
      was_marked and kept == safe and marked == safe and trapped == safe)
end

for _, before in ipairs{"no page", "a page"} do
  for _, kernel in ipairs{"6.1", "6.3", "6.6", "6.12", "6.18"} do
    add("kept", kernel, {}, before)
  end
  add("freed", "6.12", {"uffd-wp-tables=freed"}, before)
end
