-- K6: the cure must not cost more than it must. Where userfaultfd cannot put
-- private pages (shared mappings), and where private pages are elsewhere in the
-- mapping, the collapse goes through as before. Not so with write-protection:
-- there the table may have marks (K8).

local huge = include("huge.lua")

columns{"kernel", "mapping", "userfaultfd", "collapse", "entry"}

local cases = {
  {"private", false, nil},
  {"private", false, "missing"},
  {"private, anon_vma elsewhere", false, nil, anon = true},
  {"private, anon_vma elsewhere", false, "missing", anon = true},
  {"shared", true, nil},
  {"shared", true, "missing"},
  {"shared", true, "wp", refused = true},
}

for _, kernel in ipairs{"6.1", "6.6", "6.12", "6.18"} do
  for _, c in ipairs(cases) do
    local s = huge.pte_mapped{kernel = kernel, shared = c[2], watch = c[3]}
    if c.anon then
      -- The same mapping goes on; a page of that part is copied.
      local more = s.m:shmem(2 * s.m:huge(), {huge = true})
      s.space:map{at = huge.base, length = 2 * s.m:huge(), file = more}
      s.space:advise(huge.base, 2 * s.m:huge(), "nohugepage")
      s.space:touch(huge.base)
      s.space:touch(huge.base + s.m:huge(), "w")
      s.space:advise(huge.base, 2 * s.m:huge(), "hugepage")
      if c[3] then
        s.uffd = s.space:uffd()
        assert(s.uffd:register(huge.base, 2 * s.m:huge(), c[3]))
      end
    end
    actor("khugepaged", huge.collapse, s)
    run()
    local e = s.space:entry(huge.base)
    local is_huge = e.kind == "page" and e.huge
    row({kernel, c[1], c[3] or "-", s.collapsed and "done" or "refused",
         is_huge and "huge" or e.kind},
        is_huge == not c.refused and (s.collapsed == true) == not c.refused)
  end
end
