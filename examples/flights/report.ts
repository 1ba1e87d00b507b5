import pc from 'picocolors'
import type { Statistics } from './by-hand.ts'
import { apart } from './by-hand.ts'
import type { Outcome } from './job.ts'
import { allRows, fromFileMs, sampleRows } from './job.ts'
import type { Result } from './target.ts'
import { effectMs } from './target.ts'

const count = (n: number): string => n.toLocaleString('en')
const ms = (x: number): string => `${count(Math.round(x))} ms`
const fixed = (x: number, digits: number): string => x.toFixed(digits)

/** What is shown of the fields of a pair, in the order of `npm start -- --json`. */
const pairsOf = ({ pairs }: Result) => [...pairs]

/** The one JSON object of `npm start -- --json`. */
export const jsonReport = (o: Outcome): string => {
  const { result, stats } = o.full
  const { rmsMiles, meanDelay, stdDelay, logLoss, brier } = result
  const { interpret, ts, wasm } = o.part4Ms
  return JSON.stringify({
    pairs: pairsOf(result),
    rmsMiles,
    meanDelay,
    stdDelay,
    logLoss,
    brier,
    queries: stats.queries,
    kernelScratchBytes: o.scratchBytes,
    targets: { interpret: { ms: interpret }, ts: { ms: ts }, wasm: { ms: wasm } },
    identicalBits: o.identicalBits,
  })
}

/** The page of `npm start`: at most 35 lines. */
export const page = (o: Outcome, reportFile: string, colors: boolean): string => {
  const c = pc.createColors(colors)
  return [
    ...theDifference(o, c),
    '',
    ...theAnswer(o, reportFile, c),
    '',
    ...theTimes(o, c),
    '',
    ...trust(o, c),
    '',
    `${c.bold('next')}  npm run quoin -- explain examples/flights/graph.ts`,
    '      npm run bench -- kernels --only flights',
  ].join('\n')
}
type Colors = ReturnType<typeof pc.createColors>

const theDifference = ({ full, arrays, scratchBytes, plan }: Outcome, c: Colors): readonly string[] => {
  const { written, run } = full.stats.queries
  const line = (what: string, a: string | number, b: string | number, note: string): string =>
    `${what.padEnd(21)}${String(a).padStart(9)}${c.green(String(b).padStart(12))}  ${c.dim(note)}`.trimEnd()
  const removed = plan.manifest.removed.map((r) => `'${r.name}'`).join(', ')
  return [
    c.bold(line('', 'you wrote', 'Quoin ran', '')),
    line('queries', written, run, 'two lookups a pair, 200 pairs: one statement for each of the two'),
    line(
      `arrays of ${count(allRows)}`,
      arrays.written,
      arrays.run,
      `one loop; its kernels use ${count(scratchBytes)} bytes beyond inputs`,
    ),
    line('queries nobody needs', plan.manifest.removed.length, 0, `${removed} is removed: no result looks at it`),
  ]
}

const theAnswer = ({ full }: Outcome, reportFile: string, c: Colors): readonly string[] => {
  const { result: r } = full
  const top = pairsOf(r)
    .sort((a, b) => b.meanDelay - a.meanDelay)
    .slice(0, 10)
  const short = (name: string): string => (name.length > 28 ? `${name.slice(0, 27)}…` : name)
  return [
    `${c.bold('distance')}  ${fixed(r.rmsMiles, 3)} miles rms between great circle and record, over ${r.pairs.length} pairs`,
    `${c.bold('delay')}     mean ${fixed(r.meanDelay, 3)} min, std ${fixed(r.stdDelay, 3)}; forecast of > 15 min: log-loss ${fixed(r.logLoss, 5)}, Brier ${fixed(r.brier, 5)}`,
    `${c.bold('latest on average')}, of the 200 busiest pairs (all of them are in ${reportFile})`,
    ...top.map(
      (p) =>
        `${fixed(p.meanDelay, 1).padStart(7)} min  ${p.origin}–${p.destination}  ${short(p.originName).padEnd(28)}  ${short(p.destinationName).padEnd(28)}  ${count(p.flights).padStart(5)} flights`,
    ),
  ]
}

const theTimes = (o: Outcome, c: Colors): readonly string[] => {
  const { interpret, ts, wasm } = o.part4Ms
  const { events, stats } = o.full
  const passes = o.plan.optimised.steps.reduce((sum, s) => sum + s.ms + s.checkMs, 0)
  const reading = effectMs(events, 'flight')
  const { written, run } = o.distant
  const verdict = (theirs: number, ours: number, them: string): string =>
    theirs < ours ? `${them} wins` : 'Quoin wins'
  const agree = (s: Statistics): string => `results within ${apart(s, o.full.result).toExponential(0)}`
  const yes = o.identicalBits ? c.green('yes') : c.red('NO')
  return [
    `${c.bold('same bits in all three?')} ${yes}; part 4 took`,
    `  interpreter ${ms(interpret)} (${count(sampleRows)} rows), TypeScript ${ms(ts)}, WebAssembly ${ms(wasm)} (${count(allRows)} rows)`,
    `${c.bold('stages')}  passes and checks ${ms(passes)}, code with loading its tools ${ms(o.compileMs - passes)}; pairs ${ms(effectMs(events, 'pair'))},`,
    `  lookups ${ms(effectMs(events, 'airport'))}, reading flights ${ms(reading)}, kernels ${ms(stats.kernelMs)}, writing the file ${ms(effectMs(events, 'fileWrite'))}`,
    `${c.bold('with a simulated 1 ms a round trip')}, pairs and lookups`,
    `  as written ${written.value} statements, ${ms(written.ms)}; as run ${run.value} statements, ${ms(run.ms)}`,
    `${c.bold('part 4 by hand')}, the fastest of 5 each`,
    `  plain loops ${ms(o.loops.ms)}, our kernel ${ms(wasm)}: ${verdict(o.loops.ms, wasm, 'the loop')} (${agree(o.loops.value)})`,
    `  DuckDB, all in SQL ${ms(o.duckdb.ms)}, our reading and kernel ${ms(fromFileMs(o.full))}: ${verdict(o.duckdb.ms, fromFileMs(o.full), 'DuckDB')} (${agree(o.duckdb.value)})`,
  ]
}

const trust = ({ plan, inventory }: Outcome, c: Colors): readonly string[] => {
  const { steps, failures } = plan.optimised
  return [
    `${c.bold('checked')}  ${steps.length} certificates of ${steps.length + failures.length} passes accepted, ${failures.length} refused; tested: the bits, as above`,
    `${c.bold('assumed')}  ${inventory.length} things, the first: ${inventory[0]?.statement ?? 'nothing'}`,
  ]
}
