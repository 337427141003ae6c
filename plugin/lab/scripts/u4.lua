-- U4: trying again after EAGAIN converges. A handler fills a page while khugepaged takes the page
-- table away that it is to go to; in every order the handler ends, with its page there or with a
-- huge page in its place.

columns{"preemptions", "schedules", "outcomes"}

local base = 0x40000000

local function setup()
  local m = machine{}
  local space = m:space()
  -- A file that is one huge page, of which one page is mapped by itself.
  space:map{at = base, length = m:huge(), file = m:shmem(m:huge(), {huge = true})}
  space:advise(base, m:huge(), "nohugepage")
  space:touch(base)
  space:advise(base, m:huge(), "hugepage")
  local uffd = space:uffd()
  uffd:register(base, m:huge(), "missing")
  local source = space:map{at = base + 2 * m:huge()}
  space:touch(source, "w")
  return {m = m, space = space, uffd = uffd, source = source, target = base + m:huge() - m:page()}
end

for bound = 1, 3 do
  local r = explore{
    setup = setup,
    actors = {
      {"handler", function(s)
        s.tries = 0
        repeat
          s.tries = s.tries + 1
          require(s.tries <= 8, "it goes on for ever")
          s.copied, s.why = s.uffd:copy(s.target, s.source, s.m:page())
        until s.why ~= "EAGAIN"
      end},
      {"khugepaged", function(s) s.space:advise(base, s.m:huge(), "collapse") end},
      {"reader", function(s) s.space:touch(base + s.m:page()) end},
    },
    check = function(s)
      local e = s.space:entry(s.target)
      require(s.why == nil and e.kind == "page" and not e.huge or s.why == "EEXIST" and e.huge,
              (s.why or "copied") .. ", " .. e.kind)
      outcome((s.why or "copied") .. " at try " .. s.tries)
    end,
    search = "exhaustive:" .. bound,
  }
  local outcomes = {}
  for _, o in ipairs(r.outcomes) do outcomes[#outcomes + 1] = o.text end
  row({"up to " .. bound, r.schedules, r.problems[1] and r.problems[1].text or table.concat(outcomes, "; ")},
      #r.problems == 0 and r.complete)
end
