import * as t from 'io-ts'

/** What `npm start -- --json` prints. */
const stage = t.strict({ ms: t.number })
const pair = t.strict({
  origin: t.string,
  destination: t.string,
  flights: t.Integer,
  meanDelay: t.number,
  recordedMiles: t.number,
  greatCircleMiles: t.number,
  originName: t.string,
  destinationName: t.string,
})
const report = t.strict({
  pairs: t.array(pair),
  rmsMiles: t.number,
  meanDelay: t.number,
  stdDelay: t.number,
  logLoss: t.number,
  brier: t.number,
  queries: t.strict({ written: t.Integer, run: t.Integer }),
  kernelScratchBytes: t.Integer,
  targets: t.strict({ interpret: stage, ts: stage, wasm: stage }),
  identicalBits: t.boolean,
})
type Report = t.TypeOf<typeof report>

/** What is wrong with a report: its form first, then what any right report says. */
export const reportProblems = (json: unknown): readonly string[] => {
  const decoded = report.decode(json)
  return decoded._tag === 'Left' ? decoded.left.slice(0, 20).map(formProblem) : contentProblems(decoded.right)
}

const formProblem = ({ context, value }: t.ValidationError): string => {
  const place = context.map(({ key }) => key).filter((key) => key !== '')
  const wanted = context.at(-1)?.type
  const kind = wanted instanceof t.ExactType ? 'an object' : wanted?.name
  return `${place.join('.') || 'the report'} is ${JSON.stringify(value)}, not ${kind}`
}

const contentProblems = (r: Report): readonly string[] => [
  ...(r.pairs.length === 200 ? [] : [`there are ${r.pairs.length} pairs, not 200`]),
  ...r.pairs.flatMap((p, i) => {
    const before = r.pairs[i - 1]
    return before === undefined || inOrder(before, p)
      ? []
      : [`pair ${i} (${p.origin}–${p.destination}) is out of order`]
  }),
  ...(r.queries.run < r.queries.written ? [] : [`${r.queries.run} queries ran of ${r.queries.written} written`]),
  ...(r.identicalBits ? [] : ['interpreter, TypeScript and WebAssembly differ in some bit']),
]

type Pair = t.TypeOf<typeof pair>
const inOrder = (a: Pair, b: Pair): boolean =>
  a.flights > b.flights || (a.flights === b.flights && `${a.origin} ${a.destination}` < `${b.origin} ${b.destination}`)
