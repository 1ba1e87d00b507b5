import { right } from '../../../graph/either.ts'
import type { Driver } from '../../driver.ts'
import { node, part } from '../depends.ts'
import { failed, messageOf, notMine } from '../failure.ts'
import { probed } from '../probing.ts'

export interface ClockOptions {
  /** Milliseconds since 1970-01-01T00:00Z (Date.now). */
  readonly now?: () => number
}

/** The wall clock. */
export const clock = ({ now = Date.now }: ClockOptions = {}): Driver => ({
  kind: 'clock',
  effects: ['nowMs'],
  assumptions: [
    {
      id: 'clock.wall',
      kind: 'external',
      statement: "The system's clock is near the true time; it may step back, and Quoin orders nothing by it.",
      dependsOn: [node, part("the system's clock")],
      supports: ['OraclesAreIndexed'],
      failureMode: 'Two calls of one run may answer times in the wrong order.',
      mitigation: 'Hand in another source with clock({ now }); deadlines and caches use a monotonic clock instead.',
      probe: { by: 'driver' },
      expiry: { after: '2027-12-31' },
    },
  ],
  perform: async (call) => {
    if (call.effect !== 'nowMs') return notMine(call, 'clock')
    try {
      return right(now())
    } catch (e) {
      return failed(call, {
        tag: 'Unknown',
        cause: `the clock failed: ${messageOf(e)}`,
        remedy: 'correct the now that was handed in',
        original: e,
      })
    }
  },
  probe: (context) =>
    probed(
      [
        {
          assumption: 'clock.wall',
          fix: 'correct the clock of this machine, or hand in another with clock({ now })',
          look: async () => {
            const [a, steady] = [now(), performance.now()]
            await new Promise((done) => setTimeout(done, 5))
            const [b, later] = [now(), performance.now()]
            const near = Math.abs(b - a - (later - steady)) < 100
            const year = new Date(b).getUTCFullYear()
            return {
              ok: near && later > steady && year >= 2024,
              found: `${new Date(b).toISOString()}, in step for 5 ms`,
            }
          },
        },
      ],
      context,
    ),
  close: async () => {},
})
