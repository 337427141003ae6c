-- G3: the first store to a page of a shared mapping dirties a file. Who does
-- that may have to wait for write-back, and gives mmap_lock back for it, after
-- the entry is there. Up to 5.19 the fault could only say "retry" then, and was
-- made again from the start for nothing; since 6.0 (d92725256b4f) it says that
-- it is completed.

local base = 0x40000000

columns{"kernel", "mapping", "page", "access", "rounds"}

local function rounds(kernel, behaviours, shared, cached, write)
  local m = machine{kernel = kernel, behaviours = behaviours}
  local space = m:space()
  local file = m:shmem(m:page())
  if cached then
    local elsewhere = m:space()
    elsewhere:map{at = base, file = file, shared = true}
    elsewhere:touch(base, "w")
  end
  space:map{at = base, file = file, shared = shared}
  local task = space:task()
  local before
  actor("thread", function()
    before = m:counter("fault_rounds")
    if write then task:store(base, 1) else task:load(base) end
  end)
  run()
  return m:counter("fault_rounds") - before
end

local function add(kernel, behaviours, name, again)
  for _, c in ipairs{{"shared", false, "w", again and 2 or 1},
                     {"shared", true, "w", 1},
                     {"shared", false, "r", 1},
                     {"private", false, "w", 1}} do
    local n = rounds(kernel, behaviours, c[1] == "shared", c[2], c[3] == "w")
    row({name, c[1], c[2] and "dirty" or "absent", c[3] == "w" and "store" or "load",
         n}, n == c[4])
  end
end

add("5.15", {}, "5.15", true)
add("6.1", {}, "6.1", false)
add("6.18", {}, "6.18", false)
add("6.18", {"fault-completed=no"}, "6.18 without it", true)
