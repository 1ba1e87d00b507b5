import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Absent, Contender, Difference } from '../harness.ts'
import { built } from './build.ts'

export type Floats = Float64Array | Float32Array
/** A workload for peers in other languages: its name in `workloads.h`, n, its inputs, and how long the result is. */
export interface Job<T extends Floats> {
  readonly name: string
  readonly n: number
  readonly inputs: readonly T[]
  readonly length: number
  readonly difference: Difference<T>
}
const elemOf = (x: Floats): 'f64' | 'f32' => (x instanceof Float64Array ? 'f64' : 'f32')
const like = <T extends Floats>(x: T, buffer: ArrayBuffer, at: number, length: number): T =>
  (x instanceof Float64Array ? new Float64Array(buffer, at, length) : new Float32Array(buffer, at, length)) as T

/** What keeps JAX to one thread. */
const oneThread = '--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1'
let jobs = 0
/** A process that reads its inputs from files and measures itself, because a pipe would take longer than the work. */
const program = async <T extends Floats>(
  name: string,
  job: Job<T>,
  directory: string,
  command: (elem: string, at: string) => readonly string[],
): Promise<Contender<T>> => {
  const [first] = job.inputs as readonly [T]
  const at = join(directory, `job${jobs++}`)
  await mkdir(at)
  for (const [k, x] of job.inputs.entries()) await writeFile(join(at, `in${k}`), new Uint8Array(x.buffer))
  const [file, ...rest] = command(elemOf(first), at)
  const child = spawn(file!, rest, {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1', XLA_FLAGS: oneThread },
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ask = async (line: string): Promise<number> => {
    child.stdin.write(`${line}\n`)
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`${name} ended during ${job.name}`)
    return Number(value)
  }
  return {
    name,
    difference: job.difference,
    run: async () => {
      await ask('1')
    },
    timed: (repeats) => ask(String(repeats)),
    output: async () => {
      await ask('out')
      const bytes = await readFile(join(at, 'out'))
      return like(first, bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), 0, job.length)
    },
    close: () => {
      child.stdin.end()
      child.kill()
    },
  }
}

/** C++ compiled for this processor, AVX and fused multiply-add included where it has them. */
export const native = async <T extends Floats>(job: Job<T>): Promise<Contender<T> | Absent> => {
  const { native: file, directory } = await built()
  if (typeof file !== 'string') return { name: 'c-native', ...file }
  const bytes = job.length * job.inputs[0]!.BYTES_PER_ELEMENT
  return program('c-native', job, directory, (e, at) => [file, `${job.name}_${e}`, at, String(job.n), String(bytes)])
}

/** The Python of the peers; another than `python3` where QUOIN_BENCH_PYTHON names one, for instance that of a virtual environment. */
const interpreter = process.env.QUOIN_BENCH_PYTHON ?? 'python3'
/** NumPy and others in Python, one thread. */
const inPython =
  (library: 'numpy' | 'numba' | 'jax', has?: readonly string[]) =>
  async <T extends Floats>(job: Job<T>): Promise<Contender<T> | Absent | undefined> => {
    if (has !== undefined && !has.includes(job.name)) return undefined
    const { directory } = await built()
    const script = new URL('numpy_peer.py', import.meta.url).pathname
    const found = await new Promise<boolean>((done) => {
      const probe = spawn(interpreter, ['-c', `import numpy, ${library}`], { stdio: 'ignore' })
      probe.on('error', () => done(false)).on('exit', (code) => done(code === 0))
    })
    if (!found)
      return { name: library, absent: `needs ${interpreter} with ${library}; QUOIN_BENCH_PYTHON names another` }
    const command = (e: string, at: string) => [interpreter, script, job.name, e, at, String(job.n), library]
    return program(library, job, directory, command)
  }
export const numpy = inPython('numpy')
export const jaxInPython = inPython('jax')
export const numba = inPython('numba', ['w1', 'w2', 'w5'])

interface Module {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  readonly __heap_base: { readonly value: number }
}
const engine = (
  globalThis as unknown as {
    readonly WebAssembly: {
      readonly Module: new (bytes: Uint8Array) => object
      readonly Instance: new (m: object) => { readonly exports: unknown }
    }
  }
).WebAssembly

/** The same C++ compiled for WebAssembly; its inputs lie in its memory already. */
export const wasm = async <T extends Floats>(job: Job<T>): Promise<Contender<T> | Absent> => {
  const { wasm: file } = await built()
  if (typeof file !== 'string') return { name: 'c-wasm', ...file }
  const instance = new engine.Instance(new engine.Module(new Uint8Array(await readFile(file))))
  const {
    memory,
    __heap_base: heap,
    ...functions
  } = instance.exports as Module & Readonly<Record<string, (...args: readonly number[]) => void>>
  const [first] = job.inputs as readonly [T]
  let top = heap.value
  const place = (cells: number): number => {
    const at = Math.ceil(top / 64) * 64
    top = at + cells * first.BYTES_PER_ELEMENT + 64
    return at
  }
  const given = [0, 1, 2, 3].map((k) => place(job.inputs[k]?.length ?? job.length))
  const out = place(job.length)
  memory.grow(Math.max(0, Math.ceil((top - memory.buffer.byteLength) / 65536)))
  for (const [k, x] of job.inputs.entries()) like(first, memory.buffer, given[k]!, x.length).set(x as never)
  const work = functions[`${job.name}_${elemOf(first)}`]!
  return {
    name: 'c-wasm',
    difference: job.difference,
    run: () => {
      work(job.n, ...given, out)
    },
    output: () => like(first, memory.buffer, out, job.length).slice() as T,
  }
}
