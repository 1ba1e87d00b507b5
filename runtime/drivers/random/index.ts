import { right } from '../../../graph/either.ts'
import type { Driver } from '../../driver.ts'
import { node, part } from '../depends.ts'
import { failed, messageOf, notMine } from '../failure.ts'

export interface RandomOptions {
  /** Another source of `count` bytes (a cryptographic one). */
  readonly bytes?: (count: number) => Uint8Array
  /** The most bytes of one call (1 MiB). */
  readonly maxBytes?: number
}

/** Random bytes. */
export const random = ({ bytes = webCrypto, maxBytes = 2 ** 20 }: RandomOptions = {}): Driver => ({
  kind: 'random',
  effects: ['randomBytes'],
  assumptions: [
    {
      id: 'random.source',
      kind: 'external',
      statement: "The system's random source is cryptographically strong.",
      dependsOn: [node, part("the operating system's random source")],
      supports: ['OraclesAreIndexed'],
      failureMode: 'Keys and tokens made from the bytes could be guessed.',
      mitigation: 'Calls are never merged; a fixed source belongs in tests only.',
      probe: { by: 'none', reason: 'no program can tell strong random bytes from weak ones' },
      expiry: { after: '2027-12-31' },
    },
  ],
  perform: async (call) => {
    if (call.effect !== 'randomBytes') return notMine(call, 'random')
    const { count } = call.attrs
    if (count > maxBytes) {
      return failed(call, {
        tag: 'TooLarge',
        cause: `${count} random bytes were asked for, and one call gives at most ${maxBytes}`,
        remedy: "ask for fewer, or raise maxBytes in the driver's options",
      })
    }
    try {
      const made = bytes(count)
      if (made.length === count) return right(Uint8Array.from(made)) // a copy: Buffers share a pool
      return failed(call, {
        tag: 'Unknown',
        cause: `the source gave ${made.length} bytes instead of ${count}`,
        remedy: 'correct the bytes that was handed in',
      })
    } catch (e) {
      return failed(call, {
        tag: 'Unknown',
        cause: `the random source failed: ${messageOf(e)}`,
        remedy: 'correct the bytes that was handed in',
        original: e,
      })
    }
  },
  close: async () => {},
})

/** The global source: unlike `node:crypto`, it costs nothing until it is asked. It fills at most 64 KiB at a time. */
const webCrypto = (count: number): Uint8Array => {
  const out = new Uint8Array(count)
  for (let at = 0; at < count; at += 65_536) crypto.getRandomValues(out.subarray(at, at + 65_536))
  return out
}
