-- U10: two handlers answer the same fault. Whoever is first maps the page; the other one gets
-- EEXIST, in every order, and the program sees one page only.

columns{"search", "schedules", "outcomes"}

local base = 0x40000000
for bound = 0, 2 do
  local r = explore{
    setup = function()
      local m = machine{}
      local space = m:space()
      space:map{at = base}
      local sources = {0x50000000, 0x60000000}
      for i, a in ipairs(sources) do
        space:map{at = a}
        space:task():store(a, i)
      end
      local uffd = space:uffd()
      uffd:register(base, m:page(), "missing")
      return {m = m, space = space, uffd = uffd, sources = sources, task = space:task()}
    end,
    actors = {
      {"program", function(s) s.seen = s.task:load(base) end},
      {"first handler", function(s)
        s.first, s.first_why = s.uffd:copy(base, s.sources[1], s.m:page())
      end},
      {"second handler", function(s)
        s.second, s.second_why = s.uffd:copy(base, s.sources[2], s.m:page())
      end},
    },
    check = function(s)
      local whose = s.first > 0 and 1 or 2
      require((s.first > 0) ~= (s.second > 0), "one of them maps the page")
      require((s.first_why or s.second_why) == "EEXIST")
      require(s.seen == whose, "the program sees what was mapped")
      outcome("the page of handler " .. whose .. ", the other one: EEXIST")
    end,
    search = "exhaustive:" .. bound,
  }
  local outcomes = {}
  for _, o in ipairs(r.outcomes) do outcomes[#outcomes + 1] = o.text end
  row({"up to " .. bound .. " preemptions", r.schedules,
       r.problems[1] and r.problems[1].text or table.concat(outcomes, "; ")},
      #r.problems == 0 and r.complete and #r.outcomes == 2)
end
