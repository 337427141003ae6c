-- K10: the pte lock nests inside the pmd lock. Who takes them the other way
-- round need not hang to be found: the order itself is reported.

local huge = include("huge.lua")

columns{"first", "then", "against", "report"}

local function space_with_tables()
  local m = machine{}
  local space = m:space()
  for i = 0, 1 do
    space:map{at = huge.base + i * m:huge()}
    space:touch(huge.base + i * m:huge(), "w")
  end
  return space, m
end

-- Takes two locks in turn, with a chance for others in between.
local function take(first, second)
  first:acquire()
  yield()
  second:acquire()
  second:release()
  first:release()
end

-- The kind of the report: what comes before its first colon.
local function try(make)
  local space, m = space_with_tables()
  make(space, m)
  local report = try_run()
  return report and report:match("^[^:]*") or "none", report
end

local function pmd(space) return space:table_lock(huge.base, 1) end
local function pte(space) return space:table_lock(huge.base, 0) end

local report, text = try(function(space)
  actor("a", take, pmd(space), pte(space))
  actor("b", take, pmd(space), pte(space))
end)
row({"pmd", "pte", "the same", report}, report == "none")

report, text = try(function(space)
  actor("a", take, pte(space), pmd(space))
end)
row({"pte", "pmd", "nobody", report}, report == "lock order")
note(text)

report, text = try(function(space)
  actor("a", take, pmd(space), pte(space))
  actor("b", take, pte(space), pmd(space))
end)
row({"pte", "pmd", "pmd, then pte", report}, report == "lock order")
note(text)

-- Of one kind there is no order to go by; there it takes the ring.
report, text = try(function(space, m)
  local another = space:table_lock(huge.base + m:huge(), 0)
  actor("a", take, pte(space), another)
  actor("b", take, space:table_lock(huge.base + m:huge(), 0), pte(space))
end)
row({"pte", "another pte", "the other way", report}, report == "deadlock")
note(text)
