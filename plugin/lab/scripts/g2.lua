-- G2: what a fault's end must keep to, whichever it is: mmap_lock was given back
-- if and only if the end says so, all other locks are as they were, an error is
-- never also a retry, user mode is never told of a fix-up and kernel mode of
-- nothing but success and that. It is checked on every fault of every run; this
-- runs faults of all kinds, and counts.

local base = 0x40000000

columns{"outcome", "user mode", "kernel mode", "contract"}

-- Each makes something at `base`, and returns what else there is to do.
local mappings = {
  hole = function(m, space) end,
  none = function(m, space) space:map{at = base, prot = ""} end,
  readonly = function(m, space) space:map{at = base, prot = "r"} end,
  code = function(m, space) space:map{at = base, prot = "rx"} end,
  anonymous = function(m, space) space:map{at = base} end,
  present = function(m, space)
    space:map{at = base}
    space:touch(base, "w")
  end,
  forked = function(m, space)
    space:map{at = base}
    space:touch(base, "w")
    return space:fork()
  end,
  swapped = function(m, space)
    space:map{at = base}
    space:touch(base, "w")
    space:advise(base, m:page(), "pageout")
    assert(space:entry(base).kind == "swap")
  end,
  huge = function(m, space)
    m:thp("always")
    space:map{at = base, length = m:huge()}
  end,
  shared_file = function(m, space)
    space:map{at = base, file = m:shmem(m:page()), shared = true}
  end,
  private_file = function(m, space)
    space:map{at = base, file = m:shmem(m:page())}
  end,
  beyond_end = function(m, space)
    space:map{at = base, file = m:shmem(m:page()), offset = m:page(),
              shared = true}
  end,
  stack = function(m, space)
    space:map{at = base + m:page(), length = m:page(), grows = true}
  end,
  guard = function(m, space)
    space:map{at = base}
    space:advise(base, m:page(), "guard_install")
  end,
  poison = function(m, space)
    space:map{at = base}
    local uffd = space:uffd()
    uffd:register(base, m:page(), "missing")
    uffd:poison(base, m:page())
    return uffd
  end,
  sigbus = function(m, space)
    space:map{at = base}
    local uffd = space:uffd{"sigbus"}
    uffd:register(base, m:page(), "missing")
    return uffd
  end,
  -- Somebody answers, or kills.
  watched = function(m, space)
    space:map{at = base}
    local uffd = space:uffd()
    uffd:register(base, m:page(), "missing")
    actor("handler", function()
      if uffd:read() then uffd:zeropage(base, m:page()) end
    end)
    return uffd
  end,
  killed = function(m, space, victim)
    space:map{at = base}
    local uffd = space:uffd()
    uffd:register(base, m:page(), "missing")
    actor("killer", function()
      eventually(function()
        return uffd:waiting() > 0 or victim():state() == "done"
      end)
      kill(victim())
    end)
    return uffd
  end,
  no_memory = function(m, space)
    space:map{at = base}
    local more = base + m:huge()
    space:map{at = more, length = m:free() * m:page(), noreserve = true}
    while m:free() > 0 and space:touch(more, "w") do more = more + m:page() end
  end,
}

local names = {}
for name in pairs(mappings) do names[#names + 1] = name end
table.sort(names)

local counts = {user = {}, kernel = {}}
local broken = {}
for t in matrix{kernel = {"5.15", "6.12"}, mapping = names,
                access = {"r", "w", "x"}, mode = {"user", "kernel"}} do
  local needs_more = t.mapping == "guard" or t.mapping == "poison"
  if t.kernel == "6.12" or not needs_more then
    local m = machine{kernel = t.kernel, memory = 8 << 20,
                      swap = t.mapping == "swapped" and 4 << 20 or 0}
    local space = m:space()
    local victim, before
    local kept = mappings[t.mapping](m, space, function() return victim end)
    victim = actor("thread", function()
      before = m:outcomes()
      space:fault(base, t.access, {kernel = t.mode == "kernel"})
      if kept and kept.close then kept:close() end
    end)
    local report = try_run()
    if report then broken[#broken + 1] = t.mapping .. ": " .. report end
    for name, n in pairs(m:outcomes()) do
      local c = counts[t.mode]
      c[name] = (c[name] or 0) + n - before[name]
    end
  end
end

local may = {  -- in user mode, in kernel mode
  {"done", true, true}, {"bad-area", true, false}, {"access-error", true, false},
  {"bus-error", true, false}, {"hwpoison", true, false}, {"signal", true, false},
  {"out-of-memory", true, false}, {"kernel-fixup", false, true},
}
for _, o in ipairs(may) do
  local user, kernel = counts.user[o[1]] or 0, counts.kernel[o[1]] or 0
  row({o[1], user, kernel, #broken == 0 and "kept" or "broken"},
      (user > 0) == o[2] and (kernel > 0) == o[3] and #broken == 0)
end
for _, text in ipairs(broken) do note(text) end
