/*
 * The workloads W1 to W7. Each takes n, its inputs in memory and where its result goes. Vectors stand where a compiler
 * would not find them by itself: reductions in several lanes, transcendentals, products of matrices.
 */
#pragma once
#include "vector.h"
/* After the vectors it is written in. */
#include "expansions.h"

template <class T> INLINE T root(T x) { return sizeof(T) == 8 ? __builtin_sqrt(x) : __builtin_sqrtf(x); }
template <class T> INLINE T magnitude(T x) { return sizeof(T) == 8 ? __builtin_fabs(x) : __builtin_fabsf(x); }

template <class T> static void w1(long n, const T *__restrict a, const T *__restrict b, const T *__restrict c, const T *__restrict d, T *__restrict y) {
  for (long i = 0; i < n; i++)
    y[i] = root<T>(a[i] * a[i] + b[i] * b[i]) * c[i] - d[i] / (1 + magnitude<T>(a[i])) + (b[i] < c[i] ? b[i] : c[i]) * (T)0.5;
}

/* Abramowitz and Stegun 26.2.17. */
template <class T> INLINE Vec<T> normal(Vec<T> x) {
  typedef Vec<T> V;
  V q = (T)1 / ((T)1 + (T)0.2316419 * vabs<T>(x));
  V poly = q * ((T)0.319381530 + q * ((T)-0.356563782 + q * ((T)1.781477937 + q * ((T)-1.821255978 + q * (T)1.330274429))));
  V tail = (T)0.3989422804014327 * expansion_exp<T>((T)-0.5 * (x * x)) * poly;
  return x < (T)0 ? tail : (T)1 - tail;
}
template <class T> INLINE void price(long i, const T *s, const T *k, const T *t, T *y) {
  typedef Vec<T> V;
  const T r = (T)0.05, v = (T)0.2, drift = (T)(0.05 + 0.2 * 0.2 / 2);
  V S = load<T>(s + i), K = load<T>(k + i), X = load<T>(t + i), w = v * vsqrt(X);
  V d1 = (expansion_log<T>(S / K) + drift * X) / w, d2 = d1 - w;
  store<T>(y + i, S * normal<T>(d1) - K * expansion_exp<T>(-r * X) * normal<T>(d2));
}
/* Two vectors at a time. */
template <class T> static void w2(long n, const T *__restrict s, const T *__restrict k, const T *__restrict t, const T *, T *__restrict y) {
  for (long i = 0; i + 2 * LANES(T) <= n; i += 2 * LANES(T)) {
    price<T>(i, s, k, t, y);
    price<T>(i + LANES(T), s, k, t, y);
  }
}

template <class T> INLINE T total(Vec<T> v) {
  T s = 0;
  for (int l = 0; l < LANES(T); l++) s += v[l];
  return s;
}
template <class T> static void softmax(long n, const T *__restrict x, const T *, const T *, const T *, T *__restrict y) {
  typedef Vec<T> V;
  const int L = LANES(T);
  for (long row = 0; row < n; row++, x += n, y += n) {
    V m[4];
    for (int u = 0; u < 4; u++) m[u] = load<T>(x + u * L);
    for (long i = 0; i < n; i += 4 * L)
      for (int u = 0; u < 4; u++) {
        V v = load<T>(x + i + u * L);
        m[u] = v > m[u] ? v : m[u];
      }
    T top = m[0][0];
    for (int u = 0; u < 4; u++)
      for (int l = 0; l < L; l++) top = m[u][l] > top ? m[u][l] : top;
    V s[4] = {};
    for (long i = 0; i < n; i += 4 * L)
      for (int u = 0; u < 4; u++) {
        V e = expansion_exp<T>(load<T>(x + i + u * L) - top);
        s[u] += e;
        store<T>(y + i + u * L, e);
      }
    T scale = 1 / total<T>((s[0] + s[1]) + (s[2] + s[3]));
    for (long i = 0; i < n; i++) y[i] *= scale;
  }
}
template <class T> static void layernorm(long n, const T *__restrict x, const T *__restrict gain, const T *__restrict bias, const T *, T *__restrict y) {
  typedef Vec<T> V;
  const int L = LANES(T);
  for (long row = 0; row < n; row++, x += n, y += n) {
    V s1[4] = {}, s2[4] = {};
    for (long i = 0; i < n; i += 4 * L)
      for (int u = 0; u < 4; u++) {
        V v = load<T>(x + i + u * L) - x[0];
        s1[u] += v;
        s2[u] += v * v;
      }
    T a = total<T>((s1[0] + s1[1]) + (s1[2] + s1[3])), b = total<T>((s2[0] + s2[1]) + (s2[2] + s2[3]));
    T mean = x[0] + a / n, scale = 1 / root<T>((b - a * a / n) / n + (T)1e-5);
    for (long i = 0; i < n; i++) y[i] = (x[i] - mean) * scale * gain[i] + bias[i];
  }
}

