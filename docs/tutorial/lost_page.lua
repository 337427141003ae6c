-- Two actors: a handler of userfaultfd's fills a page of a private mapping of
-- shared memory; khugepaged makes the range around it huge.

local base = 0x40000000

local function setup()
  local m = machine{}
  local space = m:space()
  -- A file whose pages are one huge page, of which one is mapped.
  local file = m:shmem(m:huge(), {huge = true})
  space:map{at = base, length = m:huge(), file = file}
  space:advise(base, m:huge(), "nohugepage")
  space:touch(base)
  space:advise(base, m:huge(), "hugepage")
  -- The rest is missing, and a handler is asked for it.
  local uffd = space:uffd()
  uffd:register(base, m:huge(), "missing")
  local source = space:map{at = base + 2 * m:huge()}
  space:touch(source, "w")
  return {m = m, space = space, uffd = uffd, source = source,
          target = base + m:huge() - m:page()}
end

local function handler(s)
  s.copied = s.uffd:copy(s.target, s.source, s.m:page())
end

local function khugepaged(s)
  s.collapsed = s.space:advise(base, s.m:huge(), "collapse")
end

local function check(s)
  local page = s.space:entry(s.target)
  require(s.copied < 0 or (page.kind == "page" and not page.huge),
          "the page that was copied is lost")
  outcome(s.copied > 0 and "the copy was first" or "the collapse was first")
end

local r = explore{
  setup = setup,
  actors = {{"handler", handler}, {"khugepaged", khugepaged}},
  check = check,
}
if r.problems[1] then print(r.problems[1].story) end
require(#r.problems == 0, r.problems[1] and r.problems[1].text)
