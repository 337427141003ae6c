-- K1: UFFDIO_COPY into a private mapping of shared memory installs an anonymous
-- page of its own. It does not look into the file's page cache, so nothing that
-- guards the cache (the page's lock) stops it. All else that fills such a
-- mapping looks there first.

local base = 0x40000000

columns{"mapping", "filled by", "lookups", "rss"}

-- One page of a file with `cached` in the cache or not, and how often the cache
-- was asked while `fill` ran.
local function try(shared, cached, modes, fill)
  local m = machine{}
  local space = m:space()
  local file = m:shmem(m:page())
  if cached then
    local elsewhere = m:space()
    elsewhere:map{at = base, file = file, shared = true}
    elsewhere:touch(base, "w")
  end
  space:map{at = base, file = file, shared = shared}
  local source = base + m:huge()
  space:map{at = source}
  space:touch(source, "w")
  local before = space:rss()
  local uffd
  if modes then
    uffd = space:uffd()
    assert(uffd:register(base, m:page(), modes))
  end
  local lookups = file:lookups()
  local done
  actor("filler", function() done = fill(space, uffd, source, m:page()) end)
  run()
  assert(done == true or done == m:page())
  local kind
  for name, pages in pairs(space:rss()) do
    if pages > before[name] then kind = name end
  end
  return file:lookups() - lookups, kind
end

local function copy(space, uffd, source, bytes)
  return (uffd:copy(base, source, bytes))
end
local function store(space) return space:touch(base, "w") end
local function continue(space, uffd, source, bytes)
  return (uffd:continue(base, bytes))
end

local cases = {
  {"private", false, "UFFDIO_COPY", copy, "missing", false, "anon"},
  {"private", true, "UFFDIO_COPY", copy, "missing", false, "anon"},
  {"private", true, "write fault", store, nil, true, "anon"},
  {"private", true, "UFFDIO_CONTINUE", continue, "minor", true, "shmem"},
  {"shared", false, "UFFDIO_COPY", copy, "missing", true, "shmem"},
  {"shared", true, "UFFDIO_CONTINUE", continue, "minor", true, "shmem"},
}
for _, c in ipairs(cases) do
  local lookups, rss = try(c[1] == "shared", c[2], c[5], c[4])
  row({c[1] .. (c[2] and ", cached" or ""), c[3],
       lookups == 0 and "none" or "some", rss},
      (lookups > 0) == c[6] and rss == c[7])
end
