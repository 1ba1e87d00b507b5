import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'

export type Limited = {
  readonly used: number
  readonly largest: number
  readonly late: boolean
  readonly since: number
  readonly ph: 'runs' | 'done' | 'steps' | 'memory' | 'time'
}
export interface LimitsOf {
  readonly fuel: number
  readonly every: number
  readonly most: number
  readonly sizes: readonly number[]
}
export const limited = ({ fuel, every, most, sizes }: LimitsOf): Machine<Limited> => ({
  init: [{ used: 0, largest: 0, late: false, since: 0, ph: 'runs' }],
  next: (s) => {
    if (s.ph !== 'runs') return []
    const out: Move<Limited>[] = sizes.map((size) => {
      const [used, since] = [s.used + 1, s.late ? s.since + 1 : 0]
      const ph = used > fuel ? 'steps' : used % every === 0 && s.late ? 'time' : size > most ? 'memory' : 'runs'
      const made = ph === 'steps' || ph === 'time' ? s.largest : Math.max(s.largest, size)
      return { action: 'Step', args: [size], to: { ...s, used, since, ph, largest: made } }
    })
    if (!s.late) out.push({ action: 'Pass', args: [], to: { ...s, late: true } })
    if (s.late) out.push({ action: 'Ask', args: [], to: { ...s, ph: 'time' } })
    out.push({ action: 'End', args: [], to: { ...s, ph: 'done' } })
    return out
  },
})

export const limits: Spec = {
  name: 'Limits',
  about: 'what one run may use: steps, the size of a value, and time, though no timer goes off while it computes',
  code: ['runtime/stopped.ts', 'runtime/run.ts'],
  states: { Small: 75, Large: 291 },
  machine: (c) =>
    limited({
      fuel: c.Fuel as number,
      every: c.Every as number,
      most: c.Most as number,
      sizes: c.Sizes as readonly number[],
    }),
  antecedents: {
    Within: (s: Limited) => s.ph === 'steps',
    NothingLarge: (s: Limited) => s.ph === 'memory',
    Noticed: (s: Limited) => s.ph === 'runs' && s.since > 0,
    Truly: (s: Limited) => s.ph === 'time',
    'a run ends although its time is over': (s: Limited) => s.ph === 'done' && s.late,
    'it is late and has used up its steps': (s: Limited) => s.ph === 'steps' && s.late,
    Ends: (s: Limited) => s.ph === 'runs',
  },
  unsafe: [
    {
      about: 'who is late at a door is nowhere',
      from: `/\\ ph = "runs" /\\ late
  /\\ ph' = "time"`,
      to: `/\\ ph = "runs" /\\ late
  /\\ ph' = "gone"`,
      violates: 'TypeOK',
    },
    {
      about: 'one step too many goes through',
      from: 'IF used + 1 > Fuel THEN',
      to: 'IF used > Fuel THEN',
      violates: 'Within',
    },
    {
      about: 'values may be a little too large',
      from: 'IF s > Most THEN "memory"',
      to: 'IF s > Most + 1 THEN "memory"',
      violates: 'NothingLarge',
    },
    {
      about: 'the clock is looked at half as often',
      from: 'Looks == (used + 1) % Every = 0',
      to: 'Looks == (used + 1) % (2 * Every) = 0',
      violates: 'Noticed',
    },
    {
      about: 'who is late is told that it computed too much',
      from: 'IF Looks /\\ late THEN ph\' = "time"',
      to: 'IF Looks /\\ late THEN ph\' = "steps"',
      violates: 'Truly',
    },
  ],
  stuck: [
    {
      about: 'nobody is obliged to compute',
      from: ' /\\ WF_vars(\\E s \\in Sizes : Step(s))',
      to: '',
      violates: 'Ends',
      model: 'Small',
    },
  ],
  conformance: 'test/specs/limits.test.ts',
  traces: 'test/specs/traces/limits.ts',
}
