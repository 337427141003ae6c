-- W1: a page table that UFFDIO_WRITEPROTECT cannot have. Up to 6.2 it went on as if nothing had
-- happened: the ioctl succeeded, and stores to that part were never told of. Since 6.3 it is ENOMEM
-- (a79390f5d6a7, d1751118c886).

columns{"kernel", "table that fails", "answer", "pages protected", "a store to the rest"}

local base, huge = 0x40000000, 2 << 20

for _, kernel in ipairs{"6.1", "6.3", "6.12"} do
  for nth = 1, 4 do
    local m = machine{kernel = kernel, memory = 32 << 20}
    local space = m:space()
    local file = m:shmem(3 * m:huge())
    space:map{at = base, length = 3 * m:huge(), file = file, shared = true}
    local uffd = space:uffd()
    uffd:register(base, 3 * m:huge(), "wp")
    local far = space:map{at = base + 4 * m:huge()}
    space:touch(far, "w")  -- the tables above are there
    fail("alloc.table.pte", nth)
    local done, why = uffd:write_protect(base, 3 * m:huge())
    forget_failures()
    local protected, open = 0, nil
    for i = 0, 2 do
      if space:entry(base + i * m:huge()).uffd_wp then protected = protected + 1
      else open = open or base + i * m:huge() end
    end
    local told = "there is none"
    if open then
      space:touch(open, "w")
      told = uffd:poll() and "is told" or "is not told of"
    end
    local ignored = kernel == "6.1"
    local whole = nth == 4
    row({kernel, whole and "none" or nth, why or "0", protected .. " of 3 parts", told},
        whole and done and protected == 3 or
        not whole and (done == true) == ignored and (why == "ENOMEM") ~= ignored and
        protected == (ignored and 2 or nth - 1))
  end
end
