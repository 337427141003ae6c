-- U3: between its two looks at the pmd UFFDIO_COPY may find that a huge page has appeared. Up to
-- 6.10 it answered EFAULT for that, as if the program had passed a bad address, and a program that
-- takes it at its word gives up; since 6.11 it is EEXIST (71c186efc1b2).

columns{"kernel", "answer"}

for _, kernel in ipairs{"6.1", "6.6", "6.12", "6.18"} do
  local m = machine{kernel = kernel}
  m:thp("always")
  local space = m:space()
  local base, answer = 0x40000000, nil
  space:map{at = base, length = m:huge()}
  local source = space:map{at = 0x40000000 + 2 * m:huge()}
  space:advise(source, m:page(), "nohugepage")
  space:touch(source, "w")
  local uffd = space:uffd()
  uffd:register(base, m:huge(), "wp")
  local copy = actor("copy", function()
    local copied, why = uffd:copy(base, source, m:page())
    answer = why or copied
  end)
  local fault = actor("fault", function() space:touch(base, "w") end)
  -- The window: it has seen that there is no huge page, and is about to make a table.
  at("page.alloc", copy, function() let_run(fault) end)
  run()
  require(space:entry(base).huge, "the huge page was there in time")
  local old = kernel == "6.1" or kernel == "6.6"
  row({kernel, answer}, answer == (old and "EFAULT" or "EEXIST"))
end
