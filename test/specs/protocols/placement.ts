import type { Machine, Move } from '../machine.ts'
import type { Spec } from '../spec.ts'
import { combinations, upTo } from './values.ts'

interface Placed {
  readonly site: readonly number[]
  readonly at: number
  readonly ask: readonly boolean[]
  readonly tell: readonly boolean[]
  readonly kept: readonly boolean[]
  readonly times: readonly number[]
}
const placed = (n: number): Machine<Placed> => {
  const none = upTo(n).map(() => false)
  return {
    init: combinations(upTo(n).map(() => [1, 2])).map((site) => ({
      site,
      at: 1,
      ask: none,
      tell: none,
      kept: none,
      times: site.map(() => 0),
    })),
    next: (s) => {
      const out: Move<Placed>[] = []
      for (const [i, site] of s.site.entries()) {
        const k = i + 1
        const tell = (action: string, to: Partial<Placed>) => out.push({ action, args: [k], to: { ...s, ...to } })
        const more = s.times.with(i, s.times[i]! + 1)
        if (s.at === k && site === 1) tell('Local', { times: more, at: k + 1 })
        if (s.at === k && site === 2 && !s.ask[i]) tell('Send', { ask: s.ask.with(i, true) })
        if (s.ask[i]) {
          const served = { times: s.kept[i] ? s.times : more, kept: s.kept.with(i, true), tell: s.tell.with(i, true) }
          const gone = { ask: s.ask.with(i, false) }
          tell('Deliver', { ...served, ...gone })
          tell('Repeat', served)
          tell('Lose', gone)
        }
        if (s.tell[i]) {
          const gone = { tell: s.tell.with(i, false) }
          const at = s.at === k ? k + 1 : s.at
          tell('Return', { ...gone, at })
          if (s.at === k) tell('Echo', { at })
          tell('Miss', gone)
        }
      }
      return out
    },
  }
}

const far = (s: Placed): number => s.site.indexOf(2)
export const placement: Spec = {
  name: 'Placement',
  about: 'steps on two sites, with messages that are lost, late and repeated; model-checked only',
  code: ['passes/place'],
  states: { Small: 74, Large: 2046 },
  machine: (c) => placed(c.N as number),
  antecedents: {
    OnceEach: (s: Placed) => s.kept.some((k, i) => k && s.ask[i]!),
    InOrder: (s: Placed) => s.times.every((t) => t > 0) && far(s) === 0,
    Truly: (s: Placed) => s.at === s.site.length + 1,
    InPlace: (s: Placed) => s.kept.includes(true) && s.site.includes(1),
    'an answer comes that nobody waits for': (s: Placed) => s.tell.some((t, i) => t && s.at > i + 1),
    'a question comes that was answered long ago': (s: Placed) => s.ask.some((a, i) => a && s.at > i + 1),
    'an answer was lost': (s: Placed) => s.kept.some((k, i) => k && s.at === i + 1 && !s.tell[i]),
    Ends: (s: Placed) => s.at <= s.site.length,
    Served: (s: Placed) => s.site[s.at - 1] === 2 && !s.kept[s.at - 1],
  },
  shortcuts: {
    Repeat: { why: 'a question that was delivered may also be sent again' },
    Lose: { why: 'a question that was lost is as one that was not sent' },
    Echo: { why: 'an answer that came and comes once more has come' },
    Deliver: { breaks: 'Ends' },
    Return: { breaks: 'Ends' },
  },
  unsafe: [
    {
      about: 'a site goes on behind the end',
      from: "Goes(k) == at' = IF at = k THEN k + 1 ELSE at",
      to: "Goes(k) == at' = IF at = k THEN N + 2 ELSE at",
      violates: 'TypeOK',
    },
    {
      about: 'site 2 does not remember what it has done',
      from: '/\\ IF kept[k] THEN UNCHANGED times ELSE Done(k)',
      to: '/\\ Done(k)',
      violates: 'OnceEach',
    },
    {
      about: 'an answer is taken for that of the step after next',
      from: "Goes(k) == at' = IF at = k THEN k + 1 ELSE at",
      to: "Goes(k) == at' = IF at = k /\\ k < N THEN k + 2 ELSE k + 1",
      violates: 'Truly',
    },
    {
      about: 'questions go out before their turn',
      from: '/\\ at = k /\\ site[k] = 2 /\\ ~ask[k]',
      to: '/\\ at <= k /\\ site[k] = 2 /\\ ~ask[k]',
      violates: 'InOrder',
    },
    {
      about: 'site 2 is asked for what is here',
      from: '/\\ at = k /\\ site[k] = 2 /\\ ~ask[k]',
      to: '/\\ at = k /\\ ~ask[k]',
      violates: 'InPlace',
    },
  ],
  stuck: [
    {
      about: 'nothing is asked for again',
      from: '/\\ at = k /\\ site[k] = 2 /\\ ~ask[k]',
      to: '/\\ at = k /\\ site[k] = 2 /\\ ~ask[k] /\\ ~kept[k]',
      violates: 'Ends',
      model: 'Small',
    },
    {
      about: 'links may lose whatever is sent, again and again',
      from: 'SF_vars(Deliver(k))',
      to: 'WF_vars(Deliver(k))',
      violates: 'Served',
      model: 'Small',
    },
  ],
  runtime: { is: 'none', needs: ['graph/topology.ts', 'passes/place/'] },
}
