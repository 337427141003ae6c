-- U6: a table that goes away meets two who look at it: the ioctl that fills a page, and the fault
-- that asks whether it still has to wait (userfaultfd_must_wait()). Both have to take it for
-- something that passes. In the draft of pte_offset_map_lock() the one tried again and the other
-- one answered EFAULT; no release has had that, so it cannot be run here.

local u = include("uffd.lua")
columns{"path", "table goes", "first", "in the end"}

for _, kernel in ipairs{"6.6", "6.12"} do
  local s = u.shared_file{kernel = kernel}
  local problem = u.collapse_inside_fill(s, "uffd.fill.checked")
  local first = s.answer
  u.fill(s)
  row({kernel .. " fill", "before its lock", first, s.answer},
      problem == nil and first == "EAGAIN" and (s.answer == "filled" or s.answer == "EEXIST"))

  s = u.shared_file{kernel = kernel}
  local first, last
  local task = s.space:task()
  local program = actor("program", function() last = task:load(s.target) end)
  local khugepaged = actor("khugepaged", function() u.collapse(s) end)
  local handler = actor("handler", function()
    local e = s.uffd:read()
    first = e.event .. (e.minor and ", waits" or "")
    repeat u.fill(s) until s.answer ~= "EAGAIN"
    s.uffd:wake(s.target, s.m:page())
  end)
  pause(khugepaged)
  at("uffd.fault.raised", program, function() let_run(khugepaged) end)
  problem = try_run()
  row({kernel .. " fault", "before it looks", first, last == 0 and "resolved" or tostring(problem)},
      problem == nil and first == "pagefault, waits" and last == 0)
end
