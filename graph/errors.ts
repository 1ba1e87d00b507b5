/**
 * Every error Quoin reports, as closed unions. Each says where (`place`, `node`), why (`cause`) and what to do
 * (`remedy`); `describeError` turns any of them into one message.
 */
export type QuoinError = CompileError | RunError

interface Told {
  /** `file:line` of the user's source, or the name of a document; empty when there is none. */
  readonly place: string
  readonly cause: string
  readonly remedy: string
}

/** What it is about, as text and as a Mermaid flowchart; long ones are cut (see `excerpt`). */
interface Shown extends Told {
  readonly subgraph: string
  readonly picture: string
}

/** One thing wrong with a graph: the node by name, and the fix. */
export interface Problem extends Told {
  readonly node: string
}

export type CompileError =
  | (Told & {
      readonly _tag: 'InvalidGraph'
      readonly stage: 'build' | 'decode'
      readonly problems: readonly Problem[]
    })
  | (Shown & { readonly _tag: 'OptimizationFailed'; readonly stage: 'optimise'; readonly pass: string })
  | (Shown & { readonly _tag: 'CodegenFailed'; readonly stage: 'generate' })
  | (Shown & { readonly _tag: 'BackendCompileError'; readonly stage: 'assemble' })
  | (Shown & {
      readonly _tag: 'ResourceExceeded'
      readonly stage: CompileStage | 'run'
      readonly what: 'time' | 'memory' | 'nodes'
      readonly node: string
    })
export type CompileStage = 'build' | 'decode' | 'optimise' | 'generate' | 'assemble' | 'load'

/** Where in a run an error arose: the occurrence of the call, and the indices of the surrounding iterations. */
export interface Site extends Told {
  readonly node: string
  readonly occurrence: number
  readonly iteration: readonly number[]
}

/** The closed error tags of each effect. */
export const effectErrors = {
  dbQuery: [
    'Conflict',
    'SerializationFailure',
    'Constraint',
    'Timeout',
    'Connection',
    'NotFound',
    'Refused',
    'NoRow',
    'TooManyRows',
    'TooLarge',
    'Decode',
    'Unknown',
  ],
  fileRead: ['NotFound', 'Permission', 'Escape', 'TooLarge', 'Decode', 'Timeout', 'Unknown'],
  fileWrite: ['NotFound', 'Permission', 'NoSpace', 'Escape', 'TooLarge', 'Timeout', 'Unknown'],
  httpRequest: [
    'Timeout',
    'Connection',
    'NotFound',
    'Conflict',
    'Permission',
    'Refused',
    'Unavailable',
    'Escape',
    'TooLarge',
    'Decode',
    'Unknown',
  ],
  kvGet: ['Timeout', 'Connection', 'Permission', 'Refused', 'TooLarge', 'Decode', 'Unknown'],
  kvSet: ['Timeout', 'Connection', 'Permission', 'Refused', 'NoSpace', 'TooLarge', 'Unknown'],
  kvDelete: ['Timeout', 'Connection', 'Permission', 'Refused', 'Unknown'],
  foreign: [
    'Timeout',
    'Connection',
    'NotFound',
    'Conflict',
    'Permission',
    'Refused',
    'Unavailable',
    'TooLarge',
    'Decode',
    'Unknown',
  ],
  nowMs: ['Unknown'],
  randomBytes: ['TooLarge', 'Unknown'],
  logLine: ['Unknown'],
  /** Beginning and ending a transaction, which is no effect of its own. */
  transaction: [
    'SerializationFailure',
    'Conflict',
    'Constraint',
    'Timeout',
    'Connection',
    'Refused',
    'TooLarge',
    'Unknown',
  ],
} as const
export type EffectName = Exclude<keyof typeof effectErrors, 'transaction'>
export type EffectErrorTag = (typeof effectErrors)[keyof typeof effectErrors][number]

