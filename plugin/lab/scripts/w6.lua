-- W6: what change_protection() went over is a count of base pages, summed over the whole range. It
-- was an int once, which 8 TiB of pages overflow. So much cannot be mapped here: this is a model, in
-- which the count that one protected huge page gives is added up as an int and as a long.

columns{"huge pages", "memory", "counted as long", "counted as int"}

-- What one huge page counts: from how far the summed error of W4 is moved by it.
local m = machine{memory = 64 << 20, behaviours = {"wp-errno-sum=summed"}}
m:thp("always")
local per_huge = m:huge() // m:page()

local function as_int(n) return (n + (1 << 31)) % (1 << 32) - (1 << 31) end
for _, huge_pages in ipairs{1, 1 << 10, (1 << 22) - 1, 1 << 22, 1 << 23} do
  local long, int = 0, 0
  -- Doubling: the sum of so many equal parts.
  long, int = huge_pages * per_huge, as_int(huge_pages * per_huge)
  row({huge_pages, string.format("%.3f TiB", huge_pages * m:huge() / 2 ^ 40), long, int},
      (long >= 1 << 31) == (int ~= long))
end
