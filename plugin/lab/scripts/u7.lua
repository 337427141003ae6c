-- U7: UFFDIO_COPY tells in its field `copy` how far it came, and that beats the error: bytes if
-- there are any, else the negated error. Read as an unsigned number, -EAGAIN is 2^64-11.

columns{"page that fails", "copy", "ioctl", "as an unsigned number"}

local pages = 4
for bad = 1, pages + 1 do
  local m = machine{}
  local space = m:space()
  local base, source = 0x40000000, 0x50000000
  space:map{at = base, length = pages * m:page()}
  space:map{at = source, length = pages * m:page()}
  for i = 0, pages - 1 do space:touch(source + i * m:page(), "w") end
  -- Something is mapped at one of the places.
  if bad <= pages then space:touch(base + (bad - 1) * m:page(), "w") end
  local uffd = space:uffd()
  uffd:register(base, pages * m:page(), "missing")
  local copied, why = uffd:copy(base, source, pages * m:page())
  local whole = bad > pages
  local expected = bad == 1 and -17 or math.min(bad - 1, pages) * m:page()
  row({whole and "none" or bad, copied, why or "0", string.format("%u", copied & ~0 ) },
      copied == expected and
      why == (bad == 1 and "EEXIST" or not whole and "EAGAIN" or nil))
end

-- An unread event makes every filling ioctl answer so.
local m = machine{}
local space = m:space()
local base = 0x40000000
space:map{at = base, length = 2 * m:page()}
space:touch(base, "w")
local source = space:map{at = 0x50000000}
space:touch(source, "w")
local uffd = space:uffd{"event_remove"}
uffd:register(base, 2 * m:page(), "missing")
local balloon = actor("balloon", function() space:advise(base, m:page(), "dontneed") end)
actor("handler", function()
  local copied, why = uffd:copy(base + m:page(), source, m:page())
  local unsigned = string.format("%.0f", copied + 2.0 ^ 64)
  row({"all: an event is unread", copied, why, "2^64" .. copied},
      copied == -11 and why == "EAGAIN" and math.ult(1 << 62, copied))
  uffd:read()
end)
pause(balloon)
resume(balloon)
run()
