-- What the claims about huge pages and their tables share.

local huge = {base = 0x40000000}

-- A huge page of shared memory that a space maps by base pages: there is an
-- entry for the first one, and none for the rest. of.watch: the modes in which
-- userfaultfd watches it, if at all. The address `target` has no entry;
-- `source` is a page of the space's own.
function huge.pte_mapped(of)
  local m = machine{kernel = of.kernel, behaviours = of.behaviours or {}}
  local s = {m = m, space = m:space(), file = m:shmem(m:huge(), {huge = true})}
  s.target = huge.base + m:huge() - m:page()
  s.source = huge.base + 8 * m:huge()
  s.space:map{at = huge.base, length = m:huge(), file = s.file,
              shared = of.shared or false}
  s.space:map{at = s.source}
  s.space:touch(s.source, "w")
  s.space:advise(huge.base, m:huge(), "nohugepage")
  s.space:touch(huge.base)
  s.space:advise(huge.base, m:huge(), "hugepage")
  if of.watch then
    s.uffd = s.space:uffd()
    assert(s.uffd:register(huge.base, m:huge(), of.watch))
  end
  return s
end

-- What actors do to it.
function huge.copy(s)
  s.copied = s.uffd:copy(s.target, s.source, s.m:page()) == s.m:page()
end
function huge.store(s)
  s.stored = s.space:touch(s.target, "w")
end
function huge.collapse(s)
  s.collapsed = s.space:advise(huge.base, s.m:huge(), "collapse")
end

-- A page that was put there is still there; for explore{}.
function huge.check(s)
  local e = s.space:entry(s.target)
  require(not (s.copied or s.stored) or (e.kind == "page" and not e.huge),
          "the page that was put there is lost")
end

return huge
