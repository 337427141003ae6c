-- G1: a copy to user memory waits for a page (userfaultfd, and nobody answers),
-- and the thread gets SIGKILL. VM_FAULT_RETRY with a fatal signal must then be
-- a failed access: the copy ends short, and the thread dies. Ten architectures
-- returned to the instruction instead, which faults again: the thread never
-- dies (fixed in 6.3; x86 and arm64 always were right).

local base = 0x40000000

columns{"rules of", "the copy in 6.1", "in 6.3"}

-- A copy of two pages; the second one is userfaultfd's.
local function try(rules, kernel)
  local m = machine{rules = rules, kernel = kernel}
  local space = m:space()
  space:map{at = base, length = 2 * m:page()}
  space:touch(base, "w")
  local uffd = space:uffd()
  uffd:register(base + m:page(), m:page(), "missing")
  local task = space:task()
  local left, store
  local faults, seen, loops = 0, {}, false
  local copier = actor("copier", function()
    left = task:copy_to_user(base, string.rep("x", 2 * m:page()))
    local _, why = task:store(base + m:page(), 1)
    store = why
  end)
  actor("killer", function()
    eventually(function() return uffd:waiting() > 0 end)
    kill(copier)
  end)
  at("uffd.fault.raised", copier, function()
    faults = faults + 1
    -- All that a round could change. Killed, and nobody left to change it: the
    -- same state once more is for ever.
    local rss, e = space:rss(), space:entry(base + m:page())
    local state = table.concat({rss.anon, e.kind, m:free(), uffd:waiting()}, " ")
    if faults > 2 and seen[state] then
      loops = true
      error("the same state again: " .. state)
    end
    seen[state] = faults > 1 or nil
  end)
  local report = try_run()
  return loops, left, faults, store, report
end

local function cell(rules, kernel)
  local loops, left, faults, store, report = try(rules, kernel)
  if loops then return "livelock after " .. faults .. " faults" end
  local dies = store == "signal"
  return left .. " bytes left, " .. (dies and "dies" or "lives")
end

local page = math.tointeger(machine{}:page())
local short = page .. " bytes left, dies"
local before, after = cell(nil, "6.1"), cell(nil, "6.3")
row({"this machine", before, after}, before == short and after == short)

local cured = {alpha = true, hexagon = true, ia64 = true, m68k = true,
               microblaze = true, nios2 = true, openrisc = true, parisc = true,
               riscv = true, sparc = true}
local last
for _, rule in ipairs(fault_rules()) do
  if rule.arch ~= last then
    last = rule.arch
    before, after = cell(rule.arch, "6.1"), cell(rule.arch, "6.3")
    row({rule.arch, before, after},
        after == short and (before == short) == not cured[rule.arch] and
            (before:match("^livelock") ~= nil) == (cured[rule.arch] or false))
  end
end