export type EffectError = Site & {
  readonly _tag: EffectErrorTag
  readonly effect: EffectName | 'transaction'
  /** `unknown` when a write was sent and never acknowledged: it may or may not have happened. */
  readonly outcome?: 'unknown'
  /** What the driver said, untouched. */
  readonly original?: unknown
  /** Of a query: the text as written, and the statement that was sent for it, which may be one for many elements. */
  readonly statement?: Statement
}
export interface Statement {
  readonly written: string
  readonly run?: string
}
export type RunError =
  | EffectError
  | (Site & { readonly _tag: 'AssertionFailed' })
  | (Site & { readonly _tag: 'DecodeFailed' })
  | (Site & { readonly _tag: 'Cancelled' })
  | (Told & {
      readonly _tag: 'ResourceExceeded'
      readonly stage: CompileStage | 'run'
      readonly what: 'time' | 'memory' | 'nodes' | 'steps'
      readonly node: string
    })
  | (Told & { readonly _tag: 'InvalidInput'; readonly node: string })
  | (Told & { readonly _tag: 'DriverMissing'; readonly node: string })
  | (Told & { readonly _tag: 'LoadFailed'; readonly node: string })
  /** A recorded run cannot be replayed here. */
  | (Told & { readonly _tag: 'ReplayFailed'; readonly node: string })
  /** Quoin's own mistake, caught at its edge so that it is an answer and not a crash. */
  | (Told & { readonly _tag: 'Bug'; readonly node: string; readonly original?: unknown })

/** One message for any error: what and where, why, and what to do about it. */
export const describeError = (e: QuoinError): string => {
  if (e._tag === 'InvalidGraph' && e.problems.length > 0) {
    const lines = e.problems.map((p) => `  ${where(p)}${p.cause}\n    fix: ${p.remedy}`)
    return [`InvalidGraph: ${e.cause}`, ...lines].join('\n')
  }
  const effect = 'effect' in e ? `${e.effect} ` : ''
  const row = 'iteration' in e && e.iteration.length > 0 ? ` (element ${e.iteration.join('.')})` : ''
  const unknown = 'outcome' in e && e.outcome === 'unknown' ? ' The write may or may not have happened.' : ''
  const query = 'statement' in e && e.statement !== undefined ? queryLines(e.statement) : ''
  return `${e._tag}: ${where(e)}${effect}${e.cause}${row}${unknown}${query}\n  fix: ${e.remedy}`
}
/** The query as written and, where it was sent in other words, as run; long ones are cut. */
const queryLines = ({ written, run }: Statement): string => {
  const [query, sent] = [oneLine(written), oneLine((run ?? written).replace(/\n\/\*[^\n]*\*\/$/, ''))]
  return `\n  query: ${cut(query)}${sent === query ? '' : `\n  run as: ${cut(sent)}`}`
}
const oneLine = (sql: string): string => sql.replace(/\s+/g, ' ').trim()
const cut = (text: string): string => (text.length > 300 ? `${text.slice(0, 299)}…` : text)
const where = (e: Told & { readonly node?: string; readonly pass?: string }): string => {
  const name = e.node ?? e.pass ?? ''
  const parts = [e.place, name === '' ? '' : `'${name}'`].filter((s) => s !== '')
  return parts.length === 0 ? '' : `${parts.join(' ')}: `
}

/** What was thrown where nothing should throw: memory that cannot be had is no mistake of Quoin's. */
export const caught = (node: string, e: unknown): RunError =>
  e instanceof RangeError && /allocation failed|invalid (typed )?array/i.test(e.message)
    ? {
        _tag: 'ResourceExceeded',
        stage: 'run',
        what: 'memory',
        node,
        place: '',
        cause: `a result does not fit into memory: ${e.message}`,
        remedy: 'give the process more memory, or split the work',
      }
    : bug(node, e)

export const bug = (node: string, original: unknown): Extract<RunError, { _tag: 'Bug' }> => ({
  _tag: 'Bug',
  node,
  place: '',
  original,
  cause: `Quoin made a mistake: ${original instanceof Error ? original.message : String(original)}`,
  remedy: 'please report it with the graph (quoin explain --format json) and the inputs',
})
