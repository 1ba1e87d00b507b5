import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EffectName } from '../../../graph/errors.ts'
import { elementwiseOps } from '../../../graph/ops/elementwise.ts'
import { ops } from '../../../graph/ops/index.ts'
import type { Duty, Source } from '../duty.ts'
import { duty, escaped, inside, named, program, tests } from '../duty.ts'
import { root } from '../tree.ts'

const targets = ['ts', 'wasm'] as const

/** Ops that work cell by cell are held to the interpreter through kernels of a family; the others one by one. */
const lawOf = (op: string, target: string): Source =>
  Object.hasOwn(elementwiseOps, op)
    ? tests('test/kernels/laws.test.ts', new RegExp(`> on ${target}$`))
    : tests('test/targets/laws.test.ts', new RegExp(`^${escaped(op)} > (?:on ${target}|is held to something)$`))

const conformance = 'test/drivers/conformance.test.ts'
const oracles = tests('test/drivers/oracles.test.ts')
/** Which tests hold an effect to the model world; one without them does not compile. */
const conforms: Readonly<Record<EffectName, Source>> = {
  dbQuery: tests('test/drivers/conformance-sql.test.ts'),
  fileRead: tests(conformance, named('files')),
  fileWrite: tests(conformance, named('files')),
  httpRequest: tests(conformance, named('HTTP')),
  kvGet: tests(conformance, named('key-value stores')),
  kvSet: tests(conformance, named('key-value stores')),
  kvDelete: tests(conformance, named('key-value stores')),
  foreign: tests(conformance, named('functions of your own')),
  nowMs: oracles,
  randomBytes: oracles,
  logLine: oracles,
}
/** Which tests are about a driver: a folder of `runtime/drivers` that is not named here has no evidence. */
const ofDriver: Readonly<Record<string, Source>> = {
  clock: oracles,
  random: oracles,
  log: oracles,
  duckdb: tests('test/drivers/conformance-sql.test.ts', /DuckDB/),
  postgres: tests('test/drivers/conformance-sql.test.ts', /PostgreSQL/),
  files: tests(conformance, named('files')),
  http: tests(conformance, named('HTTP')),
  kv: tests(conformance, named('key-value stores', 'memory')),
  redis: tests(conformance, /^key-value stores > redis/),
  foreign: tests(conformance, named('functions of your own')),
}

const drivers = (): readonly string[] =>
  readdirSync(join(root, 'runtime/drivers'), { withFileTypes: true })
    .filter((d) => d.isDirectory() && readdirSync(join(root, 'runtime/drivers', d.name)).includes('index.ts'))
    .map((d) => d.name)
    .sort()
const classified = new Set(['duckdb', 'postgres', 'files', 'http', 'redis', 'kv'])

/** What is owed for each op on each target, each effect, each driver, and each case of the corpus. */
export const languageDuties = (): readonly Duty[] => [
  ...Object.keys(ops).flatMap((op) =>
    targets.map((target) =>
      duty(`op/${op}/${target}`, `'${op}' on ${target} answers as the interpreter does`, lawOf(op, target), {
        checklist: ['conformance'],
        file: `codegen/targets/${target}/index.ts`,
      }),
    ),
  ),
  ...targets.map((target) =>
    duty(
      `target/${target}/graphs`,
      `generated graphs answer on ${target} as in the interpreter`,
      tests(`test/targets/${target}.test.ts`, new RegExp(`^${target}: `)),
      { checklist: ['conformance'], file: `codegen/targets/${target}/index.ts` },
    ),
  ),
  ...Object.entries(conforms).map(([e, source]) =>
    duty(`effect/${e}/conforms`, `'${e}' is performed as the model world says`, source, {
      checklist: ['conformance'],
      file: 'graph/effects.ts',
    }),
  ),
  ...drivers().flatMap((d) => driverDuties(d)),
  duty(
    'errors/reach-the-caller',
    'each error of an effect reaches the caller with its name and line',
    tests('test/errors/run.test.ts'),
    { checklist: ['failures'], file: 'graph/errors.ts' },
  ),
  duty(
    'transactions/meaning',
    'transactions mean what the interpreter says, at every level',
    tests('test/transactions/properties.test.ts'),
    { checklist: ['conformance'] },
  ),
  ...corpora(),
]

/** The drivers together, in one campaign: they are run against servers, beside each other. */
const campaigns = program(['test/faults/main.ts', '--runs', '10000', '--seed', '7'], {
  from: ['test/faults/main.ts'],
  reads: ['test/faults', 'test/drivers/servers'],
})

const driverDuties = (d: string): readonly Duty[] => {
  const file = `runtime/drivers/${d}/index.ts`
  const campaign = readdirSync(join(root, 'test/faults/places')).includes(`${d}.ts`)
  return [
    duty(
      `driver/${d}/conforms`,
      `the driver '${d}' does what the model world does`,
      ofDriver[d] ?? { from: 'nowhere', why: 'no test is said to be about it' },
      { checklist: ['conformance'], file },
    ),
    ...(classified.has(d)
      ? [
          duty(
            `driver/${d}/failures`,
            `whatever '${d}' may hear from below becomes a typed error that keeps its original`,
            tests('test/drivers/classify.test.ts'),
            { checklist: ['failures'], file },
          ),
        ]
      : []),
    ...(campaign
      ? [
          duty(
            `driver/${d}/faults`,
            `under faults '${d}' loses nothing that was acknowledged and repeats no write`,
            tests('test/faults/faults.test.ts'),
            { checklist: ['failures'], file },
          ),
          duty(`driver/${d}/campaign`, `'${d}' keeps the rules in 10,000 random runs under faults`, campaigns, {
            tier: 'deep',
            checklist: ['failures'],
            file,
          }),
        ]
      : []),
  ]
}

const runs: Readonly<Record<string, string>> = {
  passes: 'test/passes/corpus.test.ts',
  place: 'test/place/corpus.test.ts',
  targets: 'test/targets/corpus.test.ts',
}
/** A past mistake a file. */
const corpora = (): readonly Duty[] =>
  readdirSync(join(root, 'test/corpus')).flatMap((kind) =>
    readdirSync(join(root, 'test/corpus', kind), { recursive: true, encoding: 'utf8' })
      .map((f) => f.replaceAll('\\', '/'))
      .filter((f) => f.endsWith('.txt'))
      .sort()
      .map((f) =>
        duty(
          `corpus/${kind}/${f.replace(/\.txt$/, '')}`,
          `the case ${kind}/${f} comes out as it was kept`,
          runs[kind] === undefined
            ? { from: 'nowhere', why: `no test is said to read test/corpus/${kind}` }
            : tests(runs[kind], inside(f)),
          { checklist: kind === 'targets' ? ['conformance'] : ['passes'], file: `test/corpus/${kind}/${f}` },
        ),
      ),
  )
