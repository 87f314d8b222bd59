// Traps three calls deep; made with the line numbers of DWARF 4 and 5:
//   clang --target=wasm32 -g -gdwarf-5 -fdebug-compilation-dir=. -O1 -c -o lines.o lines.c
//   wasm-ld --no-entry --export=go -o ../resources/io/selvage/wasm/lines-dwarf5.wasm lines.o
static int table[4];

__attribute__((noinline)) int parse(int n, volatile int *p) {
  int s = 0;
  for (int i = 0; i < n; i++)
    s += p[i * 1000000];
  return s;
}
__attribute__((noinline)) int run(int n) {
  int r = parse(n, (volatile int *)table);
  return r + 1;
}
int go(int n) {
  return run(n) * 2;
}
