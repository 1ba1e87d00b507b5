import { expect, test } from 'vitest'
import { batchingTraces } from './traces/batching.ts'
import { boundsTraces } from './traces/bounds.ts'
import { cancellationTraces } from './traces/cancellation.ts'
import { limitsTraces } from './traces/limits.ts'
import { singleFlightTraces } from './traces/single-flight.ts'

/** Of the engine and of blocks there is more to say: those are beside their walks. */
test.each([batchingTraces, boundsTraces, cancellationTraces, limitsTraces, singleFlightTraces])(
  'what was recorded is a behaviour of $name, and corrupted traces mostly are none',
  async (t) => {
    const all = await t.record()
    const real = all.filter((x) => x.real)
    expect(real.filter((x) => !t.accepted(x))).toEqual([])
    const bad = all.filter((x) => !x.real)
    const refused = bad.filter((x) => !t.accepted(x)).length
    process.stdout.write(
      `${t.name}: ${real.length} recorded traces accepted; of ${bad.length} corrupted ones ${refused} refused, the others are behaviours too\n`,
    )
    expect(refused).toBeGreaterThan(bad.length / 2)
  },
  300_000,
)
