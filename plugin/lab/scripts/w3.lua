-- W3: after ENOMEM what lies before the table that could not be had stays protected, and nothing
-- says how much that is; the same call again comes to the same end as if it had succeeded at once.

columns{"table that fails", "first answer", "protected then", "again", "entries as without failure"}

local base, parts = 0x40000000, 4

local function scenario(nth)
  local m = machine{memory = 32 << 20}
  local space = m:space()
  local file = m:shmem(parts * m:huge())
  space:map{at = base, length = parts * m:huge(), file = file, shared = true}
  space:touch(base + m:huge(), "w")  -- one page is there already
  local uffd = space:uffd()
  uffd:register(base, parts * m:huge(), "wp")
  if nth then fail("alloc.table.pte", nth) end
  local first, why = uffd:write_protect(base, parts * m:huge())
  local prefix = 0
  for i = 0, parts - 1 do
    if not space:entry(base + i * m:huge()).uffd_wp then break end
    prefix = prefix + 1
  end
  local again = first or uffd:write_protect(base, parts * m:huge())
  local state = {}
  for i = 0, parts - 1 do
    local e = space:entry(base + i * m:huge())
    state[#state + 1] = e.kind .. tostring(e.uffd_wp) .. tostring(e.write)
  end
  return why or "0", prefix, again, table.concat(state, " ")
end

local _, _, _, wanted = scenario(nil)
for nth = 1, parts - 1 do  -- one part has its table
  local why, prefix, again, state = scenario(nth)
  local before = nth == 1 and 0 or nth
  row({nth, why, prefix .. " of " .. parts .. " parts", again and "0" or "failed",
       state == wanted and "yes" or "no"},
      why == "ENOMEM" and prefix == before and again == true and state == wanted)
end
