import type { Compiled } from '../../compile.ts'
import { compile, instantiate } from '../../compile.ts'
import type { Call } from '../../graph/effects.ts'
import { isLeft, right } from '../../graph/either.ts'
import { describeError } from '../../graph/errors.ts'
import { fx, graph, matmul, t } from '../../graph/index.ts'
import { scalar } from '../../graph/types.ts'
import type { Artifact } from '../../runtime/artifact.ts'
import type { Probed } from '../../runtime/assumption.ts'
import { memory } from '../../runtime/cache.ts'
import type { Driver } from '../../runtime/driver.ts'
import { kv } from '../../runtime/drivers/kv/index.ts'
import { compare } from '../gate/project/compare.ts'
import { scanGenerated } from '../scan/generated.ts'
import type { Arithmetic } from './rounding.ts'
import { arithmetic, wrongRounding } from './rounding.ts'

/** What a probe saw; `found` says it in words. */
type Seen = Pick<Probed, 'ok' | 'found'>

/** Whether the engine rounds as IEEE 754 says. */
export const rounding = (m: Arithmetic = arithmetic): Seen => {
  const wrong = wrongRounding(m)
  return wrong === undefined
    ? { ok: true, found: 'nine operations are rounded right, by whole numbers' }
    : { ok: false, found: wrong }
}

/** One graph that needs every kind of kernel: both floats, integers, a sum, a product of matrices. */
const kinds = graph(
  'probe',
  { a: t.tensor(t.f64, 37), b: t.tensor(t.f32, 37), c: t.tensor(t.i32, 37), m: t.tensor(t.f64, 5, 5) },
  ({ a, b, c, m }) => ({
    d: fx`sqrt(abs(${a})) * ${a} - ${a} / (${a} + 3)`,
    s: fx`min(${b}, ${b} * ${b}) + max(${b}, 1)`,
    i: c.mul(c).add(c),
    sum: a.sum(),
    product: matmul(m, m),
  }),
)
/**
 * Whether compiled kernels give the interpreter's bits. `engine` may stand for another engine: it is given what was compiled
 * and answers what runs.
 */
const sameBits = async (
  target: 'ts' | 'wasm',
  engine: (c: Compiled) => Artifact | Promise<Artifact>,
): Promise<Seen> => {
  const c = await compile(kinds, { target })
  if (isLeft(c)) return { ok: false, found: describeError(c.left) }
  const source = kinds.sealed
  if (isLeft(source)) return { ok: false, found: 'the graph of the probe is wrong' }
  const run = await engine(c.right as Compiled)
  const compared = await compare(source.right, run as Compiled, { cases: 30, ms: 20_000 })
  return compared.differs === undefined
    ? { ok: compared.values > 0, found: `${compared.values} runs with the bits of the interpreter` }
    : { ok: false, found: `run ${compared.differs.seed} ${compared.differs.what}` }
}
export const webAssembly = (engine: (c: Compiled) => Artifact = (c) => c): Promise<Seen> => sameBits('wasm', engine)

/** Whether the text that was printed does what the program says, and nothing else. `print` may stand for another printer. */
export const toolchain = async (print: (text: string) => string = (x) => x): Promise<Seen> => {
  let odd: string | undefined
  const seen = await sameBits('ts', async (c) => {
    const text = print(c.files['module.js'])
    const [found] = await scanGenerated({ 'module.js': text })
    odd = found?.message
    const made = await instantiate(text)
    return isLeft(made) ? { ...c, kernels: {} } : made.right
  })
  return odd === undefined ? seen : { ok: false, found: odd }
}

/** Whether a clock goes on and never back, looked at a thousand times. */
export const monotonic = (now: () => number = () => performance.now()): Seen => {
  const first = now()
  let last = first
  for (let i = 0; i < 1000; i++) {
    const at = now()
    if (!(at >= last)) return { ok: false, found: `it went back by ${last - at} ms` }
    last = at
  }
  for (let i = 0; i < 1_000_000 && last === first; i++) last = now()
  return last > first ? { ok: true, found: 'it goes on and never back' } : { ok: false, found: 'it stands still' }
}

/** Whether what is remembered for a while is forgotten when it is over, by a clock that is turned by hand. */
export const forgetting = async (clock: (at: () => number) => () => number = (at) => at): Promise<Seen> => {
  let at = 0
  const kept = memory(
    10,
    clock(() => at),
  )
  const ask = (answer: number) => kept.recall('k', 100, [], () => right(answer))
  await ask(1)
  at = 99
  const young = await ask(2)
  at = 101
  const old = await ask(3)
  const ok = young._tag === 'Right' && young.right === 1 && old._tag === 'Right' && old.right === 3
  return {
    ok,
    found: ok ? 'it is remembered until its time is over' : 'it is given out after its time, or forgotten before',
  }
}

/** Whether a driver answers several keys as each by itself. Drivers that answer otherwise are what it is for. */
export const batchIsSingle = async (driver: Pick<Driver, 'perform' | 'performMany'> = kv()): Promise<Seen> => {
  const context = { signal: new AbortController().signal }
  const number = scalar('f64')
  const attrs = { store: 'probe', key: '*', authority: false, maxBytes: 1000 }
  const rest = { iteration: [] }
  const get = (key: string): Call => ({
    effect: 'kvGet',
    attrs: { ...attrs, occurrence: 0, value: number, batch: true },
    args: [key],
    argTypes: [scalar('string')],
    ...rest,
  })
  const set = (key: string, value: number): Call => ({
    effect: 'kvSet',
    attrs: { ...attrs, occurrence: 1, ttlMs: 60_000 },
    args: [key, value],
    argTypes: [scalar('string'), number],
    ...rest,
  })
  const keys = ['a', 'b', 'none', 'a']
  for (const [i, key] of ['a', 'b'].entries()) await driver.perform(set(key, i + 1), context)
  const together = await driver.performMany?.({ calls: keys.map(get), plan: { params: [], ordered: false } }, context)
  const alone = await Promise.all(keys.map((k) => driver.perform(get(k), context)))
  const i = alone.findIndex((a, k) => JSON.stringify(a) !== JSON.stringify(together?.answers[k]))
  return i < 0
    ? { ok: true, found: `${keys.length} keys, each as by itself` }
    : { ok: false, found: `'${keys[i]}' is answered otherwise in a batch` }
}

/** The probes of assumptions that need nothing but this machine, by the name that assumptions call them. */
export const probes: Readonly<Record<string, () => Seen | Promise<Seen>>> = {
  'ieee-754': () => rounding(),
  'wasm-engine': () => webAssembly(),
  toolchain: () => toolchain(),
  'monotonic-clock': () => monotonic(),
  staleness: () => forgetting(),
  'batch-is-single': () => batchIsSingle(),
}
