import type { Options, Outcome } from '../harness.ts'

/** A suite names its workloads; each is prepared, measured and let go before the next, so that only one holds memory. */
export type Suite = {
  readonly about: string
  readonly workloads: Readonly<Record<string, (options: Options) => Promise<Outcome>>>
}
