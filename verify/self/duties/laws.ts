import { holds, missing } from '../../gate/judge.ts'
import { open, readCache, solverName } from '../../proofs/cache.ts'
import type { Obligation as Law } from '../../proofs/obligations.ts'
import { obligations } from '../../proofs/obligations.ts'
import type { Duty, Source } from '../duty.ts'
import { duty, named, tests } from '../duty.ts'

/** What is owed for each law at each choice of elements, by the evidence it claims. */
export const lawDuties = (): readonly Duty[] => {
  const unproved = new Set(open(readCache()).map((o) => o.id))
  const source = (o: Law): Source => {
    switch (o.by) {
      case 'smt':
        return {
          from: 'here',
          rests: ['verify/proofs', 'passes/laws', 'graph'],
          look: () =>
            unproved.has(o.id)
              ? missing('there is no proof of what it says now')
              : holds({ kind: 'proved', by: solverName() }),
        }
      case 'exhaustion':
        return tests('test/laws/proofs.test.ts', named('small laws hold on every value, the others on edge values'), {
          as: { kind: 'exhausted', domain: 'all truth values of its variables' },
        })
      case 'cells':
        return tests('test/laws/cells.test.ts', named(`${o.id} moves the same cells`))
      case 'reason':
        return tests(
          'test/laws/laws.test.ts',
          named(`laws of ${o.law.family} fire, mean the same, cost less and come to an end`, o.law.name),
        )
    }
  }
  return [
    ...obligations.map((o) =>
      duty(`law/${o.id.replaceAll(' ', '/')}`, `law ${o.id}: both sides mean the same`, source(o), {
        tier: o.by === 'smt' ? 'fast' : 'default',
        rows: [2],
        checklist: ['passes'],
        file: `passes/laws/${o.law.family}.ts`,
        fix: o.by === 'smt' ? 'npm run prove, and commit verify/proofs/cache.json' : 'npm test -- test/laws',
      }),
    ),
    duty(
      'laws/solver-runs',
      'the solver runs: what changed is proved, and a tenth of the rest again',
      { from: 'command', name: 'npm', args: ['run', 'prove', '--', '--check'] },
      { rows: [2], checklist: ['passes'] },
    ),
    duty(
      'laws/listed',
      'the list of laws is the list of proofs: neither has what the other lacks',
      tests(
        'test/laws/proofs.test.ts',
        named('every law has its evidence at every element it is used at, and nothing else has'),
      ),
      { rows: [2], checklist: ['passes'] },
    ),
  ]
}
