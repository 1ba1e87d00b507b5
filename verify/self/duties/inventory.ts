import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Assumption } from '../../../runtime/assumption.ts'
import { ownAssumptions, withoutBearing } from '../../assumptions/own.ts'
import type { InventoryProblem } from '../../assumptions/problems.ts'
import { inventoryProblems } from '../../assumptions/problems.ts'
import { installedVersions, packagesIn, specified } from '../../assumptions/versions.ts'
import { holds, refuted } from '../../gate/judge.ts'
import { linesOf } from '../../gate/project/lines.ts'
import { ownSources } from '../../scan/tree.ts'
import type { Duty, Source } from '../duty.ts'
import { duty, named, tests } from '../duty.ts'
import { root } from '../tree.ts'

const own = 'verify/assumptions/own.ts'

/** Expiry is of the day on which the gate runs, so this is looked at each time. */
const problems = (): readonly InventoryProblem[] => {
  const own = ownAssumptions()
  return inventoryProblems(own, {
    versions: installedVersions(own, root),
    today: new Date().toISOString().slice(0, 10),
    packages: packagesIn(ownSources(root)),
    withoutBearing,
    exists: (file) => existsSync(join(root, file)),
    specified: specified(root),
  })
}

/** Where an assumption is tried: by which program, or why by none. */
const probeOf = ({ id, probe }: Assumption): Source => {
  switch (probe.by) {
    case 'test':
      return tests(probe.file)
    case 'driver':
      return tests('test/drivers/probes.test.ts')
    case 'quoin':
      return tests('test/inventory/broken.test.ts', named(id))
    case 'none':
      return {
        from: 'here',
        rests: [],
        look: () => holds({ kind: 'assumed', assumption: 'no probe', why: probe.reason }),
      }
  }
}

/** What is owed for assumptions: Quoin's own, one by one, and all of them together. */
export const inventoryDuties = (): readonly Duty[] => [
  duty(
    'inventory/complete',
    'nothing that Quoin rests on is undeclared; nothing declared is unused, dangling, out of its range or expired today',
    {
      from: 'here',
      rests: ['verify/assumptions', 'runtime', 'graph', 'passes', 'codegen', 'verify/scan', 'cli'],
      look: () => {
        const found = problems()
        return found.length === 0
          ? holds({ kind: 'exhausted', domain: `its ${ownAssumptions().length} assumptions` })
          : refuted(found.map((p) => p.message).join('; '), {
              fix: found[0]!.remedy,
              place: { file: own, line: linesOf(readFileSync(join(root, own), 'utf8')).named(found[0]!.about) },
            })
      },
    },
    { tier: 'fast', rows: [11], checklist: ['inventory'], file: own },
  ),
  ...ownAssumptions().flatMap((a) => [
    duty(
      `assumption/${a.id}/stated`,
      a.statement,
      {
        from: 'here',
        rests: ['verify/assumptions'],
        look: () => holds({ kind: 'assumed', assumption: a.id, why: a.mitigation }),
      },
      {
        tier: 'fast',
        rows: [11],
        checklist: a.kind === 'unsafe' || a.kind === 'relaxation' ? ['inventory', 'unsafe'] : ['inventory'],
      },
    ),
    duty(`assumption/${a.id}/probed`, `'${a.id}' is tried by a program`, probeOf(a), {
      rows: [13],
      checklist: ['inventory'],
    }),
  ]),
  duty(
    'inventory/transitive',
    'what is known of a property is what rests on it, transitively, and both ways are one',
    tests('test/inventory/own.test.ts'),
    { rows: [11], checklist: ['inventory'] },
  ),
  duty(
    'inventory/scanned',
    'nothing in the sources is undeclared, and nothing is allowed in vain',
    tests(
      'test/inventory/scan.test.ts',
      named('nothing in the sources of Quoin is undeclared, and nothing is allowed in vain'),
    ),
    { rows: [11], checklist: ['unsafe', 'inventory'] },
  ),
  duty(
    'inventory/generated',
    'generated code touches nothing but its support library, and WebAssembly imports nothing',
    tests('test/inventory/scan.test.ts', named('generated code')),
    { checklist: ['unsafe'] },
  ),
  duty(
    'inventory/renewals',
    'a change of inventory, version or specification names what has to be verified again',
    tests('test/inventory/basis.test.ts'),
    { rows: [11], checklist: ['inventory', 'cache'] },
  ),
]
