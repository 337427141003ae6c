-- W5: a page that is pinned for a device changes under write-protection, and nobody is told: the
-- device goes by no page table. The extension that was proposed leaves such pages out, and says so.

columns{"rule", "answer", "not protected", "the device writes", "events"}

for _, rule in ipairs{"off", "on"} do
  local m = machine{behaviours = {"wp-partial-report=" .. rule}}
  local space = m:space()
  local base = 0x40000000
  space:map{at = base, length = 4 * m:page()}
  for i = 0, 3 do space:touch(base + i * m:page(), "w") end
  local uffd = space:uffd()
  uffd:register(base, 4 * m:page(), "wp")
  local pins = space:pin(base + m:page())
  local done, why, _, left
  if rule == "on" then
    done, why, _, left = uffd:write_protect(base, 4 * m:page(), true, {skip_pinned = true})
  else
    done, why = uffd:write_protect(base, 4 * m:page())
  end
  local protected = space:entry(base + m:page()).uffd_wp
  pins:write(0, 7)
  local changed = space:peek(base + m:page()) == 7
  row({rule == "on" and "extension" or "Linux", why or "0", left or "-",
       changed and (protected and "under protection" or "to a page known as open") or "nothing",
       uffd:waiting()},
      done and changed and uffd:waiting() == 0 and protected == (rule == "off") and
      (rule == "off" or left == m:page()))
  pins:release()
end
