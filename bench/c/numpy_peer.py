"""The workloads in NumPy, JAX or Numba, obeying the same lines as main.cpp."""
import os
import sys
import time

import numpy
import numpy as np

name, elem, where, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
dtype = {"f64": np.float64, "f32": np.float32}[elem]
given = []
while os.path.exists(f"{where}/in{len(given)}"):
    given.append(np.fromfile(f"{where}/in{len(given)}", dtype=dtype))
T = dtype


def w1(a, b, c, d):
    return np.sqrt(a * a + b * b) * c - d / (T(1) + np.abs(a)) + np.where(b < c, b, c) * T(0.5)


def normal(x):
    q = T(1) / (T(1) + T(0.2316419) * np.abs(x))
    poly = q * (T(0.319381530) + q * (T(-0.356563782) + q * (T(1.781477937) + q * (T(-1.821255978) + q * T(1.330274429)))))
    tail = T(0.3989422804014327) * np.exp(T(-0.5) * (x * x)) * poly
    return np.where(x < 0, tail, T(1) - tail)


def w2(s, k, t):
    w = T(0.2) * np.sqrt(t)
    d1 = (np.log(s / k) + T(0.05 + 0.2 * 0.2 / 2) * t) / w
    return s * normal(d1) - k * np.exp(T(-0.05) * t) * normal(d1 - w)


def softmax(x):
    x = x.reshape(n, n)
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e * (T(1) / e.sum(axis=1, keepdims=True))


def layernorm(x, gain, bias):
    x = x.reshape(n, n)
    centred = x - x.mean(axis=1, keepdims=True)
    return centred * (T(1) / np.sqrt(x.var(axis=1, keepdims=True) + T(1e-5))) * gain + bias


def w4(a, b):
    return a.reshape(n, n) @ b.reshape(n, n)


def w5(u, p):
    u, p = u.reshape(n, n, n).copy(), p.reshape(n, n, n)[1:-1, 1:-1, 1:-1]
    for _ in range(100 if n <= 100 else 10):
        c = u[1:-1, 1:-1, 1:-1]
        near = u[:-2, 1:-1, 1:-1] + u[2:, 1:-1, 1:-1] + u[1:-1, :-2, 1:-1] + u[1:-1, 2:, 1:-1] + u[1:-1, 1:-1, :-2] + u[1:-1, 1:-1, 2:]
        v = u.copy()
        v[1:-1, 1:-1, 1:-1] = c + T(0.1) * ((near - T(6) * c) - p * c)
        u = v
    return u


def w6(a, b, c):
    shape = (n, 4, 4)
    return a.reshape(shape) @ b.reshape(shape) + c.reshape(shape)


def numba_work(name):
    """Loops, as one writes them for Numba."""
    from numba import njit

    one, half, v = T(1), T(0.5), T(0.2)

    @njit
    def w1(a, b, c, d):
        y = np.empty_like(a)
        for i in range(a.size):
            y[i] = np.sqrt(a[i] * a[i] + b[i] * b[i]) * c[i] - d[i] / (one + abs(a[i])) + (b[i] if b[i] < c[i] else c[i]) * half
        return y

    p, c0 = T(0.2316419), T(0.3989422804014327)
    c1, c2, c3, c4, c5 = T(0.319381530), T(-0.356563782), T(1.781477937), T(-1.821255978), T(1.330274429)
    drift, rate = T(0.05 + 0.2 * 0.2 / 2), T(-0.05)

    @njit
    def normal(x):
        q = one / (one + p * abs(x))
        tail = c0 * np.exp(-half * (x * x)) * (q * (c1 + q * (c2 + q * (c3 + q * (c4 + q * c5)))))
        return tail if x < 0 else one - tail

    @njit
    def w2(s, k, t):
        y = np.empty_like(s)
        for i in range(s.size):
            w = v * np.sqrt(t[i])
            d1 = (np.log(s[i] / k[i]) + drift * t[i]) / w
            y[i] = s[i] * normal(d1) - k[i] * np.exp(rate * t[i]) * normal(d1 - w)
        return y

    tenth, six = T(0.1), T(6)

    @njit
    def step(u, p, w):
        for x in range(1, n - 1):
            for y in range(1, n - 1):
                for z in range(1, n - 1):
                    c = u[x, y, z]
                    near = u[x - 1, y, z] + u[x + 1, y, z] + u[x, y - 1, z] + u[x, y + 1, z] + u[x, y, z - 1] + u[x, y, z + 1]
                    w[x, y, z] = c + tenth * ((near - six * c) - p[x, y, z] * c)

    def w5(u, p):
        u, p = u.reshape(n, n, n).copy(), p.reshape(n, n, n)
        w = u.copy()
        for _ in range(100 if n <= 100 else 10):
            step(u, p, w)
            u, w = w, u
        return u

    return {"w1": w1, "w2": w2, "w5": w5}[name]


library = sys.argv[5]
if library == "jax":
    import jax

    jax.config.update("jax_enable_x64", True)
    # The functions above are traced with JAX's arrays in place of NumPy's.
    np = jax.numpy

    def w5(u, p):
        u, p = u.reshape(n, n, n), p.reshape(n, n, n)[1:-1, 1:-1, 1:-1]

        def once(_, u):
            c = u[1:-1, 1:-1, 1:-1]
            near = u[:-2, 1:-1, 1:-1] + u[2:, 1:-1, 1:-1] + u[1:-1, :-2, 1:-1] + u[1:-1, 2:, 1:-1] + u[1:-1, 1:-1, :-2] + u[1:-1, 1:-1, 2:]
            return u.at[1:-1, 1:-1, 1:-1].set(c + T(0.1) * ((near - T(6) * c) - p * c))

        return jax.lax.fori_loop(0, 100 if n <= 100 else 10, once, u)


plain = {"w1": w1, "w2": w2, "softmax": softmax, "layernorm": layernorm, "w4": w4, "w5": w5, "w6": w6,
         "sum": np.sum, "dot": np.dot, "variance": np.var}
if library == "numba":
    work = numba_work(name)
elif library == "jax":
    given = [np.asarray(x) for x in given]
    traced = jax.jit(plain[name])
    work = lambda *xs: traced(*xs).block_until_ready()
else:
    work = plain[name]
result = None
for line in sys.stdin:
    if line[0] == "o":
        numpy.asarray(result, dtype=dtype).tofile(f"{where}/out")
        print(0, flush=True)
        continue
    start = time.process_time_ns()
    for _ in range(int(line)):
        result = work(*given)
    print((time.process_time_ns() - start) / 1e6, flush=True)
