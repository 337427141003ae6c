-- A machine, one address space, one page of it, and a real store.
local m = machine{}
local space = m:space()
local a = space:map{at = 0x40000000, length = m:page()}
local task = space:task()

print("before", space:entry(a).kind)
task:store(a, 42)
print("after", space:entry(a).kind, "value", task:load(a))
