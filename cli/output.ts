import { Console } from 'node:console'
import pc from 'picocolors'

export type Colors = ReturnType<typeof pc.createColors>

/** Colours belong on terminals; NO_COLOR and FORCE_COLOR mean what they mean everywhere. */
const wantsColor = (stream: NodeJS.WriteStream): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '' && FORCE_COLOR !== '0') return true
  return stream.isTTY === true && TERM !== 'dumb'
}
export const outColors = (): Colors => pc.createColors(wantsColor(process.stdout))
export const errColors = (): Colors => pc.createColors(wantsColor(process.stderr))
export const plain: Colors = pc.createColors(false)

/** Whether somebody watches: progress is for them only. */
export const isWatched = (): boolean =>
  process.stderr.isTTY === true && (process.stderr.columns ?? 0) > 0 && process.env.CI === undefined

const write = (stream: NodeJS.WriteStream, text: string): Promise<void> =>
  new Promise((resolve) => {
    // The reader may have left (`quoin explain g.ts | head`); that is theirs to decide and no error.
    stream.write(text, () => resolve())
  })
export const out = (text: string): Promise<void> => write(process.stdout, text.endsWith('\n') ? text : `${text}\n`)
export const err = (text: string): Promise<void> => write(process.stderr, text.endsWith('\n') ? text : `${text}\n`)

/**
 * A reader that leaves hears no more, and what is to be found out is found out all the same: the process ends as it would
 * have ended. What cannot be written for another reason (a full disk) ends it.
 */
export const quietPipes = (leave: (code: number) => never): void => {
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', (e: NodeJS.ErrnoException) => {
      if (e.code !== 'EPIPE') leave(1)
    })
}

/**
 * Standard output is for the one answer of a command. What graph files print while they load goes to standard error,
 * so that `--json | jq` keeps working.
 */
export const keepOutputClean = (): void => {
  globalThis.console = new Console({ stdout: process.stderr, stderr: process.stderr })
}

const noise = new Set(['MODULE_TYPELESS_PACKAGE_JSON'])
/** Node's remarks on how a graph file was loaded say nothing about the graph. */
export const quietLoader = (): void => {
  process.removeAllListeners('warning')
  process.on('warning', (w: Error & { code?: string }) => {
    if (w.name === 'ExperimentalWarning' || noise.has(w.code ?? '')) return
    process.stderr.write(`${errColors().yellow('warning:')} ${w.message}\n`)
  })
}
