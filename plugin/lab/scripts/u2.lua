-- U2: whatever is mapped already, a page or a huge one, UFFDIO_COPY answers EEXIST and changes nothing.

columns{"mapped there", "answer", "memory"}

for _, what in ipairs{"nothing", "a page", "a huge page"} do
  local m = machine{}
  m:thp("always")
  local space = m:space()
  local base = 0x40000000
  space:map{at = base, length = m:huge()}
  if what ~= "a huge page" then space:advise(base, m:huge(), "nohugepage") end
  local task = space:task()
  local source = space:map{at = 0x80000000}
  task:store(source, 1)
  if what ~= "nothing" then task:store(base, 2) end
  require(space:entry(base).huge == (what == "a huge page"))
  local uffd = space:uffd()
  uffd:register(base, m:huge(), "missing")
  local copied, why = uffd:copy(base, source, m:page())
  local now = task:load(base)
  local free = what == "nothing"
  row({what, why or copied .. " bytes", now == 1 and "the copy's" or "as before"},
      free and copied == m:page() and now == 1 or
      not free and copied == -17 and why == "EEXIST" and now == 2)
end
