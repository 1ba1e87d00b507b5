import type { Context } from 'z3-solver'

export type Answer = 'unsat' | 'sat' | 'unknown'
export interface Solver {
  readonly version: string
  /** Whether the assertions of a text can be met, within a time limit. */
  readonly ask: (text: string, ms: number) => Promise<Answer>
}
/** z3, started once: it takes half a second. */
export const startZ3 = async (): Promise<Solver> => {
  const { init } = await import('z3-solver')
  const { Context: make, Z3 } = await init()
  const context: Context<'laws'> = make('laws')
  return {
    version: (Z3 as unknown as { get_full_version: () => string }).get_full_version(),
    ask: async (text, ms) => {
      const solver = new context.Solver()
      solver.set('timeout', ms)
      solver.fromString(text)
      const answer = await solver.check()
      solver.release()
      return answer
    },
  }
}
