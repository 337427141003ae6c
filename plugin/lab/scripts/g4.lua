-- G4: one fault, and how the handler of every architecture judges it, by the
-- version in which that changed (arch/*/mm/fault.c). The machine is this one,
-- with their rules; each cell is a fault that ran. Ours are the same as our own
-- architecture's rows.

local base = 0x40000000

columns{"rules of", "since", "read -w-", "read --x", "exec r--", "below sp",
        "VM_FAULT_SIGSEGV", "poison", "killed in kernel", "note"}

local words = {done = "yes", ["bad-area"] = "MAPERR", ["access-error"] = "ACCERR",
               ["bus-error"] = "SIGBUS", hwpoison = "MCEERR",
               ["kernel-fixup"] = "no"}

-- What there is at `base`, for each column; the access to it; whether it is
-- killed while it waits.
local function map(prot)
  return function(m, space) space:map{at = base, prot = prot} end
end
local function stack(m, space)
  space:map{at = base + m:page(), grows = true}
end
local function guard(m, space)
  space:map{at = base}
  space:advise(base, m:page(), "guard_install")
end
local function watch(m, space)
  space:map{at = base}
  local uffd = space:uffd()
  uffd:register(base, m:page(), "missing")
  return uffd
end
local function poison(m, space)
  local uffd = watch(m, space)
  uffd:poison(base, m:page())
  return uffd
end
local situations = {
  {map("w"), "r"}, {map("x"), "r"}, {map("r"), "x"}, {stack, "w"},
  {guard, "r"}, {poison, "r"}, {watch, "r", killed = true},
}

-- The answer, in a fresh machine.
local function judge(rules, situation)
  local m = machine{rules = rules}
  local space = m:space()
  local uffd = situation[1](m, space)
  local answer
  local thread = actor("thread", function()
    -- The stack pointer is a page above the access.
    answer = space:fault(base, situation[2],
                         {kernel = situation.killed, sp = base + m:page()})
  end)
  if situation.killed then
    actor("killer", function()
      eventually(function() return uffd:waiting() > 0 end)
      kill(thread)
    end)
  end
  run()
  return m:bug() and "BUG" or
         (situation.killed and answer == "done" and "goes back") or
         words[answer] or answer
end

local function cells_of(rules)
  local cells = {}
  for _, s in ipairs(situations) do cells[#cells + 1] = judge(rules, s) end
  return cells
end

-- As read in the sources: what is expected of each row.
local function expect(text)
  local cells = {}
  for cell in text:gmatch("%S+") do cells[#cells + 1] = cell:gsub("_", " ") end
  return cells
end
local golden = {
  ["alpha@0.0"] = "yes ACCERR ACCERR yes ACCERR BUG goes_back",
  ["alpha@6.3"] = "yes ACCERR ACCERR yes ACCERR BUG no",
  ["arc@0.0"] = "ACCERR ACCERR ACCERR yes MAPERR MAPERR no",
  ["arm@0.0"] = "yes yes ACCERR yes MAPERR MAPERR no",
  ["arm64@0.0"] = "yes yes ACCERR yes MAPERR MCEERR no",
  ["arm64+epan@5.13"] = "yes ACCERR ACCERR yes MAPERR MCEERR no",
  ["csky@0.0"] = "yes yes yes yes ACCERR BUG goes_back",
  ["csky@5.12"] = "yes yes yes yes BUG BUG no",
  ["hexagon@0.0"] = "ACCERR ACCERR ACCERR yes ACCERR ACCERR goes_back",
  ["hexagon@6.3"] = "ACCERR ACCERR ACCERR yes ACCERR ACCERR no",
  ["ia64@0.0"] = "yes ACCERR ACCERR yes ACCERR BUG goes_back",
  ["ia64@6.3"] = "yes ACCERR ACCERR yes ACCERR BUG no",
  ["loongarch@0.0"] = "yes ACCERR ACCERR yes ACCERR SIGBUS no",
  ["m68k@0.0"] = "yes yes yes MAPERR BUG BUG goes_back",
  ["m68k@3.19"] = "yes yes yes MAPERR MAPERR BUG goes_back",
  ["m68k@6.3"] = "yes yes yes MAPERR MAPERR BUG no",
  ["microblaze@0.0"] = "ACCERR yes yes yes ACCERR BUG goes_back",
  ["microblaze@6.3"] = "ACCERR yes yes yes ACCERR BUG no",
  ["mips@0.0"] = "ACCERR ACCERR ACCERR yes ACCERR BUG no",
  ["nios2@0.0"] = "ACCERR ACCERR ACCERR yes ACCERR BUG goes_back",
  ["nios2@6.3"] = "ACCERR ACCERR ACCERR yes ACCERR BUG no",
  ["openrisc@0.0"] = "ACCERR yes ACCERR yes ACCERR BUG goes_back",
  ["openrisc@6.3"] = "ACCERR yes ACCERR yes ACCERR BUG no",
  ["parisc@0.0"] = "ACCERR ACCERR ACCERR yes SIGBUS MCEERR goes_back",
  ["parisc@6.3"] = "ACCERR ACCERR ACCERR yes SIGBUS MCEERR no",
  ["powerpc@0.0"] = "yes yes ACCERR yes MAPERR MCEERR no",
  ["riscv@0.0"] = "yes ACCERR ACCERR yes MAPERR BUG goes_back",
  ["riscv@6.3"] = "yes ACCERR ACCERR yes MAPERR BUG no",
  ["s390@0.0"] = "yes yes ACCERR yes MAPERR BUG no",
  ["sh@0.0"] = "yes yes ACCERR yes MAPERR BUG no",
  ["sparc@0.0"] = "ACCERR yes ACCERR yes ACCERR BUG goes_back",
  ["sparc@6.3"] = "ACCERR yes ACCERR yes ACCERR BUG no",
  ["x86@0.0"] = "yes yes ACCERR yes MAPERR MCEERR no",
  ["xtensa@0.0"] = "yes ACCERR ACCERR yes ACCERR BUG no",
}

local ours
for _, rule in ipairs(fault_rules()) do
  local cells = cells_of(rule.arch .. "@" .. rule.since)
  local expected = expect(golden[rule.arch .. "@" .. rule.since] or "")
  local same = table.concat(cells, " ") == table.concat(expected, " ")
  row({rule.arch, rule.since == "0.0" and "-" or rule.since, cells[1], cells[2],
       cells[3], cells[4], cells[5], cells[6], cells[7], rule.note}, same)
  if rule.arch == (arch == "arm64" and "arm64" or "x86") then ours = cells end
end
local own = cells_of(nil)
row({"this machine", "-", own[1], own[2], own[3], own[4], own[5], own[6], own[7], ""},
    table.concat(own, " ") == table.concat(ours, " "))
