/** Distinct states of the models of the lifecycle: both checkers find so many, and another number is another model. */
export const distinct = { Small: 116, Large: 3078 } as const

/** A change to a specification that must be found, and what it violates. */
export interface Mutant {
  readonly about: string
  readonly from: string
  readonly to: string
  readonly violates: string
}
/** The text with the change; a change that no longer applies is an error, not a pass. */
export const mutated = (spec: string, m: Mutant): string => {
  if (spec.split(m.from).length !== 2) throw new Error(`the mutant '${m.about}' does not apply exactly once`)
  return spec.replace(m.from, () => m.to)
}

export const unsafe: readonly Mutant[] = [
  {
    about: 'the last run leaves as the others do',
    from: '/\\ st[h][v] = "Executing" /\\ runs[h][v] > 1',
    to: '/\\ st[h][v] = "Executing" /\\ runs[h][v] > 0',
    violates: 'RunsHaveCode',
  },
  {
    about: 'what has left is still leaving',
    from: 'Count(h, v, 0) /\\ Mark(h, v, "no") /\\ OnlyBuild',
    to: 'Count(h, v, 0) /\\ UNCHANGED leaving /\\ OnlyBuild',
    violates: 'OnlyRunningLeaves',
  },
  {
    about: 'installing does not look whether there is room',
    from: 'Head(line) = <<h, v>> /\\ ~Full',
    to: 'Head(line) = <<h, v>>',
    violates: 'NeverTooMany',
  },
  {
    about: 'who is forgotten still stands in the line',
    from: `/\\ Become(h, v, "Evicted") /\\ OnlyState
  /\\ line' = IF st[h][v] = "Compiling" THEN Without(<<h, v>>) ELSE line`,
    to: `/\\ Become(h, v, "Evicted") /\\ OnlyState /\\ UNCHANGED line`,
    violates: 'LineIsRight',
  },
  {
    about: 'a new version is its own way back',
    from: 'IF fall[h] = 0 THEN cur[h] ELSE fall[h]',
    to: 'IF fall[h] = 0 THEN latest[h] + 1 ELSE fall[h]',
    violates: 'CanRun',
  },
  {
    about: 'runs are not counted to their limit',
    from: 'leaving[h][v] = "no" /\\ runs[h][v] < MaxRuns',
    to: 'leaving[h][v] = "no"',
    violates: 'TypeOK',
  },
]

/** Only fairness and liveness tell these; the first two are the holes of the first drafts. */
export const stuck: readonly Mutant[] = [
  {
    about: 'only what was superseded goes, not what was rolled back',
    from: 'Retired(h, v) == v <= latest[h] /\\ v # cur[h] /\\ v # fall[h]',
    to: 'Retired(h, v) == v <= latest[h] /\\ v < cur[h] /\\ v # fall[h]',
    violates: 'NothingStays',
  },
  {
    about: 'what is in use is handed out while somebody waits for its room',
    from: '/\\ st[h][v] = "Executing" /\\ leaving[h][v] = "no" /\\ (Retired(h, v) \\/ Wanted)',
    to: '/\\ st[h][v] = "Executing" /\\ leaving[h][v] = "no" /\\ Retired(h, v)',
    violates: 'NobodyStarves',
  },
  {
    about: 'runs begin in what has to leave',
    from: 'v = cur[h] /\\ leaving[h][v] = "no" /\\ runs',
    to: 'v = cur[h] /\\ runs',
    violates: 'Drains',
  },
]
