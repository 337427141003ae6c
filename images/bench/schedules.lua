-- Claim K3's scenario, mended, under every schedule with three preemptions:
-- arguments[1] runs. Or none of them, which is what starting up costs.
local base = 0x40000000
local runs = tonumber(arguments[1])
explore{
  setup = function()
    local m = machine{behaviours = {"collapse-uffd=pml-early"}}
    local space = m:space()
    local file = m:shmem(m:huge(), {huge = true})
    space:map{at = base, length = m:huge(), file = file}
    space:advise(base, m:huge(), "nohugepage")
    space:touch(base)
    space:advise(base, m:huge(), "hugepage")
    local uffd = space:uffd()
    uffd:register(base, m:huge(), "missing")
    local source = space:map{at = base + 2 * m:huge()}
    space:touch(source, "w")
    return {m = m, space = space, uffd = uffd, source = source,
            target = base + m:huge() - m:page()}
  end,
  actors = {
    {"copy", function(s) s.uffd:copy(s.target, s.source, s.m:page()) end},
    {"khugepaged", function(s) s.space:advise(base, s.m:huge(), "collapse") end},
  },
  search = "full:4",
  limit = runs,
  expect = "unfinished",
}
