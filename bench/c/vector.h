/*
 * Vectors of VB bytes over the element T, and the primitives that the expansions of exp and log are written in. The same
 * text is compiled by gcc for this processor and by clang for WebAssembly, where a vector has 16 bytes.
 */
#pragma once
#include <stdint.h>

/* Calls would keep the steps of neighbouring vectors apart. */
#define INLINE static inline __attribute__((always_inline))

#ifdef __wasm__
#define VB 16
#else
#define VB 32
#endif

template <class T> struct Of;
template <> struct Of<double> {
  typedef double V __attribute__((vector_size(VB), may_alias));
  typedef int64_t I __attribute__((vector_size(VB)));
  static constexpr double magic = 6755399441055744.0, low = -1022, high = 1023, real = 4503599627370496.0;
  static constexpr int64_t bias = 1023, fraction = 0xfffffffffffff, one = 0x3ff0000000000000, sign = INT64_MIN;
  static constexpr int shift = 52;
};
template <> struct Of<float> {
  typedef float V __attribute__((vector_size(VB), may_alias));
  typedef int32_t I __attribute__((vector_size(VB)));
  static constexpr float magic = 12582912.0f, low = -126, high = 127, real = 8388608.0f;
  static constexpr int32_t bias = 127, fraction = 0x7fffff, one = 0x3f800000, sign = INT32_MIN;
  static constexpr int shift = 23;
};
#define LANES(T) ((int)(VB / sizeof(T)))

template <class T> using Vec = typename Of<T>::V;
template <class T> using Int = typename Of<T>::I;

template <class T> INLINE Vec<T> load(const T *p) {
  Vec<T> v;
  __builtin_memcpy(&v, p, VB);
  return v;
}
template <class T> INLINE void store(T *p, Vec<T> v) { __builtin_memcpy(p, &v, VB); }
template <class T> INLINE Vec<T> splat(T x) { return Vec<T>{} + x; }

template <class T> INLINE Vec<T> vabs(Vec<T> x) { return (Vec<T>)((Int<T>)x & ~Of<T>::sign); }
template <class T> INLINE Vec<T> vneg(Vec<T> x) { return (Vec<T>)((Int<T>)x ^ Of<T>::sign); }
template <class T> INLINE Vec<T> pow2(Vec<T> x) {
  x = x > Of<T>::low ? x : splat<T>(Of<T>::low);
  x = x < Of<T>::high ? x : splat<T>(Of<T>::high);
  return (Vec<T>)(((Int<T>)(x + Of<T>::magic) + Of<T>::bias) << Of<T>::shift);
}
/* The exponent field as a number: or-ed into the low bits of 2^52 (2^23), which is then taken away. */
template <class T> INLINE Vec<T> exponent(Vec<T> x) {
  Int<T> field = ((Int<T>)vabs<T>(x)) >> Of<T>::shift;
  return (Vec<T>)(field | (Int<T>)splat<T>(Of<T>::real)) - (Of<T>::real + (T)Of<T>::bias);
}
template <class T> INLINE Vec<T> mantissa(Vec<T> x) {
  Vec<T> v = (Vec<T>)(((Int<T>)x & Of<T>::fraction) | Of<T>::one);
  return x == x ? v : splat<T>((T)1.5);
}

#ifdef __wasm__
INLINE Vec<double> vsqrt(Vec<double> x) { return __builtin_wasm_sqrt_f64x2(x); }
INLINE Vec<float> vsqrt(Vec<float> x) { return __builtin_wasm_sqrt_f32x4(x); }
INLINE Vec<double> vnearest(Vec<double> x) { return __builtin_wasm_nearest_f64x2(x); }
INLINE Vec<float> vnearest(Vec<float> x) { return __builtin_wasm_nearest_f32x4(x); }
#else
INLINE Vec<double> vsqrt(Vec<double> x) { return __builtin_ia32_sqrtpd256(x); }
INLINE Vec<float> vsqrt(Vec<float> x) { return __builtin_ia32_sqrtps256(x); }
INLINE Vec<double> vnearest(Vec<double> x) { return __builtin_ia32_roundpd256(x, 8); }
INLINE Vec<float> vnearest(Vec<float> x) { return __builtin_ia32_roundps256(x, 8); }
#endif
