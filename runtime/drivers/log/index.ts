import type { Call } from '../../../graph/effects.ts'
import { right } from '../../../graph/either.ts'
import type { Driver } from '../../driver.ts'
import { node, part } from '../depends.ts'
import { failed, messageOf, notMine } from '../failure.ts'

export interface LogOptions {
  /** Takes one line without its end (standard error). */
  readonly write?: (line: string, level: 'debug' | 'info' | 'warn' | 'error') => void | Promise<void>
  readonly now?: () => number
}

/** One JSON object a line: `{"time":…,"level":…,"message":…,"data":…}`. */
export const log = ({ write = toStandardError, now = Date.now }: LogOptions = {}): Driver => ({
  kind: 'log',
  effects: ['logLine'],
  assumptions: [
    {
      id: 'log.delivery',
      kind: 'driver',
      statement: 'A line that the stream took is kept by whoever reads it.',
      dependsOn: [node, part('the stream that was handed in')],
      supports: ['WritesHappenOnce'],
      failureMode: 'Lines may be lost when the process is killed or the reader is gone.',
      mitigation: 'Use a driver with acknowledgement where a record is an obligation; a log line is never sent twice.',
      probe: { by: 'none', reason: 'what a reader keeps cannot be seen from where lines are written' },
      expiry: { after: '2027-12-31' },
    },
  ],
  perform: async (call) => {
    if (call.effect !== 'logLine') return notMine(call, 'logLine')
    try {
      await write(lineOf(call, now()), call.attrs.level)
      return right(null)
    } catch (e) {
      return failed(call, {
        tag: 'Unknown',
        cause: `the line could not be written: ${messageOf(e)}`,
        remedy: 'check the stream that takes the log',
        original: e,
      })
    }
  },
  close: async () => {},
})

const lineOf = (call: Call & { readonly effect: 'logLine' }, now: number): string => {
  const [message, data] = call.args
  const time = new Date(now).toISOString()
  return JSON.stringify({ time, level: call.attrs.level, message, ...(data == null ? {} : { data }) })
}

const toStandardError = (line: string): Promise<void> =>
  new Promise((resolve, reject) => {
    process.stderr.write(`${line}\n`, (e) => (e == null ? resolve() : reject(e)))
  })
