# arm64: memory tags.
handle SIGUSR1 nostop noprint pass
break reached if what[1] == 'i'
continue
# expect: reached
print (char)tagged[0]
memory-tag print-allocation-tag tagged
# expect: 0x5
memory-tag check tagged
# expect: match
memory-tag set-allocation-tag tagged 16 07
memory-tag print-allocation-tag tagged
# expect: 0x7
monitor tags tagged
kill