/*
 * Blocks of KC by NC of the second matrix are packed into panels of NR columns, strips of MR rows of the first one
 * likewise, and a tile of MR by NR sums stays in registers while k runs. Sizes are multiples of all of them.
 */
#ifdef __wasm__
#define MR 4
#define NV 2
#else
#define MR 6
#define NV 2
#endif
#define KC 256
#define NC 512
template <class T> struct Packed {
  static T b[KC * NC], a[MR * KC];
};
template <class T> alignas(64) T Packed<T>::b[KC * NC];
template <class T> alignas(64) T Packed<T>::a[MR * KC];

template <class T, int R> INLINE void tile(long kc, const T *__restrict a, const T *__restrict b, T *__restrict c, long ldc, bool first) {
  typedef Vec<T> V;
  const int L = LANES(T);
  V s[R][NV];
  for (int r = 0; r < R; r++)
    for (int v = 0; v < NV; v++) s[r][v] = first ? V{} : load<T>(c + r * ldc + v * L);
  for (long k = 0; k < kc; k++, a += R, b += NV * L) {
    V p[NV];
    for (int v = 0; v < NV; v++) p[v] = load<T>(b + v * L);
    for (int r = 0; r < R; r++)
      for (int v = 0; v < NV; v++) s[r][v] += a[r] * p[v];
  }
  for (int r = 0; r < R; r++)
    for (int v = 0; v < NV; v++) store<T>(c + r * ldc + v * L, s[r][v]);
}
template <class T, int R> INLINE void strip(long n, long i, long kk, long kc, long jj, long nc, const T *a, T *c) {
  const int NR = NV * LANES(T);
  T *pa = Packed<T>::a;
  for (long k = 0; k < kc; k++)
    for (int r = 0; r < R; r++) pa[k * R + r] = a[(i + r) * n + kk + k];
  for (long j = 0; j < nc; j += NR) tile<T, R>(kc, pa, Packed<T>::b + j * kc, c + i * n + jj + j, n, kk == 0);
}
template <class T> static void w4(long n, const T *__restrict a, const T *__restrict b, const T *, const T *, T *__restrict c) {
  const int NR = NV * LANES(T);
  for (long jj = 0; jj < n; jj += NC)
    for (long kk = 0; kk < n; kk += KC) {
      long nc = n - jj < NC ? n - jj : NC, kc = n - kk < KC ? n - kk : KC, i = 0;
      T *pb = Packed<T>::b;
      for (long j = 0; j < nc; j += NR)
        for (long k = 0; k < kc; k++, pb += NR) __builtin_memcpy(pb, b + (kk + k) * n + jj + j, NR * sizeof(T));
      for (; i + MR <= n; i += MR) strip<T, MR>(n, i, kk, kc, jj, nc, a, c);
      for (; i + 2 <= n; i += 2) strip<T, 2>(n, i, kk, kc, jj, nc, a, c);
    }
}

