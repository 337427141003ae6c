-- K3: collapse_pte_mapped_thp() clears the entries of a table under the pte
-- lock, and takes the table away later. UFFDIO_COPY into a private mapping of
-- shared memory asks no page cache, so the folio's lock, which the collapse
-- holds, does not stop it: its page lands in a table about to be freed.

columns{"collapse-uffd", "preemptions", "schedules", "result"}

local base = 0x40000000

local function setup_for(variant)
  return function()
    local m = machine{behaviours = {"collapse-uffd=" .. variant}}
    local space = m:space()
    local file = m:shmem(m:huge(), {huge = true})
    space:map{at = base, length = m:huge(), file = file}
    local source = base + 2 * m:huge()
    space:map{at = source}
    space:touch(source, "w")
    -- One page of the huge folio is mapped, the rest is absent.
    space:advise(base, m:huge(), "nohugepage")
    space:touch(base)
    space:advise(base, m:huge(), "hugepage")
    local uffd = space:uffd()
    uffd:register(base, m:huge(), "missing")
    return {m = m, space = space, uffd = uffd, source = source,
            target = base + m:huge() - m:page()}
  end
end

local function copy(s)
  s.copied = s.uffd:copy(s.target, s.source, s.m:page())
end

local function collapse(s)
  s.collapsed = s.space:advise(base, s.m:huge(), "collapse")
end

local function check(s)
  local e = s.space:entry(s.target)
  require(s.copied ~= s.m:page() or (e.kind == "page" and not e.huge),
          "the page that was copied is lost")
  outcome((s.copied > 0 and "copied" or "not copied") .. ", " ..
          (s.collapsed and "collapsed" or "not collapsed"))
end

for _, variant in ipairs{"buggy", "pml-early", "trylock-restart"} do
  local r = explore{
    expect = "problems",
    setup = setup_for(variant),
    actors = {{"copy", copy}, {"khugepaged", collapse}},
    check = check,
    search = "exhaustive:2",
  }
  local problem = r.problems[1]
  row({variant, problem and problem.preemptions or "up to 2", r.schedules,
       problem and problem.text or "whole"},
      (variant == "buggy") == (problem ~= nil))
  if problem then note(problem.text .. "\n" .. problem.story) end
  for _, o in ipairs(r.outcomes) do note(variant .. ": " .. o.text .. " " .. o.count) end
end
