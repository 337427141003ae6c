// Start to end: what it costs to load a program, print, and leave.
#include <stdio.h>

int main(void) {
  puts("hello");
  return 0;
}
