import type { CertificateKind } from '../../../passes/index.ts'
import { checkers, pipeline } from '../../../passes/index.ts'
import type { Duty, Source } from '../duty.ts'
import { duty, escaped, inside, named, program, tests } from '../duty.ts'

const properties = 'test/passes/properties.test.ts'
const mutants = 'test/passes/mutants.test.ts'

/** Very many graphs, by a program that loads a pass and those before it, each with its checker, and no other. */
const manyGraphs = (pass: string): Source => {
  const upTo = pipeline.map((p) => p.name).slice(0, pipeline.findIndex((p) => p.name === pass) + 1)
  return program(['test/passes/preserved.ts', '--passes', upTo.join(), '--cases', '10000'], {
    from: ['test/passes/preserved.ts', ...upTo.flatMap((p) => [`passes/${p}.ts`, `passes/check/${p}.ts`])],
    reads: [],
  })
}

/** What is owed for each pass of the pipeline. */
const ofPass = (pass: string): readonly Duty[] => {
  const file = `passes/${pass}.ts`
  const preserved = new RegExp(`^optimised means the same[^>]* > ${escaped(pass)}$`)
  return [
    duty(
      `pass/${pass}/preserved`,
      `${pass} keeps values, errors and the world, on generated graphs full of edge values`,
      tests(properties, preserved),
      { checklist: ['passes'], file },
    ),
    duty(
      `pass/${pass}/preserved-10000`,
      `${pass} keeps values, errors and the world, on 10,000 graphs`,
      manyGraphs(pass),
      { tier: 'deep', rows: [1], checklist: ['passes'], file },
    ),
    duty(
      `pass/${pass}/left-out`,
      `the pipeline without ${pass} means the same`,
      tests(properties, new RegExp(`> the pipeline without ${escaped(pass)}$`), { share: 1 / 3 }),
      { checklist: ['passes'], file },
    ),
    duty(
      `pass/${pass}/wrong-versions`,
      `wrong versions of ${pass} are refused, named with their subgraph, and cost speed alone`,
      tests(mutants, named(`wrong versions of ${pass}`)),
      { tier: 'fast', rows: [4], checklist: ['passes'], file },
    ),
    duty(
      `pass/${pass}/wrong-as-any`,
      `${pass} is refused when it does what any pass could do wrong`,
      tests(mutants, named(`${pass}, gone wrong as any pass could`)),
      { tier: 'fast', rows: [4], checklist: ['passes'], file },
    ),
  ]
}

/** What is owed for each kind of certificate: a kind is a checker. */
const ofChecker = (kind: CertificateKind): Duty =>
  duty(
    `checker/${kind}/mutants`,
    `the checker of '${kind}' refuses claims that are wrong on purpose`,
    kind === 'place'
      ? tests('test/place/mutants.test.ts', named('a placement that is wrong on purpose'))
      : tests(mutants, named(`wrong versions of ${kind}`)),
    { tier: 'fast', rows: [3], checklist: ['passes'], file: `passes/check/${kind}.ts` },
  )

export const passDuties = (): readonly Duty[] => [
  ...pipeline.flatMap((p) => ofPass(p.name)),
  ...(Object.keys(checkers) as CertificateKind[]).map(ofChecker),
  duty(
    'pipeline/preserved',
    'the whole pipeline keeps values, errors and the world, and asks no more queries',
    tests(properties, /> the whole pipeline/),
    { checklist: ['passes'] },
  ),
  duty(
    'pipeline/every-subset',
    'the pipeline without any passes one likes means the same',
    tests(properties, /> the pipeline without any passes one likes$/, { share: 1 / 3 }),
    { checklist: ['passes'] },
  ),
  duty(
    'checkers/independent',
    'checkers import graphs, laws and each other, and nothing of a pass',
    tests('test/shape/shape.test.ts', inside('the shape of this repository')),
    { rows: [3], checklist: ['passes'], file: 'passes/check/index.ts' },
  ),
  duty(
    'checkers/corrupted',
    '1,000 corrupted certificates are refused, each for the right reason',
    tests('test/passes/corruption.test.ts', named('corrupted certificates are refused for the right reason')),
    { rows: [3], checklist: ['passes'] },
  ),
]
