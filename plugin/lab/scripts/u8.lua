-- U8: while the change of a mapping waits for its event to be read, every filling ioctl answers
-- EAGAIN. A handler that answers EAGAIN by trying again, and reads no events, goes round for ever:
-- nobody else can change what it sees.

columns{"handler", "end"}

local function scenario(reads)
  local m = machine{}
  local space = m:space()
  local base = 0x40000000
  space:map{at = base, length = 4 * m:page()}
  for i = 0, 3 do space:touch(base + i * m:page(), "w") end
  local source = space:map{at = 0x50000000}
  space:touch(source, "w")
  space:advise(base, m:page(), "dontneed")
  local uffd = space:uffd{"event_remove"}
  uffd:register(base, 4 * m:page(), "missing")
  local result
  local balloon = actor("balloon", function()
    space:advise(base + m:page(), m:page(), "dontneed")
  end)
  local handler = actor("handler", function()
    yield()  -- the balloon is first
    local seen = {}
    for round = 1, 1000 do
      local copied, why = uffd:copy(base, source, m:page())
      if why == nil then
        result = "filled after " .. round .. " tries"
        return
      end
      -- All that the next try depends on.
      local state = table.concat({why, copied, space:entry(base).kind, balloon:state()}, " ")
      if seen[state] and not reads then
        result = "livelock: " .. state .. " again in round " .. round
        uffd:read()  -- lets the balloon go home
        return
      end
      seen[state] = true
      if reads then uffd:read() end
      yield()
    end
    result = "too many rounds"
  end)
  run()
  return result
end

local blind, reader = scenario(false), scenario(true)
row({"tries again", blind}, blind:find("livelock") ~= nil)
row({"reads, then tries again", reader}, reader == "filled after 2 tries")
