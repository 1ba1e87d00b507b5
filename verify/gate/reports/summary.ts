import type { Summary } from '../../../runtime/verified.ts'
import { summaryTypes } from '../../../runtime/verified.ts'
import { counts, passed } from '../judge.ts'
import type { Report } from '../model.ts'

/** A file of an artefact, by the name under which it is deployed. */
export interface Subject {
  readonly name: string
  readonly sha256: string
}

/**
 * A verification summary as in-toto and SLSA define it (statement v1, predicate v1): which bytes were looked at, by whom,
 * under which policy, and whether they passed. It is not signed here; who signs it puts it into an envelope.
 */
export const summary = (
  r: Report,
  subjects: readonly Subject[],
  policy: Subject,
  basis?: Summary['predicate']['quoinBasis'],
): Summary => ({
  _type: summaryTypes.statement,
  subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
  predicateType: summaryTypes.predicate,
  predicate: {
    verifier: { id: 'https://www.npmjs.com/package/quoin#verify', version: { quoin: r.quoin, node: r.node } },
    timeVerified: r.began.replace(/\.\d+Z$/, 'Z'),
    resourceUri: `quoin:${encodeURIComponent(r.subject)}`,
    policy: { uri: `quoin:${policy.name}`, digest: { sha256: policy.sha256 } },
    verificationResult: passed(r) ? 'PASSED' : 'FAILED',
    verifiedLevels: passed(r) ? [`QUOIN_GATE_${r.tier.toUpperCase()}`] : ['FAILED'],
    // Kinds are not added up: each is a number of its own.
    quoinEvidence: counts(r.verdicts),
    ...(basis === undefined ? {} : { quoinBasis: basis }),
  },
})
