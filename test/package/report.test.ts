import { expect, test } from 'vitest'
import { reportProblems } from './report.ts'

const pair = (i: number) => ({
  origin: 'AAA',
  destination: `B${String(i).padStart(3, '0')}`,
  flights: 1000 - (i >> 1),
  meanDelay: 8.1,
  recordedMiles: 300,
  greatCircleMiles: 299.5,
  originName: 'A',
  destinationName: 'B',
})
const good = {
  pairs: Array.from({ length: 200 }, (_, i) => pair(i)),
  rmsMiles: 1.5,
  meanDelay: 8.2,
  stdDelay: 30.1,
  logLoss: 0.5,
  brier: 0.16,
  queries: { written: 403, run: 4 },
  kernelScratchBytes: 4096,
  targets: { interpret: { ms: 900 }, ts: { ms: 90 }, wasm: { ms: 40 } },
  identicalBits: true,
}

test('a right report has no problems', () => expect(reportProblems(good)).toEqual([]))

test.each([
  ['a missing number', { ...good, brier: undefined }, /^brier is undefined, not number$/],
  ['a number that JSON could not hold', { ...good, rmsMiles: null }, /rmsMiles/],
  [
    'a missing target',
    { ...good, targets: { interpret: { ms: 1 }, ts: { ms: 1 } } },
    /^targets.wasm is undefined, not an object$/,
  ],
  ['too few pairs', { ...good, pairs: good.pairs.slice(1) }, /199 pairs/],
  [
    'pairs out of order',
    { ...good, pairs: [good.pairs[2], good.pairs[0], ...good.pairs.slice(1, 199)] },
    /out of order/,
  ],
  [
    'a tie in the wrong order',
    { ...good, pairs: [good.pairs[1], good.pairs[0], ...good.pairs.slice(2)] },
    /out of order/,
  ],
  ['nothing saved', { ...good, queries: { written: 403, run: 403 } }, /403 queries ran/],
  ['different bits', { ...good, identicalBits: false }, /differ/],
  ['no object at all', 'report', /the report is "report", not an object/],
])('%s is found', (_, report, problem) => {
  const problems = reportProblems(report)
  expect(problems.length).toBeGreaterThan(0)
  expect(problems.join('\n')).toMatch(problem)
})
