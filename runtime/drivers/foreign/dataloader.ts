import type { Assumption } from '../../assumption.ts'
import { packageOf, part } from '../depends.ts'
import type { ForeignOptions } from './index.ts'

/** The part of a DataLoader that is used, as a structural type. */
export interface Loader<K, V> {
  load(key: K): Promise<V>
  loadMany(keys: ArrayLike<K>): Promise<(V | Error)[]>
  clear(key: K): unknown
}

const kept: Assumption = {
  id: 'foreign.loader-cache',
  kind: 'staleness',
  statement: 'Readers accept what the DataLoader remembers, however old it is.',
  dependsOn: [packageOf('dataloader', '^2.2.0'), part('the loader that is bound')],
  restsOn: ['foreign.footprint'],
  supports: ['MergedReadsAgree', 'ConflictsAreOrdered'],
  failureMode: 'A read after a write sees the value from before.',
  mitigation: 'Leave keepCache out, or clear the loader where something is written.',
  probe: { by: 'test', file: 'test/drivers/foreign.test.ts' },
  expiry: { of: 'dataloader', from: '3.0.0' },
}

/**
 * An existing DataLoader as the functions of a foreign effect. Its keys are forgotten before each load, so that a read
 * sees what was written before it; `keepCache` leaves them, which the inventory then says.
 */
export const fromDataLoader = <K, V>(
  loader: Loader<K, V>,
  { keepCache = false }: { readonly keepCache?: boolean } = {},
): Pick<ForeignOptions<K, V>, 'one' | 'many' | 'assumptions'> & {
  readonly many: NonNullable<ForeignOptions<K, V>['many']>
} => {
  const fresh = (keys: readonly K[]): void => {
    if (!keepCache) for (const k of keys) loader.clear(k)
  }
  return {
    one: (key) => {
      fresh([key])
      return loader.load(key)
    },
    many: (keys) => {
      fresh(keys)
      return loader.loadMany(keys)
    },
    assumptions: keepCache ? [kept] : [],
  }
}
