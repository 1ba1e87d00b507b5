import type { RunOptions } from '../run.ts'
import type { StaticKernel } from '../statics/kernel.ts'
import type { SubmitOptions } from './options.ts'
import type { Version } from './version.ts'
import type { Choices } from './workshop.ts'

export interface HandleRunOptions extends RunOptions {
  /** On whose behalf it runs; the engine's `drivers` are asked for theirs. */
  readonly authority?: string
}

/** What stands behind a handle: the version that runs begin in, and the one to go back to. */
export class Slot {
  readonly number: number
  readonly options: SubmitOptions
  readonly choices: Choices
  /** Set right after it is made. */
  current!: Version
  /** The last version that was trusted, while its successor is on probation. */
  fallback: Version | undefined
  latest = 1
  closed = false

  constructor(number: number, options: SubmitOptions, statics: readonly StaticKernel[]) {
    const { off, relax, collapse } = options
    this.number = number
    this.options = options
    this.choices = {
      ...(off === undefined ? {} : { off: [...off].sort() }),
      ...(relax === undefined || relax.length === 0 ? {} : { relax: [...relax].sort() }),
      ...(collapse === undefined ? {} : { collapse: [...collapse].sort() }),
      ...(statics.length === 0 ? {} : { statics: statics.map(({ choice, assumptions }) => ({ choice, assumptions })) }),
    }
  }
}
