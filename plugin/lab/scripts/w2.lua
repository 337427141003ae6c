-- W2: which mappings make page tables to be write-protected. Those that mark places without a page
-- by an entry of its own need one: shared memory, and anonymous memory that asked for
-- WP_UNPOPULATED (6.4). Plain anonymous memory skips what is absent.

columns{"memory", "feature", "tables before", "tables after", "protected"}

local function try(kind, feature, expected)
  local m = machine{}
  local space = m:space()
  local base = 0x40000000
  space:map{at = base, length = 4 * m:page(), shared = kind ~= "anonymous, private" or nil,
            file = kind ~= "anonymous, private" and m:shmem(4 * m:page()) or nil}
  local uffd = space:uffd(feature and {feature} or nil)
  uffd:register(base, 4 * m:page(), "wp")
  local before = space:tables(0)
  local done, why = uffd:write_protect(base, 4 * m:page())
  local e = space:entry(base)
  row({kind, feature or "none", before, space:tables(0), e.uffd_wp and "by a marker" or "no"},
      done == true and space:tables(0) - before == (expected and 1 or 0) and
      e.uffd_wp == expected)
end

try("anonymous, private", nil, false)
try("anonymous, private", "wp_unpopulated", true)
try("shared", nil, true)
try("shared", "wp_unpopulated", true)