/* One step from u to v; the boundary stays. */
template <class T> static void diffuse(long n, const T *__restrict u, const T *__restrict p, T *__restrict v) {
  for (long x = 1; x + 1 < n; x++)
    for (long y = 1; y + 1 < n; y++)
      for (long z = 1, i = (x * n + y) * n + 1; z + 1 < n; z++, i++)
        v[i] = u[i] + (T)0.1 * ((((((u[i - n * n] + u[i + n * n]) + u[i - n]) + u[i + n]) + u[i - 1]) + u[i + 1] - 6 * u[i]) - p[i] * u[i]);
}
template <class T> static void w5(long n, const T *u, const T *p, T *v, const T *, T *w) {
  const long steps = n <= 100 ? 100 : 10, bytes = n * n * n * sizeof(T);
  __builtin_memcpy(v, u, bytes);
  __builtin_memcpy(w, u, bytes);
  for (long s = 0; s < steps; s += 2) {
    diffuse<T>(n, w, p, v);
    diffuse<T>(n, v, p, w);
  }
}

/* n matrices of 4 by 4: D = A·B + C, row by row. */
template <class T> static void w6(long n, const T *__restrict a, const T *__restrict b, const T *__restrict c, const T *, T *__restrict d) {
  typedef Vec<T> V;
  const int P = 4 / LANES(T) > 0 ? 4 / LANES(T) : 1, L = 4 / P;
  typedef T Row __attribute__((vector_size(4 * sizeof(T) / P), may_alias));
  (void)sizeof(V);
  for (long m = 0; m < n; m++, a += 16, b += 16, c += 16, d += 16) {
    Row rows[4][P];
    for (int k = 0; k < 4; k++)
      for (int v = 0; v < P; v++) __builtin_memcpy(&rows[k][v], b + 4 * k + v * L, sizeof(Row));
    for (int r = 0; r < 4; r++)
      for (int v = 0; v < P; v++) {
        Row s = a[4 * r] * rows[0][v], e;
        for (int k = 1; k < 4; k++) s += a[4 * r + k] * rows[k][v];
        __builtin_memcpy(&e, c + 4 * r + v * L, sizeof(Row));
        e = s + e;
        __builtin_memcpy(d + 4 * r + v * L, &e, sizeof(Row));
      }
  }
}

template <class T> static void sum(long n, const T *__restrict x, const T *, const T *, const T *, T *__restrict y) {
  Vec<T> s[8] = {};
  for (long i = 0; i + 8 * LANES(T) <= n; i += 8 * LANES(T))
    for (int u = 0; u < 8; u++) s[u] += load<T>(x + i + u * LANES(T));
  for (int u = 1; u < 8; u++) s[0] += s[u];
  *y = total<T>(s[0]);
}
template <class T> static void dot(long n, const T *__restrict x, const T *__restrict z, const T *, const T *, T *__restrict y) {
  Vec<T> s[8] = {};
  for (long i = 0; i + 8 * LANES(T) <= n; i += 8 * LANES(T))
    for (int u = 0; u < 8; u++) s[u] += load<T>(x + i + u * LANES(T)) * load<T>(z + i + u * LANES(T));
  for (int u = 1; u < 8; u++) s[0] += s[u];
  *y = total<T>(s[0]);
}
template <class T> static void variance(long n, const T *__restrict x, const T *, const T *, const T *, T *__restrict y) {
  Vec<T> s[4] = {}, q[4] = {};
  for (long i = 0; i + 4 * LANES(T) <= n; i += 4 * LANES(T))
    for (int u = 0; u < 4; u++) {
      Vec<T> v = load<T>(x + i + u * LANES(T)) - x[0];
      s[u] += v;
      q[u] += v * v;
    }
  T a = total<T>((s[0] + s[1]) + (s[2] + s[3])), b = total<T>((q[0] + q[1]) + (q[2] + q[3]));
  *y = (b - a * a / n) / n;
}
