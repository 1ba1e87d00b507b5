/** Passes that nobody has to trust: the optimiser, its certificates, and the checkers that decide. */

export { batch } from './batch.ts'
export type { BindCertificate } from './bind.ts'
export { bind, bindGraph } from './bind.ts'
export type {
  BatchCertificate,
  BatchClaim,
  Certificate,
  CertificateKind,
  DceCertificate,
  FuseCertificate,
  MergeCertificate,
  NeedJson,
  PlaceCertificate,
  SimplifyCertificate,
  VectoriseCertificate,
} from './certificate.ts'
export type { Checker, Obligation, Refusal } from './check/index.ts'
export { checkers, judge } from './check/index.ts'
export { dce } from './dce.ts'
export { fuse } from './fuse.ts'
export type { Event } from './history.ts'
export { History } from './history.ts'
export type { Law, Mode } from './laws/index.ts'
export { laws, modes } from './laws/index.ts'
export type { Optimised, OptimiseOptions, OptimizationFailed, Step } from './manager.ts'
export { optimise, runPass } from './manager.ts'
export { merge } from './merge.ts'
export type { Note, Outcome, Pass, Tell } from './pass.ts'
export { pipeline } from './pipeline.ts'
export type { Placement } from './place/index.ts'
export { placement } from './place/index.ts'
export { simplify } from './simplify.ts'
export type { Trusted } from './trust.ts'
export { trustedLines } from './trust.ts'
export { vectorise } from './vectorise.ts'
