/*
 * Natively: `peer <workload> <directory>` reads its inputs from files, then obeys lines on its standard input: a number
 * is how often to run, answered by the CPU time in milliseconds; `out` writes the result to a file. For WebAssembly the
 * workloads are exported instead.
 */
#include "workloads.h"

#define ALL(X) X(w1) X(w2) X(softmax) X(layernorm) X(w4) X(w5) X(w6) X(sum) X(dot) X(variance)

#ifdef __wasm__
extern "C" {
void *memset(void *to, int byte, unsigned long n) {
  for (char *p = (char *)to; n > 0; n--) *p++ = (char)byte;
  return to;
}
#define EXPORT(W)                                                                                                     \
  __attribute__((export_name(#W "_f64"))) void W##_64(long n, double *a, double *b, double *c, double *d, double *y) { \
    W<double>(n, a, b, c, d, y);                                                                                      \
  }                                                                                                                   \
  __attribute__((export_name(#W "_f32"))) void W##_32(long n, float *a, float *b, float *c, float *d, float *y) {     \
    W<float>(n, a, b, c, d, y);                                                                                       \
  }
ALL(EXPORT)
}
#else
#include <stdio.h>
#include <string.h>
#include <stdlib.h>
#include <time.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}
static char *room(long bytes) {
  void *p;
  if (posix_memalign(&p, 64, bytes + 64) != 0) exit(3);
  memset(p, 0, bytes + 64);
  return (char *)p;
}
typedef void (*Work)(long, void *, void *, void *, void *, void *);
struct Entry {
  const char *name;
  Work work;
};
#define ENTRY(W) {#W "_f64", (Work)(void *)W<double>}, {#W "_f32", (Work)(void *)W<float>},
static const Entry entries[] = {ALL(ENTRY)};

int main(int argc, char **argv) {
  /* <workload> <directory> <n> <bytes of result> */
  if (argc != 5) return 2;
  char *buffers[5], path[4096], line[64];
  long n = atol(argv[3]), bytes = atol(argv[4]);
  for (int k = 0; k < 4; k++) {
    snprintf(path, sizeof path, "%s/in%d", argv[2], k);
    FILE *f = fopen(path, "rb");
    long size = bytes;
    if (f != NULL) {
      fseek(f, 0, SEEK_END);
      size = ftell(f);
      rewind(f);
    }
    buffers[k] = room(size);
    if (f != NULL) {
      if (fread(buffers[k], 1, size, f) != (size_t)size) return 3;
      fclose(f);
    }
  }
  buffers[4] = room(bytes);
  for (const Entry &e : entries) {
    if (strcmp(e.name, argv[1]) != 0) continue;
    while (fgets(line, sizeof line, stdin) != NULL) {
      if (line[0] == 'o') {
        snprintf(path, sizeof path, "%s/out", argv[2]);
        FILE *f = fopen(path, "wb");
        if (f == NULL || fwrite(buffers[4], 1, bytes, f) != (size_t)bytes || fclose(f) != 0) return 4;
        printf("0\n");
      } else {
        double start = now();
        for (long i = atol(line); i > 0; i--) e.work(n, buffers[0], buffers[1], buffers[2], buffers[3], buffers[4]);
        printf("%.6f\n", now() - start);
      }
      fflush(stdout);
    }
    return 0;
  }
  return 2;
}
#endif
