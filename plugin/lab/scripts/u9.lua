-- U9: where its source is not in memory, UFFDIO_COPY drops its locks, faults it in and goes on with
-- what it had found. In between somebody may unmap the range and map something else there. Up to
-- 7.0 the copy goes into the new mapping, whatever that is; since 7.1 it looks again.

columns{"rule", "answer", "the new mapping holds"}

for _, rule in ipairs{"unchecked", "rechecked"} do
  local m = machine{swap = 1 << 20, behaviours = {"uffd-copy-retry-recheck=" .. rule}}
  local space = m:space()
  local base, source = 0x40000000, 0x50000000
  space:map{at = base}
  space:map{at = source}
  local task = space:task()
  task:store(source, 4711)
  space:advise(source, m:page(), "pageout")  -- must be read back
  local uffd = space:uffd()
  uffd:register(base, m:page(), "missing")
  local answer
  local copy = actor("copy", function()
    local copied, why = uffd:copy(base, source, m:page())
    answer = why or "copied"
  end)
  local other = actor("other", function()
    space:unmap(base, m:page())
    space:map{at = base, file = m:shmem(m:page()), shared = true}
    uffd:register(base, m:page(), "missing")
  end)
  pause(other)
  at("uffd.copy.unlocked", copy, function() let_run(other) end)
  run()
  local entry = space:entry(base)
  local holds = entry.kind == "page" and space:peek(base) == 4711 and "the copied page" or "nothing"
  row({rule, answer, holds},
      rule == "unchecked" and answer == "copied" and holds == "the copied page" or
      rule == "rechecked" and answer == "EAGAIN" and holds == "nothing")
end
